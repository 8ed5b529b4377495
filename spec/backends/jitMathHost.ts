// Runs a SIMD math function over arrays and measures how far it is from float64, in units in the last place.

import type { FunctionAssembler, Local } from '../../backends/jit/assembler.js'
import { ModuleAssembler } from '../../backends/jit/module.js'

/** Floats per call. */
export const chunk = 1 << 14

/** Applies an emitted function to arrays of `chunk` floats, in place of `f(x)` or `f(x, y)`. */
export function runner(emit: (f: FunctionAssembler, x: Local, y: Local) => void): (x: Float32Array, y?: Float32Array) => Float32Array {
  const module = new ModuleAssembler({ checked: true })
  module.ownMemory({ pages: 4 }, 'memory')
  const handle = module.function('run', { params: ['i32'], results: [] }, f => {
    const [left] = f.params as [Local]
    const [x, y] = [f.local('v128'), f.local('v128')]
    f.loop(() => {
      f.get(left)
      f.i32(16)
      f.op('i32.sub')
      f.set(left)
      for (const [local, offset] of [
        [x, 0],
        [y, chunk * 4],
      ] as const) {
        f.get(left)
        f.op('v128.load', offset)
        f.set(local)
      }
      f.get(left)
      emit(f, x, y)
      f.op('v128.store', chunk * 8)
      f.get(left)
      f.branchIf(0)
    })
  })
  module.export(handle)
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.finish().slice()))
  const { memory, run } = exports as { memory: WebAssembly.Memory; run: (bytes: number) => void }
  const floats = new Float32Array(memory.buffer)
  return (x, y) => {
    floats.fill(0, 0, chunk * 2)
    floats.set(x, 0)
    if (y) floats.set(y, chunk)
    run(chunk * 4)
    return floats.subarray(chunk * 2, chunk * 2 + x.length)
  }
}

const view = new DataView(new ArrayBuffer(4))

/** The distance of neighbouring float32 numbers at `x`, above it; 2⁻¹⁴⁹ among subnormal ones. */
export function ulp(x: number): number {
  view.setFloat32(0, x)
  const exponent = (view.getInt32(0) >> 23) & 0xff
  return 2 ** (Math.max(1, Math.min(254, exponent)) - 150)
}

/** How many ulp `found` is from the float64 value `exact`, ∞ counting as 2¹²⁸; ∞ if only one of them is NaN. */
export function ulpError(found: number, exact: number): number {
  if (Number.isNaN(found) || Number.isNaN(exact)) return Number.isNaN(found) && Number.isNaN(exact) ? 0 : Infinity
  const wanted = Math.fround(exact)
  if (!Number.isFinite(found) && !Number.isFinite(wanted)) return found === wanted ? 0 : Infinity
  const [a, b] = [found, exact].map(value => Math.max(-(2 ** 128), Math.min(2 ** 128, value))) as [number, number]
  return Math.abs(a - b) / ulp(exact)
}
