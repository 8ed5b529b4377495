// What a tfjs kernel takes and gives, and what an engine that runs kernels offers.

import type { Loop } from './loops.js'

/** The dtypes both kernel sets store; `bool` is one byte per element. */
export type TfjsDType = 'float32' | 'int32' | 'bool'

/** The elements of a tensor: float32, int32 and bool, in that order. */
export type TfjsData = Float32Array | Int32Array | Uint8Array

/** A tensor of one engine. It owns one reference to its data, also when a kernel shared them: dispose of it once. */
export interface TensorInfo {
  readonly dataId: object
  readonly shape: readonly number[]
  readonly dtype: TfjsDType
}

/** Operands by tfjs' names (`{ a, b }`), or a list for the kernels that take any number (Concat, AddN, Pack). */
export type KernelInputs = Readonly<Record<string, TensorInfo>> | readonly TensorInfo[]

export type KernelAttrs = Readonly<Record<string, unknown>>

/**
 * Runs one tfjs kernel now. It checks little: axes must be in 0 ≤ axis < rank, attributes complete, dtypes promoted.
 * Only SplitV, Unpack, TopK and other kernels of several results give a list.
 */
export type Kernel = (inputs: KernelInputs, attrs?: KernelAttrs) => TensorInfo | TensorInfo[]

/** Kernels by tfjs' names, such as `Add` and `_FusedMatMul`; the two engines do not have the same ones. */
export type Kernels = Readonly<Record<string, Kernel>>

export type EngineName = 'wasm' | 'cpu'

export interface EngineMemory {
  /** Tensors not yet disposed of. */
  readonly tensors: number
  /** Size of the WebAssembly heap, which never shrinks; 0 on `cpu`. */
  readonly heapBytes: number
}

/** A private set of tfjs kernels with the memory they work on. */
export interface Engine {
  readonly name: EngineName
  readonly kernels: Kernels
  /** A new tensor that `loop` fills from the elements of others; it must not keep the arrays it is given. */
  make(shape: readonly number[], dtype: TfjsDType, sources: readonly TensorInfo[], loop: Loop): TensorInfo
  /** Copies `data` into a new tensor. */
  upload(data: TfjsData, shape: readonly number[], dtype: TfjsDType): TensorInfo
  /** Copies `data` over the elements of a tensor, with no allocation. Views of it made earlier see the new elements. */
  write(target: TensorInfo, data: TfjsData): void
  /** Copies the elements out, into a fresh array or into `target`. */
  read(tensor: TensorInfo, target?: TfjsData): TfjsData
  /** Gives the tensor's reference back; its memory is free when no view is left. */
  dispose(tensor: TensorInfo): void
  memory(): EngineMemory
}

/** One entry of tfjs' own kernel registry. */
export interface KernelConfig<Backend> {
  readonly kernelName: string
  readonly setupFunc?: (backend: Backend) => void
  readonly kernelFunc: (call: {
    readonly inputs: KernelInputs
    readonly backend: Backend
    readonly attrs: KernelAttrs
  }) => TensorInfo | TensorInfo[]
}

/** The only result of a kernel that gives one. */
export function single(result: TensorInfo | TensorInfo[]): TensorInfo {
  if (Array.isArray(result)) {
    throw new Error(`internal: expected one tensor from a tfjs kernel, got a list of ${result.length}`)
  }
  return result
}

/** Throws unless `data` is what a tensor of this shape and dtype holds. */
export function checkData(data: TfjsData, shape: readonly number[], dtype: TfjsDType): void {
  const fits =
    dtype === 'float32' ? data instanceof Float32Array : dtype === 'int32' ? data instanceof Int32Array : data instanceof Uint8Array
  if (!fits || data.length !== sizeOf(shape)) {
    throw new Error(`internal: ${data.constructor.name}(${data.length}) is not the data of a ${dtype}[${shape.join()}]`)
  }
}

/** The number of elements of a tensor of this shape. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1
  for (const extent of shape) {
    size *= extent
  }
  return size
}
