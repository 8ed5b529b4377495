// Numbers of the text format from their bits: floats as short as they read back, vectors as floats where they look like some.

import { floatView } from '../common.js'

/** A float32 from its bits; it reads back to the same ones. */
export function showFloat(bits: number): string {
  const value = floatOf(bits)
  const sign = bits < 0 ? '-' : ''
  if (Number.isNaN(value)) return `${sign}nan:0x${(bits & 0x7fffff).toString(16)}`
  if (!Number.isFinite(value)) return `${sign}inf`
  if (value === 0) return `${sign}0`
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits)
    if (Math.fround(Number(text)) === value) return String(Number(text))
  }
  return value.toPrecision(9)
}

/** Four lanes, with the shape that says how they are to be read. */
export function showLanes(words: readonly number[]): string {
  return words.every(looksLikeFloat) ? `f32x4 ${words.map(showFloat).join(' ')}` : `i32x4 ${words.map(hex).join(' ')}`
}

/** What a word of memory that may be a float or an integer most likely is. */
export function showWord(bits: number): string {
  return looksLikeFloat(bits) ? showFloat(bits) : String(bits)
}

function looksLikeFloat(bits: number): boolean {
  const size = Math.abs(floatOf(bits))
  return bits === 0 || (size >= 2 ** -30 && size <= 2 ** 30)
}

function floatOf(bits: number): number {
  floatView.setInt32(0, bits, true)
  return floatView.getFloat32(0, true)
}

function hex(bits: number): string {
  return `0x${(bits >>> 0).toString(16)}`
}
