// What a browser gives: paths are URLs relative to the page, and there are no folders.

import { besidesUrl, fetchBytes } from './fetchBytes.js'

/** The bytes of what a URL or a path relative to the page names. */
export async function readPath(path: string | URL): Promise<Uint8Array> {
  return fetchBytes(path)
}

/** The names of the files in a folder; always null: a browser has none. */
export async function listFolder(_path: string | URL): Promise<readonly string[] | null> {
  return null
}

/** A file in a folder. */
export function pathIn(folder: string | URL, name: string): string {
  return `${String(folder)}/${name}`
}

/** A file in the folder of another one. */
export function besides(path: string | URL, name: string): string | URL {
  return path instanceof URL ? besidesUrl(path, name) : path.replace(/[^/?#]*(?=$|[?#])/, () => name)
}

/** Always refused: a browser has no files to write. */
export async function writePath(_path: string | URL, _bytes: Uint8Array): Promise<void> {
  throw new Error('a browser has no files to write; leave the target out and offer the bytes: new Blob([bytes])')
}

/** Where dumps go; undefined: a browser has no folder for them. */
export function dumpWriter(): ((file: string, text: string) => void) | undefined {
  return undefined
}

export { platform } from './capabilities.js'
