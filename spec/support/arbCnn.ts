// arbCnn: random convolutional networks of channels before pixels, as layers trace them.

import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { graphToText } from '../../lib/ir/printer.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import { Cnn } from './cnn.js'
import { Picks } from './graphMaker.js'

export interface CnnCase {
  readonly graph: Graph
  /** How many of the outputs are images. */
  readonly images: number
  readonly seed: number
}

const around = (low: number, high: number) =>
  [
    [low, high],
    [low, high],
  ] as const

/** A layer or block on an image of any size. */
function layer(net: Cnn, picks: Picks, x: TracedTensor): TracedTensor {
  const [height = 1, width = 1] = x.type.shape.slice(2).map(Number)
  const taps = Math.min(height, width, picks.of([3, 1, 2]))
  const channels = net.channelsOf(x)
  switch (picks.next(8)) {
    case 0:
      return net.conv(x, {
        filters: picks.of([2, 3]),
        taps,
        strides: picks.of([1, 2]),
        padding: picks.of(['same', around(0, 0), around(1, 0)]),
      })
    case 1:
      return net.unary(picks.of(['relu', 'negate']), net.bias(net.conv(x, { filters: channels * picks.of([1, 2]), taps, depthwise: true })))
    case 2:
      return picks.next(2) === 0
        ? net.unary('relu', net.batchNorm(x))
        : net.builder.emit('multiply', [x, net.weight('scale', x.type.shape.slice(1))], {})
    case 3:
      return net.pool(x, picks.of(['window_max', 'avg_pool']), Math.min(2, height, width))
    case 4:
      return net.conv(net.pad(x, 1), { filters: 2, strides: picks.of([1, 2]), padding: around(0, 0) })
    case 5:
      return net.builder.emit('add', [net.batchNorm(net.conv(net.unary('relu', x), { filters: channels, taps })), x], {})
    case 6:
      return net.builder.emit('concat', [net.conv(x, { filters: 2, taps }), x], { axis: picks.of([1, -3]) })
    default: {
      const squeezed = net.unary('relu', net.conv(net.globalMean(x, true), { filters: channels, taps: 1 }))
      return net.builder.emit('multiply', [x, squeezed], {})
    }
  }
}

function makeCnn(numbers: readonly (readonly number[])[], [ending, seed]: readonly [number, number]): CnnCase {
  const net = new Cnn(true)
  let x = net.image('x', 'batch', [5, 6, 2])
  let middle = x
  for (const each of numbers) {
    middle = x
    x = layer(net, new Picks(each), x)
  }
  if (ending === 0) return { graph: net.build(x), images: 1, seed }
  if (ending === 1) return { graph: net.build(net.dense(net.globalMean(x), 2)), images: 0, seed }
  if (ending === 2) return { graph: net.build(x, net.unary('tanh', middle)), images: 2, seed }
  return { graph: net.build(net.dense(net.flatten(x), 3)), images: 0, seed }
}

/** Prints as graph text when a property fails. */
function shown(value: CnnCase): CnnCase {
  return Object.defineProperty(value, fc.toStringMethod, { value: () => graphToText(value.graph), enumerable: false })
}

export const arbCnn: fc.Arbitrary<CnnCase> = fc
  .tuple(
    fc.array(fc.array(fc.nat({ max: 2 ** 20 }), { minLength: 6, maxLength: 6 }), { minLength: 1, maxLength: 6, size: 'max' }),
    fc.tuple(fc.nat({ max: 3 }), fc.nat()),
  )
  .map(([numbers, ending]) => shown(makeCnn(numbers, ending)))
