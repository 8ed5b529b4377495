// Which stored weight goes into which variable: found and checked as a whole, read as a whole, set as a whole.

import { FileError } from '../ir/errors.js'
import type { TypedData } from '../ir/ndarray.js'
import type { DType } from '../ir/types.js'
import type { Variable } from '../layers/variable.js'

/** A weight in a file. */
export interface StoredWeight {
  /** Where it is, as messages and reports say it: `/layers/dense/vars/0`. */
  readonly path: string
  readonly shape: readonly number[]
  /** @throws FileError for what is damaged or cannot become the dtype. */
  read(dtype: DType): TypedData
}

export interface Pair {
  readonly variable: Variable
  /** `layer "dense" (Dense)` */
  readonly owner: string
  readonly stored: StoredWeight
}

/** Why some variables get nothing. */
export interface Mismatch {
  readonly variables: readonly Variable[]
  readonly reason: string
  /** Whether it is no error: the caller asked for what the names have in common. */
  readonly tolerated?: boolean
}

export interface Pairing {
  readonly pairs: readonly Pair[]
  readonly mismatches: readonly Mismatch[]
  /** What is in the file and in no pair, with why that is an error; null where it is none. */
  readonly unused: readonly { readonly path: string; readonly reason: string | null }[]
}

/** What became of each weight of a model, and of each in the file that has no place in it. */
export interface WeightsReport {
  /** Weights by path (`dense/kernel`), and where in the file their values came from. */
  readonly loaded: readonly { readonly weight: string; readonly from: string }[]
  /** Weights that kept their values, and why. */
  readonly skipped: readonly { readonly weight: string; readonly reason: string }[]
  /** What the file holds for no weight of the model. */
  readonly unused: readonly string[]
}

/** Pairs that fit, and what is to be reported; nothing is read yet. */
export interface CheckedPairs {
  readonly pairs: readonly Pair[]
  readonly report: WeightsReport
}

/**
 * Checks a pairing as a whole. With `skipMismatch`, what does not fit is reported and left out.
 * @throws FileError naming file, weight and layer, for the first that does not fit.
 */
export function checkPairs({ pairs, mismatches, unused }: Pairing, place: string, skipMismatch: boolean): CheckedPairs {
  const skipped = mismatches.flatMap(({ variables, reason }) => variables.map(({ path }) => ({ weight: path, reason })))
  const problem = [...mismatches.filter(({ tolerated }) => !tolerated), ...unused].find(({ reason }) => reason !== null)
  if (problem && !skipMismatch) throw new FileError(`${place}: ${problem.reason}`)
  const fitting = pairs.filter(({ variable, owner, stored }) => {
    if (sameShape(variable.shape, stored.shape)) return true
    const reason = `${stored.path} has shape ${show(stored.shape)}, but the model needs ${show(variable.shape)}`
    if (!skipMismatch) throw new FileError(`${place}: ${reason} for weight "${variable.path}" of ${owner}`)
    skipped.push({ weight: variable.path, reason })
    return false
  })
  const loaded = fitting.map(({ variable, stored }) => ({ weight: variable.path, from: stored.path }))
  return { pairs: fitting, report: { loaded, skipped, unused: unused.map(({ path }) => path) } }
}

/** The values of every pair: not one is set before all are read. @throws FileError for what is damaged. */
export function readPairs({ pairs }: CheckedPairs): ReadWeights {
  return pairs.map(({ variable, stored }) => [variable, stored.read(variable.dtype)])
}

export type ReadWeights = readonly (readonly [Variable, TypedData])[]

/** Sets what was read: from here on nothing can go wrong. */
export function setValues(values: ReadWeights): void {
  for (const [variable, data] of values) variable.adopt(data)
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

function show(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}
