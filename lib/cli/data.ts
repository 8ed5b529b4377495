// Data for a model from the command line: .npy files by input, or random numbers of the model's shapes.

import { ArgumentError } from '../ir/errors.js'
import { allocate, NDArray } from '../ir/ndarray.js'
import { sizeOf } from '../ir/types.js'
import { fillRandom, keyOf } from '../layers/parts/random.js'
import type { BaseModel } from '../models/baseModel.js'
import { type FeedSpec, feedSpecs } from '../runtime/feeds.js'
import { type NpyArray, readNpy } from '../saving/npy.js'
import type { Arguments } from './arguments.js'
import { type OptionSpec, UsageError } from './command.js'
import type { Io } from './io.js'
import { sizesGiven } from './sizes.js'

/** The options of every command that feeds a model. */
export const dataOptions = {
  input: { value: 'FILE', repeats: true, help: 'a .npy file; NAME=FILE for one of several inputs' },
  random: { value: 'SEED', whole: 0, help: 'random numbers instead: in [-1, 1), 0 or 1 for whole numbers' },
  batch: { value: 'N', whole: 1, help: 'how many random rows: 1 if not given' },
  size: { value: 'NAME=N', repeats: true, help: 'another unknown size of random data: 8 if not given' },
} as const satisfies Record<string, OptionSpec>

const defaultSize = 8

/**
 * The data for each input, by name.
 * @throws UsageError when it is not clear what goes where; FileError for a file that is no array.
 */
export async function readInputs(given: Arguments, model: BaseModel<unknown>, io: Io): Promise<Record<string, NDArray>> {
  const traced = model.trace()
  const specs = feedSpecs(traced.graph, traced.sparseInputs)
  const seed = given.number('random')
  const files = given.list('input')
  if (seed === undefined && files.length === 0) throw new UsageError('--input or --random is missing')
  if (seed !== undefined && files.length > 0) throw new UsageError('--input and --random exclude each other')
  if (seed !== undefined) return randomInputs(specs, seed, { batch: 1, ...sizesGiven(given, traced) })
  const paths = byName(
    files,
    specs.map(({ name }) => name),
    'input',
  )
  const missing = specs.find(({ name }) => !paths.has(name))
  if (missing) throw new UsageError(`--input ${missing.name}=FILE is missing`)
  const data: Record<string, NDArray> = {}
  for (const [name, path] of paths) data[name] = toArray(await readArray(path, io))
  return data
}

/**
 * The files of an option by the tensor each is meant for: `NAME=FILE`, or a bare file where there is only one.
 * @throws UsageError for names that there are not, or that come twice.
 */
export function byName(given: readonly string[], names: readonly string[], option: string): Map<string, string> {
  const [only] = names
  const found = new Map<string, string>()
  for (const text of given) {
    const name = names.find(candidate => text.startsWith(`${candidate}=`)) ?? (names.length === 1 ? only : undefined)
    if (name === undefined) throw new UsageError(`--${option} should be NAME=FILE with one of ${names.join(', ')}, got ${text}`)
    if (found.has(name)) throw new UsageError(`--${option} for ${name} comes twice`)
    found.set(name, text.startsWith(`${name}=`) ? text.slice(name.length + 1) : text)
  }
  return found
}

/** @throws FileError naming the file, when it is missing or no array. */
export async function readArray(path: string, io: Io): Promise<NpyArray> {
  return readNpy(await io.readFile(path), path)
}

/** Doubles are rounded to float32, which is what models compute with. */
export function toArray({ data, shape }: NpyArray): NDArray {
  return new NDArray(data instanceof Float64Array ? Float32Array.from(data) : data, shape)
}

/** Uniform numbers; equal seeds give equal data. 0 and 1 are indices that every embedding has. */
function randomInputs(specs: readonly FeedSpec[], seed: number, sizes: Readonly<Record<string, number>>): Record<string, NDArray> {
  return Object.fromEntries(
    specs.map(({ name, type: { dtype, shape } }, k) => {
      const bound = shape.map(size => (typeof size === 'string' ? (sizes[size] ?? defaultSize) : size))
      const length = sizeOf(bound)
      if (length > 2 ** 28) throw new ArgumentError(`input "${name}" of ${bound.join('×')} random numbers is too large`)
      const uniform = fillRandom(new Float64Array(length), keyOf(seed + k), u => u)
      const data = allocate(dtype, length)
      for (let at = 0; at < length; at++)
        data[at] = dtype === 'float32' ? 2 * (uniform[at] as number) - 1 : Math.round(uniform[at] as number)
      return [name, new NDArray(data, bound)]
    }),
  )
}
