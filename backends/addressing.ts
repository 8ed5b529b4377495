// What WebAssembly can address, beside what the weights of a graph take.

import type { Graph } from '../lib/ir/graph.js'
import { isConcrete, sizeOf } from '../lib/ir/types.js'

/** 65,536 pages of 64 KiB: as far as addresses of 32 bits go. */
const addressable = 2 ** 32

/** Why the weights of a graph cannot lie in the memory of a WebAssembly module, or undefined. */
export function beyondWebAssembly({ variables }: Graph): string | undefined {
  let bytes = 0
  for (const { type } of Object.values(variables)) if (isConcrete(type.shape)) bytes += 4 * sizeOf(type.shape)
  return bytes < addressable ? undefined : `its weights take ${(bytes / 2 ** 30).toFixed(1)} GiB and WebAssembly addresses 4 GiB`
}
