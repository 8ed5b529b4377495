// Attributes of text: fixed-length byte strings, as h5py 2 wrote them, and variable-length ones.

import type { OpenedFile } from './h5library.js'

/** Strings in one attribute, and bytes of all of them: more than any model has. */
const maxStrings = 1 << 16
const maxBytes = 16 << 20
const H5T_STRING = 3

/**
 * The strings of an attribute; undefined if it holds something else, or more than a model needs. An empty list counts
 * as strings whatever its type: Keras writes one as float64[0].
 * @throws what the library throws for damaged data.
 */
export function readStrings({ module, id }: OpenedFile, path: string, attribute: string): readonly string[] | undefined {
  const { type, vlen, size, total_size: count, shape } = module.get_attribute_metadata(id, path, attribute)
  if (shape === null || count > maxStrings || count * size > maxBytes) return undefined
  if (count === 0) return []
  if (type !== H5T_STRING) return undefined
  const pointer = module._malloc(count * size)
  if (pointer === 0) return undefined
  try {
    module.HEAPU8.fill(0, pointer, pointer + count * size)
    if (module.get_attribute_data(id, path, attribute, BigInt(pointer)) < 0) return undefined
    const heap = module.HEAPU8
    if (!vlen) return Array.from({ length: count }, (_, k) => decode(heap, pointer + k * size, size))
    const texts = new DataView(heap.buffer)
    let left = maxBytes
    const strings: string[] = []
    for (let k = 0; k < count; k++) {
      const start = texts.getUint32(pointer + 4 * k, true)
      const text = start === 0 ? '' : decode(heap, start, left)
      left -= text.length
      if (left <= 0) return undefined
      strings.push(text)
    }
    module.reclaim_vlen_memory(id, path, attribute, BigInt(pointer))
    return strings
  } finally {
    module._free(pointer)
  }
}

/** The text of at most `length` bytes, up to the first zero. */
function decode(heap: Uint8Array, start: number, length: number): string {
  const end = heap.indexOf(0, start)
  return new TextDecoder().decode(heap.slice(start, Math.min(end < 0 ? heap.length : end, start + length)))
}
