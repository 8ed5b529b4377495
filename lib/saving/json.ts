// JSON from files: bounded in size and depth, and without keys that mean something to JavaScript.

import { FileError } from '../ir/errors.js'
import type { Json } from '../layers/schema.js'

const maxBytes = 16 << 20
const maxDepth = 200
/** Commas and brackets: a bound on the number of values, which cost far more memory than their text. */
const maxMarks = 1_000_000

const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * Parses a member of a model file.
 * @throws FileError for what is no JSON, too large, nested too deeply, or names a JavaScript prototype.
 */
export function parseJson(bytes: Uint8Array, where: string): Json {
  if (bytes.length > maxBytes) throw new FileError(`${where} is too large: ${bytes.length} bytes, at most ${maxBytes}`)
  checkStructure(bytes, where)
  let value: Json
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Json
  } catch (error) {
    throw new FileError(`${where} is no valid JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
  checkKeys(value, where)
  return value
}

const [quote, backslash, openList, closeList, openObject, closeObject, comma] = [...'"\\[]{},'].map(mark => mark.charCodeAt(0))

/** Counts brackets before anything is built. */
function checkStructure(bytes: Uint8Array, where: string): void {
  let depth = 0
  let marks = 0
  let quoted = false
  for (let k = 0; k < bytes.length; k++) {
    const byte = bytes[k]
    if (byte === quote) quoted = !quoted
    else if (quoted) {
      if (byte === backslash) k++
    } else if (byte === openList || byte === openObject) {
      depth++
      marks++
      if (depth > maxDepth) throw new FileError(`${where} is nested more than ${maxDepth} levels deep`)
    } else if (byte === closeList || byte === closeObject) depth--
    else if (byte === comma) marks++
    if (marks > maxMarks) throw new FileError(`${where} holds more than ${maxMarks} values`)
  }
}

function checkKeys(value: Json, path: string): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    value.forEach((item, k) => {
      checkKeys(item, `${path}[${k}]`)
    })
    return
  }
  for (const [key, item] of Object.entries(value)) {
    if (forbidden.has(key)) throw new FileError(`${path} has the key ${JSON.stringify(key)}, which no model file needs`)
    checkKeys(item, `${path} > ${key}`)
  }
}
