// predict: any number of rows in batches, with Keras' progress bar.

import { ShapeError } from '../ir/errors.js'
import { allocate, isOutOfMemory, NDArray, type TypedData, tooLarge } from '../ir/ndarray.js'
import { aFunction, aString, aWholeNumber, checkOptions, type OptionKind, oneOf } from '../ir/options.js'
import { type DType, sizeOf } from '../ir/types.js'
import type { Executable } from '../runtime/executable.js'
import { type Feed, type Inputs, toFeeds } from '../runtime/feeds.js'
import { progressBar } from './progress.js'

export interface PredictOptions {
  /** Rows per run; 32 by default. The last batch may be smaller. */
  readonly batchSize?: number
  /** 1 or true shows a progress bar. */
  readonly verbose?: 0 | 1 | boolean
  readonly backend?: string
  /** Where progress is written; the terminal or console by default. */
  readonly write?: (text: string) => void
}

const predictOptions = {
  batchSize: aWholeNumber(1),
  verbose: oneOf(0, 1, false, true),
  backend: aString,
  write: aFunction,
} as const satisfies Record<keyof PredictOptions, OptionKind>

/** @throws ArgumentError for an option that predict does not have, or that cannot be that. */
export function checkPredictOptions(options: PredictOptions, owner: string): void {
  checkOptions(`${owner}: predict()`, options, predictOptions)
}

/** Milliseconds after which other work of this thread gets its turn: one frame of a display. */
const patience = 16

/** Runs batch after batch and joins the outputs along axis 0; gives way to other work between batches. */
export async function predictBatches(exe: Executable, inputs: Inputs, options: PredictOptions, owner: string): Promise<readonly NDArray[]> {
  const { batchSize = 32 } = options
  const feeds = toFeeds(inputs, exe.inputSpecs, owner)
  const rows = rowsOf(feeds, exe, owner)
  const fixed = exe.inputSpecs.map(({ type }) => type.shape[0]).find(size => typeof size === 'number')
  const step = typeof fixed === 'number' ? fixed : batchSize
  const bar = options.verbose ? progressBar(Math.max(1, Math.ceil(rows / step)), options.write) : undefined
  const parts: (readonly NDArray[])[] = []
  let rested = performance.now()
  for (let start = 0; start === 0 || start < rows; start += step) {
    const batch = Object.fromEntries(
      feeds.map((feed, k) => [exe.inputSpecs[k]?.name as string, arrayOf(slice(feed, start, Math.min(rows, start + step)), exe, k)]),
    )
    parts.push(await exe.runAsync(batch))
    bar?.(parts.length)
    if (performance.now() - rested > patience) {
      await new Promise(resolve => setTimeout(resolve, 0))
      rested = performance.now()
    }
  }
  return (parts[0] ?? []).map((_, k) =>
    join(
      parts.map(part => part[k] as NDArray),
      owner,
    ),
  )
}

function rowsOf(feeds: readonly Feed[], exe: Executable, owner: string): number {
  const counts = feeds.map(({ shape }) => shape[0] ?? 1)
  const [rows = 0] = counts
  if (counts.some(count => count !== rows)) {
    const listed = counts.map((count, k) => `"${exe.inputSpecs[k]?.name}" ${count}`).join(', ')
    throw new ShapeError(`${owner}: all inputs need the same number of rows, got ${listed}`)
  }
  return rows
}

function arrayOf({ data, shape }: Feed, exe: Executable, k: number): NDArray {
  return new NDArray(data, shape, exe.inputSpecs[k]?.type.dtype ?? 'float32')
}

function slice({ data, shape }: Feed, start: number, end: number): Feed {
  if (shape.length === 0) return { data, shape }
  const row = sizeOf(shape.slice(1))
  return { data: data.subarray(start * row, end * row), shape: [end - start, ...shape.slice(1)] }
}

function join(parts: readonly NDArray[], owner: string): NDArray {
  const [first] = parts as readonly [NDArray, ...NDArray[]]
  if (parts.length === 1) return first
  if (first.shape.length === 0) {
    throw new ShapeError(
      `${owner}: an output without a batch axis cannot be joined from ${parts.length} batches`,
      {},
      'run() takes all rows at once',
    )
  }
  const shape = [parts.reduce((sum, part) => sum + (part.shape[0] as number), 0), ...first.shape.slice(1)]
  const data = allocateFor(first.dtype, shape, owner)
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return new NDArray(data, shape, first.dtype)
}

/** @throws ShapeError when the predictions do not fit into memory. */
function allocateFor(dtype: DType, shape: readonly number[], owner: string): TypedData {
  try {
    return allocate(dtype, sizeOf(shape))
  } catch (error) {
    throw isOutOfMemory(error) ? tooLarge(`${owner}: the output of all rows`, { dtype, shape }) : error
  }
}
