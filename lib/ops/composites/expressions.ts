// Short spellings for decompositions: arithmetic over any emitter's carrier, scalars in the operand's dtype.

import type { DType } from '../../ir/types.js'
import type { OpAttrs, OpName } from '../../ir/vocabulary.js'
import type { Emitter } from '../op.js'

/** Emits ops on carriers T; `scalar` makes constants of the dtype of the operand it was made for. */
export class Expressions<T> {
  private readonly emitter: Emitter<T>
  private readonly dtype: DType

  constructor(emitter: Emitter<T>, like: T) {
    this.emitter = emitter
    this.dtype = emitter.typeOf(like).dtype
  }

  emit<K extends OpName>(op: K, operands: readonly T[], attrs: OpAttrs[K]): T {
    return this.emitter.emit(op, operands, attrs)
  }
  scalar(value: number, dtype: DType = this.dtype): T {
    return this.emitter.emit('constant', [], { data: [value], dtype, shape: [] })
  }
  add(x: T, y: T): T {
    return this.emit('add', [x, y], {})
  }
  subtract(x: T, y: T): T {
    return this.emit('subtract', [x, y], {})
  }
  multiply(x: T, y: T): T {
    return this.emit('multiply', [x, y], {})
  }
  divide(x: T, y: T): T {
    return this.emit('divide', [x, y], {})
  }
  maximum(x: T, y: T): T {
    return this.emit('maximum', [x, y], {})
  }
  minimum(x: T, y: T): T {
    return this.emit('minimum', [x, y], {})
  }
  greater(x: T, y: T): T {
    return this.emit('greater', [x, y], {})
  }
  greaterEqual(x: T, y: T): T {
    return this.emit('greater_equal', [x, y], {})
  }
  where(condition: T, onTrue: T, onFalse: T): T {
    return this.emit('select', [condition, onTrue, onFalse], {})
  }
}
