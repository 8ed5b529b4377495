// STFT: convolution kernels of a short-time Fourier transform. Source: keras/src/initializers/constant_initializers.py STFT.

import { ArgumentError, DTypeError, ShapeError } from '../../ir/errors.js'
import { type DType, sizeOf } from '../../ir/types.js'
import { boolean, type Field, type Json, list, nullable, number, oneOf, optional, type Parsed, parseOptions, toConfig } from '../schema.js'
import { Initializer } from './initializer.js'
import type { OptionsOf } from './partTable.js'
import { type WindowName, windowNames, windowValues } from './windows.js'

const samples = list(number())

/** A window by SciPy's name, its values, or null for none; the Hann window by default. */
const windowField: Field<WindowName | readonly number[] | null> = {
  fallback: () => 'hann',
  parse(value, where) {
    if (value === null) return null
    if (Array.isArray(value)) return samples.parse(value, where)
    const name = windowNames.find(known => known === value)
    if (name) return name
    throw new ArgumentError(`${where} should be a list of values, null, or one of ${windowNames.join(', ')}`)
  },
  toJson: value => value,
}

const schema = {
  side: optional<'real' | 'imag'>(oneOf('real', 'imag'), () => 'real'),
  window: windowField,
  scaling: optional<'density' | 'spectrum' | null>(nullable(oneOf('density', 'spectrum')), () => 'density'),
  periodic: optional(boolean(), () => false),
}

/** cos or sin(−2π · time · frequency), windowed and normalised, for weights of shape (time, 1, frequencies). */
export class STFT extends Initializer {
  static override readonly className = 'STFT'
  static readonly schema = schema
  private readonly options: Parsed<typeof schema>

  /** @throws ArgumentError for ill-typed options or a window that is not known. */
  constructor(options: OptionsOf<typeof schema> = {}) {
    super()
    this.options = parseOptions('STFT', schema, options)
  }
  /** @throws ShapeError unless the shape is (time, 1, frequencies) and the window has as many values as time. */
  override draw(shape: readonly number[], dtype: DType): Float32Array {
    const { side } = this.options
    const [frames, channels, frequencies] = shape
    if (dtype !== 'float32') throw new DTypeError(`STFT draws float32 values, not ${dtype}`)
    if (frames === undefined || channels !== 1 || frequencies === undefined || shape.length > 3) {
      throw new ShapeError('STFT needs a weight of shape (time, 1, frequencies)', { weight: { dtype, shape } })
    }
    const window = this.window(frames)
    const wave = side === 'real' ? Math.cos : Math.sin
    const step = (-2 * Math.PI) / ((frequencies - 1) * 2)
    return Float32Array.from({ length: sizeOf(shape) }, (_, at) => {
      const time = Math.floor(at / frequencies)
      return wave(step * time * (at % frequencies)) * (window?.[time] ?? 1)
    })
  }
  /** The window divided by its 2-norm or 1-norm; undefined for none. */
  private window(length: number): number[] | undefined {
    const { window, scaling, periodic } = this.options
    if (window === null) return undefined
    const values = typeof window === 'string' ? [...windowValues(window, length, periodic)] : [...window]
    if (values.length !== length) throw new ShapeError(`STFT: a window of ${values.length} values does not fit ${length} time steps`)
    const norms = { density: Math.hypot(...values), spectrum: values.reduce((sum, value) => sum + Math.abs(value), 0) }
    const norm = scaling === null ? 1 : norms[scaling]
    return values.map(value => value / norm)
  }
  override getConfig(): Record<string, Json> {
    return toConfig(schema, this.options)
  }
}
