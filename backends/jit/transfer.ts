// Between a user's arrays and the heap: elements of four bytes there, bools as masks.

import { allocate, type TypedData } from '../../lib/ir/ndarray.js'
import type { DType } from '../../lib/ir/types.js'
import type { Heap } from './heap.js'

/** Below this many elements a loop is faster than `set` and `slice`. */
const few = 48

/** A tensor of the heap, seen from outside; `rebind` follows the memory when it has grown. */
export class Window {
  readonly dtype: DType
  readonly length: number
  view: Float32Array | Int32Array
  private readonly heap: Heap
  private readonly start: number

  constructor(heap: Heap, start: number, dtype: DType, length: number) {
    this.heap = heap
    this.start = start
    this.dtype = dtype
    this.length = length
    this.view = this.fresh()
  }

  rebind(): void {
    this.view = this.fresh()
  }

  write(data: TypedData): void {
    const { view, length } = this
    if (this.dtype === 'bool') for (let k = 0; k < length; k++) view[k] = data[k] ? -1 : 0
    else if (length < few) for (let k = 0; k < length; k++) view[k] = data[k] as number
    else view.set(data)
  }

  /** A fresh array. */
  read(): TypedData {
    const { view, length, dtype } = this
    if (dtype !== 'bool' && length >= few) return view.slice()
    const out = dtype === 'float32' ? new Float32Array(length) : allocate(dtype, length)
    if (dtype === 'bool') for (let k = 0; k < length; k++) out[k] = view[k] === 0 ? 0 : 1
    else for (let k = 0; k < length; k++) out[k] = view[k] as number
    return out
  }

  private fresh(): Float32Array | Int32Array {
    return this.dtype === 'float32' ? this.heap.floats(this.start, this.length) : this.heap.words(this.start, this.length)
  }
}
