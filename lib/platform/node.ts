// What Node gives and a browser does not: files and folders by path.

import { mkdirSync, writeFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fetchBytes } from './fetchBytes.js'

/** The bytes of a file, or of what a URL names. */
export async function readPath(path: string | URL): Promise<Uint8Array> {
  if (path instanceof URL && path.protocol !== 'file:') return fetchBytes(path)
  const { buffer, byteOffset, byteLength } = await readFile(path)
  return new Uint8Array(buffer, byteOffset, byteLength)
}

/** The names of the files in a folder; null if the path is no folder. */
export async function listFolder(path: string | URL): Promise<readonly string[] | null> {
  if (path instanceof URL && path.protocol !== 'file:') return null
  return (await stat(path)).isDirectory() ? readdir(path) : null
}

/** A file in a folder. */
export function pathIn(folder: string | URL, name: string): string {
  return `${folder instanceof URL ? fileURLToPath(folder) : folder}/${name}`
}

/** Writes files into the folder that KERAFOLD_DUMP names, made if need be; undefined when it names none. */
export function dumpWriter(): ((file: string, text: string) => void) | undefined {
  const folder = process.env.KERAFOLD_DUMP
  if (!folder) return undefined
  mkdirSync(folder, { recursive: true })
  return (file, text) => writeFileSync(join(folder, file), text)
}

export { platform } from './capabilities.js'
