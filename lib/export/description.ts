// The description of an exported module: what its custom section says, and how that lies in memory.

import { graphToText } from '../ir/printer.js'
import type { Lowerable } from '../runtime/lower.js'
import { atInference } from '../runtime/optimise.js'
import type { Standalone } from '../runtime/standalone.js'
import { checksum } from './checksum.js'
import type { Description } from './shipped/abi.js'

export const sectionName = 'kerafold'
export const weightsFile = 'model.weights.bin'

/** What the module says of itself. */
export async function describe(name: string, traced: Lowerable, made: Standalone, weightsInside: boolean): Promise<Description> {
  const { offset, bytes } = made.weights
  const words = new Int32Array(bytes.buffer)
  return {
    abi: 1,
    name,
    numerics: 'strict',
    source: await sourceHash(traced),
    inputs: made.inputs,
    outputs: made.outputs,
    state: made.state,
    weights: { offset, bytes: bytes.length, checksum: checksum(words), file: weightsInside ? null : weightsFile },
  }
}

/** As the custom section holds it. */
export function encode(description: Description): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(description))
}

/** As memory holds it, for hosts that have an instance only: length, checksum, text. */
export function withHeader(text: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(8 + text.length)
  const header = new DataView(out.buffer)
  header.setUint32(0, text.length, true)
  header.setUint32(4, checksum(text), true)
  out.set(text, 8)
  return out
}

/** SHA-256 of the text of inference as traced and the weights it reads by name; null where the platform has no WebCrypto. */
async function sourceHash({ graph: traced, variables }: Lowerable): Promise<string | null> {
  const { subtle } = globalThis.crypto ?? {}
  if (!subtle) return null
  const graph = atInference(traced)
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = [encoder.encode(graphToText(graph))]
  for (const name of Object.keys(graph.variables).sort()) {
    const data = variables.get(name)?.data
    if (data) parts.push(encoder.encode(`\n${name}\n`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', whole))
  return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')
}
