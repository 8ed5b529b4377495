// Settings that keras.backend keeps: epsilon, floatx, image data format. State of the module, as in Keras.

import { ArgumentError } from '../../ir/errors.js'
import type { DType } from '../../ir/types.js'

export type DataFormat = 'channels_last' | 'channels_first'

const defaults = { epsilon: 1e-7, imageDataFormat: 'channels_last' as DataFormat }
let current = { ...defaults }

/** A small number that functions add where they would divide by 0; 1e-7 unless set. */
export function epsilon(): number {
  return current.epsilon
}

/** @throws ArgumentError unless the value is above 0. */
export function setEpsilon(value: number): void {
  if (!(value > 0)) throw new ArgumentError(`setEpsilon: expected a number above 0, got ${value}`)
  current.epsilon = value
}

/** The dtype of floats: always float32. */
export function floatx(): DType {
  return 'float32'
}

/** @throws ArgumentError for anything but float32, the one float there is. */
export function setFloatx(value: string): void {
  if (value !== 'float32') throw new ArgumentError(`setFloatx: floats are float32, got "${value}"`)
}

/** Where the channels of images are unless a layer says otherwise. */
export function imageDataFormat(): DataFormat {
  return current.imageDataFormat
}

/** @throws ArgumentError for anything but channels_last and channels_first. */
export function setImageDataFormat(value: DataFormat): void {
  if (value !== 'channels_last' && value !== 'channels_first') {
    throw new ArgumentError(`setImageDataFormat: expected channels_last or channels_first, got "${String(value)}"`)
  }
  current.imageDataFormat = value
}

/** Puts all settings back to their defaults. */
export function resetBackend(): void {
  current = { ...defaults }
}
