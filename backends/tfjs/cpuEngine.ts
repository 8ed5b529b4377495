// The engine over tfjs' plain JavaScript kernels, for platforms and policies without WebAssembly.
import { checkData, type Engine, type Kernel, type KernelConfig, sizeOf, type TensorInfo, type TfjsData, type TfjsDType } from './kernel.js'

/** What of tfjs' MathBackendCPU is used. A view's values may be of another array type than its dtype: Cast shares them. */
export interface CpuBackend {
  readonly data: { get(dataId: object): { readonly values: TfjsData | number[] }; has(dataId: object): boolean }
  makeTensorInfo(shape: readonly number[], dtype: TfjsDType, values: TfjsData): TensorInfo
  disposeIntermediateTensorInfo(info: TensorInfo): void
  numDataIds(): number
}

export interface CpuBundle {
  readonly kernels: readonly KernelConfig<CpuBackend>[]
  readonly MathBackendCPU: new () => CpuBackend
}

export function createCpuEngine(bundle: CpuBundle): Engine {
  const backend = new bundle.MathBackendCPU()
  const kernels: Record<string, Kernel> = {}
  for (const { kernelName, kernelFunc } of bundle.kernels) {
    kernels[kernelName] = (inputs, attrs = {}) => kernelFunc({ inputs, backend, attrs })
  }

  function valuesOf({ dataId }: TensorInfo): TfjsData | number[] {
    if (!backend.data.has(dataId)) {
      throw new Error('internal: a tfjs tensor was used after it was disposed of, or belongs to another engine')
    }
    return backend.data.get(dataId).values
  }

  return {
    name: 'cpu',
    kernels,
    make(shape, dtype, sources, loop) {
      const values = new arrays[dtype](sizeOf(shape))
      loop(
        values,
        sources.map(source => typed(valuesOf(source), source.dtype)),
      )
      return backend.makeTensorInfo(shape, dtype, values)
    },
    upload(data, shape, dtype) {
      checkData(data, shape, dtype)
      return backend.makeTensorInfo(shape, dtype, data.slice())
    },
    write(target, data) {
      checkData(data, target.shape, target.dtype)
      const values = valuesOf(target)
      for (let i = 0; i < data.length; i++) {
        values[i] = data[i] ?? 0
      }
    },
    read(tensor, target = new arrays[tensor.dtype](sizeOf(tensor.shape))) {
      target.set(valuesOf(tensor))
      return target
    },
    dispose(tensor) {
      valuesOf(tensor)
      backend.disposeIntermediateTensorInfo(tensor)
    },
    memory: () => ({ tensors: backend.numDataIds(), heapBytes: 0 }),
  }
}

/** Some kernels store a plain list. */
function typed(values: TfjsData | number[], dtype: TfjsDType): TfjsData {
  return Array.isArray(values) ? arrays[dtype].from(values) : values
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array } satisfies Record<TfjsDType, unknown>
