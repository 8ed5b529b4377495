// What Node gives and a browser does not: files and folders by path.

import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { besidesUrl, fetchBytes } from './fetchBytes.js'

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

/** A file in the folder of another one. */
export function besides(path: string | URL, name: string): string | URL {
  return path instanceof URL ? besidesUrl(path, name) : join(dirname(path), name)
}

/** Writes a file as a whole or not at all. @throws what the file system says. */
export async function writePath(path: string | URL, bytes: Uint8Array): Promise<void> {
  if (path instanceof URL && path.protocol !== 'file:') throw new Error('only files can be written')
  const target = path instanceof URL ? fileURLToPath(path) : path
  const draft = `${target}.${process.pid}.${randomUUID()}`
  try {
    await writeFile(draft, bytes, { flag: 'wx' })
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** Writes files into the folder that KERAFOLD_DUMP names, made if need be; undefined when it names none. */
export function dumpWriter(): ((file: string, text: string) => void) | undefined {
  const folder = process.env.KERAFOLD_DUMP
  if (!folder) return undefined
  mkdirSync(folder, { recursive: true })
  return (file, text) => writeFileSync(join(folder, file), text)
}

export { platform } from './capabilities.js'
