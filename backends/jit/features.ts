// Whether this engine knows relaxed SIMD, found out by validating a module that uses it.

import { ModuleAssembler } from './module.js'

let known: boolean | undefined

/** Whether `f32x4.relaxed_madd` exists here. */
export function hasRelaxedSimd(): boolean {
  known ??= WebAssembly.validate(probe())
  return known
}

function probe(): Uint8Array<ArrayBuffer> {
  const module = new ModuleAssembler()
  module.function('probe', { params: [], results: [] }, f => {
    for (let k = 0; k < 3; k++) f.splat(0)
    f.op('f32x4.relaxed_madd')
    f.op('drop_v128')
  })
  return module.finish()
}
