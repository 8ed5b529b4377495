// What the parts of a product tell each other: where elements lie, where a tile begins, how large it is.

import type { Local } from '../assembler.js'
import type { GemmEpilogue } from './spec.js'

/** Where the elements of a product lie; all distances in elements. */
export interface Layout {
  /** Steps of the contraction that lie side by side in A. */
  readonly k: number
  /** Loops around them, outermost first, with the distance of their steps in A; B lies in the order of all steps. */
  readonly taps?: readonly { readonly count: number; readonly step: number }[]
  /** From a row of A, and of C, to the next. */
  readonly aRow: number
  readonly cRow: number
  /** From a step of k in B to the next, and from eight columns to the next eight. */
  readonly bStep: number
  readonly bPanel: number
}

export interface TileOptions {
  /** int32 elements, wrapping; float32 otherwise. */
  readonly int?: boolean
  /** f32x4.relaxed_madd instead of a product and a sum. */
  readonly fma?: boolean
  readonly epilogue?: GemmEpilogue | undefined
}

/** Pointers to the first element of a tile, in C, A, B and the epilogue's operands. */
export interface TilePointers {
  readonly c: Local
  readonly a: Local
  readonly b: Local
  readonly operands: readonly Local[]
}

/** The size of a tile; B is read in whole vectors of four columns, C is written where columns exist. */
export interface TileSize {
  readonly rows: number
  readonly columns: number
}

/** The sums of a tile as sums[row][vector]. */
export type Sums = readonly (readonly Local[])[]
