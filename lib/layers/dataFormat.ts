// The option data_format: where the channels of an image are.

import { type DataFormat, imageDataFormat } from '../ops/functional/index.js'
import { alias, type Field, nullable, oneOf } from './schema.js'

/** Keras 1 called them by its backends' names. */
const older: Readonly<Record<string, DataFormat>> = { tf: 'channels_last', th: 'channels_first' }

/** channels_last or channels_first; null, the default, is what `K.imageDataFormat()` says when the layer is made. */
export function dataFormat(): Field<DataFormat> {
  const field = nullable(oneOf('channels_last', 'channels_first'))
  return alias(
    {
      fallback: imageDataFormat,
      parse: (value, where) => field.parse(typeof value === 'string' ? (older[value] ?? value) : value, where) ?? imageDataFormat(),
      toJson: value => value,
    },
    'dimOrdering',
  )
}
