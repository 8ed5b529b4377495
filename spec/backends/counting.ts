// A tfjs backend whose kernel calls are counted.

import type { Backend } from '../../backends/backend.js'
import { loadEngine } from '../../backends/tfjs/engine.js'
import type { Engine, EngineName, Kernel } from '../../backends/tfjs/kernel.js'
import { tfjsBackend } from '../../backends/tfjs/tfjs.js'

export interface Counting {
  readonly backend: Backend
  readonly engine: Engine
  /** The names of the kernels called since the last look. */
  calls(): string[]
}

/** The backend over the engine of this process, with each kernel wrapped by `around`. */
export async function countingBackend(
  name: EngineName,
  around: (kernel: Kernel, name: string) => Kernel = kernel => kernel,
): Promise<Counting> {
  const engine = await loadEngine(name)
  let calls: string[] = []
  const wrap = ([kernelName, kernel]: [string, Kernel]): [string, Kernel] => {
    const inner = around(kernel, kernelName)
    return [
      kernelName,
      (inputs, attrs) => {
        calls.push(kernelName)
        return inner(inputs, attrs)
      },
    ]
  }
  const counted = { ...engine, kernels: Object.fromEntries(Object.entries(engine.kernels).map(wrap)) }
  return {
    backend: tfjsBackend(name, async () => counted),
    engine,
    calls() {
      const made = calls
      calls = []
      return made
    },
  }
}
