// A .keras archive as Keras 3 writes it: metadata.json, config.json and model.weights.h5, stored.

import type { Json } from '../layers/schema.js'
import { writeZip } from './zip.js'

/** The version of Keras whose configs and weights Kerafold writes. */
export const kerasVersion = '3.15.1'

/** Source: keras/src/saving/saving_lib.py, _save_model_to_fileobj. */
export function writeKeras(config: Json, weights: Uint8Array, date: Date): Promise<Uint8Array> {
  const encoder = new TextEncoder()
  const json = (value: Json) => encoder.encode(JSON.stringify(value))
  return writeZip({
    'metadata.json': json({ keras_version: kerasVersion, date_saved: date.toISOString().slice(0, 19).replace('T', '@') }),
    'config.json': json(config),
    'model.weights.h5': weights,
  })
}
