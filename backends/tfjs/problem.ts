// What an engine needs of the platform.

import type { Platform } from '../../lib/platform/capabilities.js'
import type { EngineName } from './kernel.js'

/** Says why an engine cannot run on a platform; nothing if it can. Loads nothing. */
export function engineProblem(name: EngineName, { webAssembly }: Platform): string | undefined {
  return name === 'wasm' && !webAssembly ? 'there is no WebAssembly here, or a policy forbids compiling it' : undefined
}
