// Dtypes and dtype policies in configs: strings in old files, DTypePolicy objects in newer ones.

import type { DType } from '../../ir/types.js'
import type { Cursor } from '../../saving/cursor.js'

/** 64-bit numbers are computed in 32 bits. */
const known: Readonly<Record<string, DType>> = { float32: 'float32', float64: 'float32', int32: 'int32', int64: 'int32', bool: 'bool' }

/**
 * The dtype that a layer computes in and keeps its weights in.
 * @throws FileError for mixed, 16-bit, quantised and other policies.
 */
export function dtypeOf(cursor: Cursor): DType {
  const name = cursor.isRecord ? cursor.get('config').get('name').string() : cursor.string()
  const dtype = Object.hasOwn(known, name) ? known[name] : undefined
  return (
    dtype ??
    cursor.fail(
      `is the dtype ${JSON.stringify(name)}, which is not supported`,
      'float32, int32 and bool are; float64 and int64 are computed in 32 bits',
    )
  )
}
