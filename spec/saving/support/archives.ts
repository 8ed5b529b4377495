// Building blocks of model files for tests: zip archives, HDF5 weights, configs; good ones and bad ones.

import { readFileSync } from 'node:fs'
import { unzipSync, type Zippable, zipSync } from 'fflate'
import * as h5wasm from 'h5wasm'
import { KerafoldError } from '../../../lib/ir/errors.js'

export const goldenPath = (name: string): string => new URL(`../../golden/models/${name}.keras`, import.meta.url).pathname

export function goldenBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(goldenPath(name)))
}

/** The members of a golden file. */
export function goldenMembers(name: string): Record<string, Uint8Array> {
  return unzipSync(goldenBytes(name))
}

/** An archive as Keras writes it: stored, in this order. */
export function archive(members: Readonly<Record<string, Uint8Array | string>>, level: 0 | 6 = 0): Uint8Array {
  const encoder = new TextEncoder()
  const files: Zippable = {}
  for (const [name, content] of Object.entries(members)) {
    files[name] = [typeof content === 'string' ? encoder.encode(content) : content, { level }]
  }
  return zipSync(files)
}

/** A golden archive with some members replaced; undefined takes one away. */
export function altered(name: string, changes: Readonly<Record<string, Uint8Array | string | undefined>>): Uint8Array {
  const members = { ...goldenMembers(name), ...changes }
  return archive(
    Object.fromEntries(Object.entries(members).filter((entry): entry is [string, Uint8Array | string] => entry[1] !== undefined)),
  )
}

/** A golden archive whose config went through `change`. */
export function withConfig(name: string, change: (text: string) => string): Uint8Array {
  const text = new TextDecoder().decode(goldenMembers(name)['config.json'])
  const changed = change(text)
  if (changed === text) throw new Error(`the change to ${name}'s config changed nothing`)
  return altered(name, { 'config.json': changed })
}

export type H5File = h5wasm.File

let files = 0

/** An HDF5 file, written by `write`. */
export async function hdf5(write: (file: h5wasm.File) => void): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready
  const path = `/made${files++}.h5`
  const file = new h5wasm.File(path, 'w')
  write(file)
  file.close()
  const bytes = FS.readFile(path)
  FS.unlink(path)
  return new Uint8Array(bytes)
}

/** A copy of an HDF5 file, changed by `change`. */
export async function changedHdf5(bytes: Uint8Array, change: (file: h5wasm.File) => void): Promise<Uint8Array> {
  const { FS } = await h5wasm.ready
  const path = `/changed${files++}.h5`
  FS.writeFile(path, bytes)
  const file = new h5wasm.File(path, 'a')
  change(file)
  file.close()
  const changed = FS.readFile(path)
  FS.unlink(path)
  return new Uint8Array(changed)
}

/** For assert.rejects and assert.throws: a typed error of the given name that says all of the given things. */
export function refusal(name: string, ...parts: readonly (string | RegExp)[]): (error: unknown) => boolean {
  return error => {
    if (!(error instanceof KerafoldError)) throw error
    if (error.name !== name) throw new Error(`expected ${name}, got ${error.name}: ${error.message}`)
    for (const part of parts) {
      const found = typeof part === 'string' ? error.message.includes(part) : part.test(error.message)
      if (!found) throw new Error(`expected ${String(part)} in: ${error.message}`)
    }
    return true
  }
}
