// The module of one schedule: each kernel once, and thin drivers `run` and `prepare` that call them with constant pointers.

import type { AssemblerOptions, FunctionAssembler, FunctionHandle, Local } from './assembler.js'
import { kernelType, minimum, times } from './kernels/loops.js'
import { ModuleAssembler } from './module.js'
import type { KernelStep, LoopStep, Place, Schedule, Step } from './schedule.js'

/** Where a buffer is: at a fixed address, or at an offset from the arena, whose start is the drivers' argument. */
export interface Address {
  readonly base: 'fixed' | 'arena'
  readonly bytes: number
}

/**
 * The bytes of a module that imports env.memory and exports `run(arena)`; `prepare(arena)` if weights are packed; and
 * `warm(arena)` if kernels work so long that their code should be made fast before the first run.
 */
export function emitModule(
  { prepare, steps }: Pick<Schedule, 'prepare' | 'steps'>,
  addressOf: (buffer: number) => Address,
  options: AssemblerOptions = {},
): Uint8Array<ArrayBuffer> {
  const module = new ModuleAssembler(options)
  module.importMemory({ pages: 1 })
  const handleOf = kernelHandles(module)
  const define = (name: string, list: readonly Step[]): void => {
    forEachKernel(list, handleOf) // before the driver: a kernel defines functions of its own
    const driver = module.function(name, { params: ['i32'], results: [] }, f => {
      new Driver(f, module, handleOf, addressOf).steps(list)
    })
    module.export(driver)
  }
  if (prepare.length > 0) define('prepare', prepare)
  define('run', steps)
  const samples = warmUp(steps)
  if (samples.length > 0) define('warm', samples)
  return module.finish()
}

/** Arithmetic after which V8 has noticed that a function is worth its better compiler (1.8 MB of code run through), and some. */
const noticed = 500_000

/** Each kernel that does far more than that, once, on a part of its range: results mean nothing. */
function warmUp(steps: readonly Step[]): KernelStep[] {
  const samples = new Map<string, KernelStep>()
  for (const step of steps) {
    if (!('kernel' in step) || step.work.flops < 4 * noticed || samples.has(step.kernel.key)) continue
    const extent = Math.ceil((step.kernel.extent * noticed) / step.work.flops)
    samples.set(step.kernel.key, { ...step, kernel: { ...step.kernel, extent } })
  }
  return [...samples.values()]
}

/** Defines each kernel when it is first asked for; equal keys share a function. */
export function kernelHandles(module: ModuleAssembler): (step: KernelStep) => FunctionHandle {
  const kernels = new Map<string, FunctionHandle>()
  return ({ kernel, places }) => {
    const known = kernels.get(kernel.key)
    if (known) return known
    const handle = kernel.define(module, kernel.key)
    const wanted = kernelType(places.length).params.length
    if (handle.type.params.length !== wanted)
      throw new Error(`internal: ${kernel.key} takes ${handle.type.params.length} arguments, not ${wanted}`)
    kernels.set(kernel.key, handle)
    return handle
  }
}

export function forEachKernel(steps: readonly Step[], visit: (step: KernelStep) => void): void {
  for (const step of steps) {
    if ('kernel' in step) visit(step)
    else forEachKernel(step.body, visit)
  }
}

/** Bytes of weights from which on it is worth turning: less stays in any second cache with all else. */
const turned = 1 << 18

/** Bytes of weights that are read in one direction: many lines, and few calls. */
const part = 1 << 14

/** Emits kernel calls into a function whose first parameter is the arena. */
export class Driver {
  private readonly f: FunctionAssembler
  private readonly module: ModuleAssembler
  private readonly handleOf: (step: KernelStep) => FunctionHandle
  private readonly addressOf: (buffer: number) => Address
  /** The step of the innermost loop, if there is one. */
  private index: Local | undefined

  constructor(
    f: FunctionAssembler,
    module: ModuleAssembler,
    handleOf: (step: KernelStep) => FunctionHandle,
    addressOf: (buffer: number) => Address,
  ) {
    this.f = f
    this.module = module
    this.handleOf = handleOf
    this.addressOf = addressOf
  }

  steps(list: readonly Step[]): void {
    for (const step of list) {
      if ('kernel' in step) this.call(step)
      else this.loop(step, () => this.steps(step.body))
    }
  }

  call(step: KernelStep): void {
    const { f } = this
    const { extent, streamed = 0 } = step.kernel
    if (extent > 1 && extent * streamed >= turned) {
      this.callInTurns(step, streamed)
      return
    }
    for (const place of step.places) this.push(place)
    f.i32(0)
    f.i32(extent)
    f.call(this.handleOf(step))
  }

  /**
   * Runs the range in parts, forwards in one run and backwards in the next: what a cache smaller than the weights has kept
   * of a run is what was read last, and that is read first now. Always forwards, it would be gone before its turn comes.
   */
  private callInTurns(step: KernelStep, streamed: number): void {
    const { f } = this
    const { extent } = step.kernel
    const units = Math.ceil(part / streamed)
    const parts = Math.ceil(extent / units)
    const backwards = this.module.variable()
    const [begin, end] = [f.local('i32'), f.local('i32')]
    const either = (back: number, forth: number): void => {
      f.i32(back)
      f.i32(forth)
      f.getGlobal(backwards)
      f.op('select_i32')
    }
    either((parts - 1) * units, 0)
    f.set(begin)
    times(f, parts, () => {
      for (const place of step.places) this.push(place)
      f.get(begin)
      f.get(begin)
      f.i32(units)
      f.op('i32.add')
      f.set(end)
      minimum(f, end, () => f.i32(extent))
      f.call(this.handleOf(step))
      f.get(begin)
      either(-units, units)
      f.op('i32.add')
      f.set(begin)
    })
    f.release(begin, end)
    f.getGlobal(backwards)
    f.op('i32.eqz')
    f.setGlobal(backwards)
  }

  loop({ count, reverse }: LoopStep, body: () => void): void {
    const { f } = this
    const outer = this.index
    const index = f.local('i32')
    this.index = index
    f.i32(reverse ? count - 1 : 0)
    f.set(index)
    f.loop(() => {
      body()
      f.get(index)
      f.i32(reverse ? -1 : 1)
      f.op('i32.add')
      f.tee(index)
      f.i32(reverse ? 0 : count)
      f.op(reverse ? 'i32.ge_s' : 'i32.lt_s')
      f.branchIf(0)
    })
    f.release(index)
    this.index = outer
  }

  push({ buffer, offset, perStep }: Place): void {
    const { f } = this
    const { base, bytes } = this.addressOf(buffer)
    const at = bytes + offset * 4
    if (base === 'arena') {
      f.get(f.params[0] as Local)
      if (at !== 0) {
        f.i32(at)
        f.op('i32.add')
      }
    } else f.i32(at)
    if (perStep === undefined) return
    if (!this.index) throw new Error('internal: a place moves per step outside any loop')
    f.get(this.index)
    f.i32(perStep * 4)
    f.op('i32.mul')
    f.op('i32.add')
  }
}
