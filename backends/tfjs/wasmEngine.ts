// The engine over tfjs' WASM kernels: starts the binary, wraps each kernel, owns nothing global.
import { checkData, type Engine, type Kernel, type KernelConfig, type TensorInfo } from './kernel.js'
import { type EmscriptenModule, WasmHeap } from './wasmHeap.js'

export interface WasmBundle {
  readonly kernels: readonly KernelConfig<WasmHeap>[]
  /** Emscripten's start-up code; it fills in the object it is given. */
  readonly wasmFactory: (module: Partial<EmscriptenModule>) => Promise<unknown>
}

/** Starts `binary`. Call it once per evaluation of the bundle, whose kernels keep their entry points in variables. */
export async function createWasmEngine(bundle: WasmBundle, binary: BufferSource): Promise<Engine> {
  const compiled = await WebAssembly.compile(binary)
  // XNNPACK reports an operator it cannot make as a line on stderr, and the kernel returns whatever memory held.
  let complaint: string | undefined
  const module: Partial<EmscriptenModule> = {
    instantiateWasm(imports, receive) {
      receive(new WebAssembly.Instance(compiled, imports))
      return {}
    },
    printErr(text) {
      complaint ??= text // the first line; an abort adds another
    },
  }
  await bundle.wasmFactory(module)
  const heap = new WasmHeap(module as EmscriptenModule)

  const separate = (info: TensorInfo) => heap.separate(info)
  const kernels: Record<string, Kernel> = {}
  for (const { kernelName, kernelFunc, setupFunc } of bundle.kernels) {
    setupFunc?.(heap)
    kernels[kernelName] = (inputs, attrs = {}) => {
      complaint = undefined
      const result = kernelFunc({ inputs, backend: heap, attrs })
      if (complaint !== undefined) {
        for (const { dataId } of [result].flat()) {
          heap.disposeData(dataId)
        }
        throw new Error(`internal: tfjs kernel ${kernelName}: ${complaint}`)
      }
      return Array.isArray(result) ? result.map(separate) : heap.separate(result)
    }
  }

  return {
    name: 'wasm',
    kernels,
    make(shape, dtype, sources, loop) {
      const result = heap.makeOutput(shape, dtype) // first: it may move the heap
      loop(
        heap.typedArrayFromHeap(result),
        sources.map(source => heap.typedArrayFromHeap(source)),
      )
      return result
    },
    upload(data, shape, dtype) {
      checkData(data, shape, dtype)
      return heap.makeOutput(shape, dtype, undefined, data)
    },
    write(target, data) {
      checkData(data, target.shape, target.dtype)
      heap.write(target, data)
    },
    read: (tensor, target) => heap.read(tensor, target),
    dispose: tensor => heap.disposeData(tensor.dataId),
    memory: () => ({ tensors: heap.live, heapBytes: heap.heapBytes }),
  }
}
