// SymbolicTensor: what users hold while a model is described; it has a shape and a dtype, but no values.

import { TraceError } from '../ir/errors.js'
import { type DType, type Shape, showKerasShape, type TensorType } from '../ir/types.js'

/** A tensor without values: a Keras tensor of the layer record, or a traced one inside a Lambda. */
export abstract class SymbolicTensor {
  readonly type: TensorType

  constructor(type: TensorType) {
    this.type = type
  }

  get dtype(): DType {
    return this.type.dtype
  }

  /** Keras' view of the shape: null where a size is unknown. */
  get shape(): readonly (number | null)[] {
    return this.type.shape.map(size => (typeof size === 'number' ? size : null))
  }

  /** The shape as seed-era Keras names it. */
  get _keras_shape(): readonly (number | null)[] {
    return this.shape
  }

  /** Sizes with the names of the unknown ones. */
  get symbolicShape(): Shape {
    return this.type.shape
  }

  get rank(): number {
    return this.type.shape.length
  }

  toString(): string {
    return `<${this.describe()}, shape=${showKerasShape(this.type.shape)}, dtype=${this.dtype}>`
  }

  // Reading a value: there is none while tracing, so each spelling explains itself instead of giving NaN.
  toArray(): never {
    return this.refuse('toArray()')
  }
  array(): never {
    return this.refuse('array()')
  }
  arraySync(): never {
    return this.refuse('arraySync()')
  }
  dataSync(): never {
    return this.refuse('dataSync()')
  }
  get data(): never {
    return this.refuse('data')
  }
  numpy(): never {
    return this.refuse('numpy()')
  }
  item(): never {
    return this.refuse('item()')
  }
  toJSON(): never {
    return this.refuse('toJSON()')
  }
  [Symbol.iterator](): never {
    return this.refuse('iteration')
  }
  [Symbol.toPrimitive](hint: string): string {
    if (hint === 'string') return this.toString()
    return this.refuse('arithmetic with JavaScript operators', 'write ops.add(x, y), ops.pow(x, 2), …: JavaScript cannot overload + or **')
  }

  protected abstract describe(): string

  private refuse(
    what: string,
    hint = 'a traced function is called once, with tensors that have no values; compute with ops, or read the outputs of predict()',
  ): never {
    throw new TraceError(`${this.describe()} has no value while it is traced; ${what} would read one`, hint)
  }
}
