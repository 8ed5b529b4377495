// Configs as Keras writes them, made by hand, and the archives around them.

import type { Json } from '../../../lib/layers/schema.js'
import { archive } from './archives.js'

const metadata = '{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}'
export const garbage = new Uint8Array(100)

export const layer = (className: string, config: Record<string, Json>, nodes?: Json): Json => ({
  module: 'keras.layers',
  class_name: className,
  config,
  registered_name: null,
  ...(nodes === undefined ? {} : { name: config.name as Json, inbound_nodes: nodes }),
})
export const inputLayer = (name: string, shape: Json, nodes?: Json) =>
  layer('InputLayer', { name, batch_shape: shape, dtype: 'float32' }, nodes)
export const tensor = (name: string, call = 0, output = 0): Json => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 3], dtype: 'float32', keras_history: [name, call, output] },
})
export const node = (...args: Json[]): Json => ({ args, kwargs: {} })
export const operation = (className: string, name: string, config: Record<string, Json>, ...nodes: Json[]): Json => ({
  module: 'keras.src.ops.numpy',
  class_name: className,
  config: { name, ...config },
  registered_name: className,
  name,
  inbound_nodes: nodes,
})

export const sequential = (...layers: Json[]): Json => ({
  module: 'keras',
  class_name: 'Sequential',
  config: { name: 'net', layers },
  registered_name: null,
})
export const functional = (outputs: Json, ...layers: Json[]): Json => ({
  module: 'keras.src.models.functional',
  class_name: 'Functional',
  config: { name: 'net', layers: [inputLayer('x', [null, 3], []), ...layers], input_layers: ['x', 0, 0], output_layers: outputs },
  registered_name: 'Functional',
})

/** An archive of a config, with weights that are read last. */
export const file = (config: Json | string, weights: Uint8Array = garbage) =>
  archive({
    'metadata.json': metadata,
    'config.json': typeof config === 'string' ? config : JSON.stringify(config),
    'model.weights.h5': weights,
  })
