// avg_pool: the mean of the cells of each window that exist.

import { isConcrete } from '../../ir/types.js'
import type { Windows } from '../../ir/vocabulary.js'
import type { Composite } from '../op.js'
import { slidingWindow, windowsType } from '../primitives/windows.js'
import { paddings } from '../windows.js'
import { Expressions } from './expressions.js'

/**
 * Σ window / number of its cells that lie inside the operand, so that padding does not lower means at the border.
 * Source: keras/src/backend/jax/nn.py average_pool.
 */
export const avgPool: Composite<'avg_pool', 1> = {
  arity: 1,
  infer: ([x], attrs, site) => windowsType('avg_pool', x, attrs, site, ['float32']),
  decompose(emitter, [x], attrs) {
    const e = new Expressions(emitter, x)
    const { shape } = emitter.typeOf(x)
    const spatial = shape.slice(1, -1)
    const sum = e.emit('window_sum', [x], attrs)
    if (isConcrete(spatial) && neverPads(attrs, spatial)) {
      return e.divide(sum, e.scalar(attrs.window.reduce((cells, size) => cells * size, 1)))
    }
    // counted also where nothing is padded but sizes are unknown: two unknown sizes give one named after this node, as its type has it
    const ones = e.emit('broadcast', [e.scalar(1)], { shape: [1, ...spatial, 1] })
    return e.divide(sum, e.emit('window_sum', [ones], attrs))
  },
}

function neverPads(attrs: Windows, sizes: readonly number[]): boolean {
  return paddings(slidingWindow(attrs), sizes)
    .flat()
    .every(cells => cells <= 0)
}
