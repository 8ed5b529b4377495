// The module that profiles one schedule: each kernel call again, alone and many times over.

import type { AssemblerOptions, FunctionAssembler, FunctionHandle, Local } from './assembler.js'
import { type Address, Driver, forEachKernel, kernelHandles, ModuleAssembler, paddedBytes } from './common.js'
import type { Buffer, KernelStep, LoopStep, Schedule, Step } from './schedule.js'

/** One kernel call of a schedule, with the loops around it. */
export interface ProfileRow {
  readonly step: KernelStep
  /** The outermost first. */
  readonly loops: readonly LoopStep[]
  /** How often one run calls it. */
  readonly calls: number
  /** What the call overwrites of its own operands; it is put back before each call, or values would run away. */
  readonly saved?: Saved
}

export interface Saved {
  readonly buffer: number
  readonly bytes: number
}

/** The kernel calls of a schedule in order, those in loops once. */
export function profileRows({ buffers, steps }: Pick<Schedule, 'buffers' | 'steps'>, addressOf: (buffer: number) => Address): ProfileRow[] {
  const rowsOf = (list: readonly Step[], loops: readonly LoopStep[]): ProfileRow[] =>
    list.flatMap(step => {
      if (!('kernel' in step)) return rowsOf(step.body, [...loops, step])
      const calls = loops.reduce((product, { count }) => product * count, 1)
      const [result, ...operands] = step.places
      const buffer = result?.buffer ?? -1
      const at = addressOf(buffer)
      const same = ({ base, bytes }: Address): boolean => base === at.base && bytes === at.bytes
      if (!operands.some(operand => same(addressOf(operand.buffer)))) return [{ step, loops, calls }]
      return [{ step, loops, calls, saved: { buffer, bytes: paddedBytes((buffers[buffer] as Buffer).elements) } }]
    })
  return rowsOf(steps, [])
}

/**
 * A module that imports env.memory and exports `lead(arena, k)`, which runs all that comes before call `k` (of loops, the
 * first step), `call k(arena, times)`, and for calls in place `base k(arena, times)`: putting back without the call.
 * What is put back lies `scratch` bytes behind the arena's start.
 */
export function emitProfile(
  { steps }: Pick<Schedule, 'steps'>,
  rows: readonly ProfileRow[],
  addressOf: (buffer: number) => Address,
  scratch: number,
  options: AssemblerOptions = {},
): Uint8Array<ArrayBuffer> {
  const module = new ModuleAssembler(options)
  module.importMemory({ pages: 1 })
  const handleOf = kernelHandles(module)
  forEachKernel(steps, handleOf)
  const define = (name: string, write: (f: FunctionAssembler, driver: Driver) => void): void => {
    const type = { params: ['i32', 'i32'], results: [] } as const
    module.export(module.function(name, type, f => write(f, new Driver(f, module, handleOf, addressOf))))
  }
  define('lead', emitLead(steps))
  const restore = rows.some(row => row.saved) ? defineRestore(module) : undefined
  rows.forEach((row, k) => {
    const write = (f: FunctionAssembler, driver: Driver, call: () => void): void => {
      const putBack = ({ buffer, bytes }: Saved): void => {
        if (!restore) throw new Error('internal: nothing puts back')
        driver.push({ buffer, offset: 0 })
        f.get(f.params[0] as Local)
        f.i32(scratch)
        f.op('i32.add')
        f.i32(bytes)
        f.call(restore)
      }
      emitRow(f, driver, row, putBack, call)
    }
    define(`call ${k}`, (f, driver) => write(f, driver, () => driver.call(row.step)))
    if (row.saved) define(`base ${k}`, (f, driver) => write(f, driver, () => {}))
  })
  return module.finish()
}

function emitLead(steps: readonly Step[]): (f: FunctionAssembler, driver: Driver) => void {
  return (f, driver) => {
    let next = 0
    const walk = (list: readonly Step[], depth: number): void => {
      for (const step of list) {
        if (!('kernel' in step)) {
          driver.loop(step, () => walk(step.body, depth + 1))
          continue
        }
        f.get(f.params[1] as Local)
        f.i32(next++)
        f.op('i32.eq')
        f.branchIf(depth)
        driver.call(step)
      }
    }
    f.block(() => walk(steps, 0))
  }
}

function emitRow(
  f: FunctionAssembler,
  driver: Driver,
  { loops, saved }: ProfileRow,
  restore: (saved: Saved) => void,
  call: () => void,
): void {
  const inside = (depth: number): void => {
    const loop = loops[depth]
    if (loop) {
      driver.loop(loop, () => inside(depth + 1))
      return
    }
    if (saved) restore(saved)
    call()
  }
  const left = f.params[1] as Local
  f.loop(() => {
    inside(0)
    f.get(left)
    f.i32(-1)
    f.op('i32.add')
    f.tee(left)
    f.branchIf(0)
  })
}

/** A function of destination, source and bytes that copies whole vectors: at least one. */
function defineRestore(module: ModuleAssembler): FunctionHandle {
  return module.function('restore', { params: ['i32', 'i32', 'i32'], results: [] }, f => {
    const [to, from, left] = f.params as [Local, Local, Local]
    const advance = (pointer: Local, by: number): void => {
      f.get(pointer)
      f.i32(by)
      f.op('i32.add')
      f.set(pointer)
    }
    f.loop(() => {
      f.get(to)
      f.get(from)
      f.op('v128.load')
      f.op('v128.store')
      advance(to, 16)
      advance(from, 16)
      advance(left, -16)
      f.get(left)
      f.branchIf(0)
    })
  })
}
