// The memory of the WASM kernels: what their JavaScript halves call `backend`, written for cheap small calls.
import { sizeOf, type TensorInfo, type TfjsData, type TfjsDType } from './kernel.js'

type WasmFunction = (...args: number[]) => number

/** A WASM function as kernels call it: shapes and axes are given as the bytes of an i32 array. */
type WrappedFunction = (...args: (number | Uint8Array)[]) => number

/** What of Emscripten's module object is used. The views are replaced whenever the heap grows. */
export interface EmscriptenModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>
  readonly HEAP32: Int32Array<ArrayBuffer>
  readonly HEAPF32: Float32Array<ArrayBuffer>
  readonly asm: Readonly<Record<string, WasmFunction>> & { readonly memory: WebAssembly.Memory }
  instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => void): object
  printErr(text: string): void
}

/** Memory that one or more tensors look at. */
interface Block {
  readonly offset: number
  users: number
}

/** A data id. The C++ side keeps operators, with their packed weights, under `id`. */
class WasmData {
  id: number
  refCount = 1
  readonly block: Block
  readonly memoryOffset: number
  shape: readonly number[]
  readonly dtype: TfjsDType
  readonly size: number

  constructor(id: number, block: Block, shape: readonly number[], dtype: TfjsDType, size: number) {
    this.id = id
    this.block = block
    this.memoryOffset = block.offset
    this.shape = shape
    this.dtype = dtype
    this.size = size
  }
}

/** tfjs' BackendWasm, as far as kernels see it. */
export class WasmHeap {
  /** The data id is the record itself: no map to look in, none to leak. */
  readonly dataIdMap = { get: dataOf }
  readonly wasm: {
    readonly cwrap: (name: string, result: string | null, types: readonly string[]) => WrappedFunction
    readonly _free: WasmFunction
    readonly HEAPU8: Uint8Array
  }
  live = 0
  private readonly module: EmscriptenModule
  private readonly malloc: WasmFunction
  private readonly free: WasmFunction
  private readonly register: WasmFunction
  private readonly unregister: WasmFunction
  private nextId = 1 // 0 means "no tensor" to the C++ side
  private scratch = 0
  private scratchBytes = 0

  constructor(module: EmscriptenModule) {
    this.module = module
    this.malloc = this.exported('malloc')
    this.free = this.exported('free')
    this.register = this.exported('register_tensor')
    this.unregister = this.exported('dispose_data')
    this.wasm = {
      cwrap: (name, _result, types) => this.wrap(name, types),
      _free: this.free,
      get HEAPU8() {
        return module.HEAPU8
      },
    }
    this.exported('init_with_threads_count')(1)
  }

  get heapBytes(): number {
    return this.module.asm.memory.buffer.byteLength
  }

  // What kernels call.

  makeOutput(shape: readonly number[], dtype: TfjsDType, memoryOffset?: number, values?: TfjsData): TensorInfo {
    const size = sizeOf(shape)
    const offset = memoryOffset ?? this.allocate(dtype === 'bool' ? size : size * 4)
    const data = this.makeData({ offset, users: 0 }, shape, dtype, size)
    if (values) {
      this.elementsOf(data).set(values)
    }
    return { dataId: data, shape, dtype }
  }

  typedArrayFromHeap({ dataId, shape, dtype }: TensorInfo): TfjsData {
    const { memoryOffset } = dataOf(dataId)
    const { buffer } = this.module.HEAPU8
    const view = dtype === 'float32' ? Float32Array : dtype === 'int32' ? Int32Array : Uint8Array
    return new view(buffer, memoryOffset, sizeOf(shape))
  }

  readSync(dataId: object, start = 0, end?: number): TfjsData {
    return this.elementsOf(dataOf(dataId)).slice(start, end)
  }

  incRef(dataId: object): void {
    dataOf(dataId).refCount++
  }

  disposeData(dataId: object): boolean {
    const data = dataOf(dataId)
    if (--data.refCount > 0) {
      return false
    }
    this.unregister(data.id)
    this.live--
    if (--data.block.users === 0) {
      this.free(data.block.offset)
    }
    return true
  }

