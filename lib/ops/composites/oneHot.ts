// one_hot: classes as axes.

import { DTypeError } from '../../ir/errors.js'
import { showType } from '../../ir/types.js'
import type { Composite } from '../op.js'

/** A new last axis of `depth` that is 1 where it counts the operand's value; out of range gives zeros. */
export const oneHot: Composite<'one_hot', 1> = {
  arity: 1,
  infer([x], { depth, dtype }) {
    if (x.dtype !== 'int32') throw new DTypeError(`one_hot needs int32 classes, got ${showType(x)}`, { x }, 'cast() converts')
    return { dtype, shape: [...x.shape, depth] }
  },
  decompose(emitter, [x], { depth, dtype }) {
    const classes = emitter.emit('iota', [], { axis: 0, dtype: 'int32', shape: [depth] })
    const column = emitter.emit('reshape', [x], { shape: [...emitter.typeOf(x).shape, 1] })
    const hit = emitter.emit('equal', [column, classes], {})
    return dtype === 'bool' ? hit : emitter.emit('cast', [hit], { dtype })
  },
}