  /**
   * Replaces Emscripten's cwrap, which spends most of a small call on its stack pointer and argument list. Arrays are
   * shapes and such: a few bytes that are dead when the call returns, so they all go to one place.
   */
  private wrap(name: string, types: readonly string[]): WrappedFunction {
    const call = this.exported(name)
    const arrays = types.flatMap((type, index) => (type === 'array' ? [index] : []))
    if (arrays.length === 0) {
      return call as WrappedFunction
    }
    return (...args) => {
      let bytes = 0
      for (const index of arrays) {
        bytes += (args[index] as Uint8Array).length
      }
      let pointer = this.reserveScratch(bytes)
      const heap = this.module.HEAPU8
      for (const index of arrays) {
        const array = args[index] as Uint8Array
        for (let i = 0; i < array.length; i++) {
          heap[pointer + i] = array[i] ?? 0
        }
        args[index] = pointer
        pointer += array.length
      }
      return call(...(args as number[]))
    }
  }

  // What the engine calls.

  /**
   * Gives a result data of its own if it shares those of its operand, as Reshape's does. The C++ side caches one
   * operator per id and never looks at the shape again: two views under one id would get each other's.
   */
  separate(info: TensorInfo): TensorInfo {
    const data = dataOf(info.dataId)
    if (data.refCount === 1) {
      data.shape = info.shape // some kernels reshape their result by its TensorInfo only
      return info
    }
    data.refCount--
    return { ...info, dataId: this.makeData(data.block, info.shape, info.dtype, data.size) }
  }

  /** Overwrites a tensor, under a new id: what was packed from the old elements must not be used again. */
  write(info: TensorInfo, values: TfjsData): void {
    const data = dataOf(info.dataId)
    this.unregister(data.id)
    data.id = this.nextId++
    this.register(data.id, data.size, data.memoryOffset)
    this.elementsOf(data).set(values)
  }

  read(info: TensorInfo, target?: TfjsData): TfjsData {
    const elements = this.elementsOf(dataOf(info.dataId))
    if (!target) {
      return elements.slice()
    }
    target.set(elements)
    return target
  }

  private makeData(block: Block, shape: readonly number[], dtype: TfjsDType, size: number): WasmData {
    const data = new WasmData(this.nextId++, block, shape, dtype, size)
    block.users++
    this.register(data.id, size, block.offset)
    this.live++
    return data
  }

  private elementsOf({ dtype, memoryOffset, size }: WasmData): TfjsData {
    const { module } = this
    if (dtype === 'bool') {
      return module.HEAPU8.subarray(memoryOffset, memoryOffset + size)
    }
    const start = memoryOffset / 4
    return (dtype === 'float32' ? module.HEAPF32 : module.HEAP32).subarray(start, start + size)
  }

  private allocate(bytes: number): number {
    const offset = this.malloc(bytes) >>> 0 // a signed i32 above 2 GB
    if (offset === 0) {
      throw new Error(`internal: the tfjs WASM heap has no ${bytes} bytes left (${this.heapBytes} in use)`)
    }
    return offset
  }

  private reserveScratch(bytes: number): number {
    if (bytes > this.scratchBytes) {
      if (this.scratchBytes > 0) {
        this.free(this.scratch)
      }
      this.scratchBytes = Math.max(1024, 2 * bytes)
      this.scratch = this.allocate(this.scratchBytes)
    }
    return this.scratch
  }

  private exported(name: string): WasmFunction {
    const found = this.module.asm[name]
    if (typeof found !== 'function') {
      throw new Error(`internal: the tfjs WASM binary has no ${name}`)
    }
    return found
  }
}

function dataOf(dataId: object): WasmData {
  if (!(dataId instanceof WasmData)) {
    throw new Error('internal: a tensor of another engine reached the tfjs WASM kernels')
  }
  if (dataId.refCount < 1) {
    throw new Error('internal: a tfjs tensor was used after it was disposed of')
  }
  return dataId
}
