// Fusible: what a backend can run as one kernel, as data that the fusion pass reads.

import type { OpName } from '../ir/vocabulary.js'

/** What may follow an anchor op inside one kernel. */
export interface Epilogue {
  /** Whether adding a vector along the last axis may come first. */
  readonly bias: boolean
  /** Elementwise ops that may follow, each reading the anchor's value; their other operands enter the region. */
  readonly ops: readonly OpName[]
  /** The longest run of such ops after the bias. */
  readonly limit: number
}

export interface Fusible {
  /** Ops that begin a kernel and what may follow them. */
  readonly anchors: Readonly<Partial<Record<OpName, Epilogue>>>
  /** Elementwise ops that may be joined into one kernel of their own; empty where a backend has none. */
  readonly elementwise: readonly OpName[]
}

/** A backend that runs one op at a time. */
export const nothingFusible: Fusible = { anchors: {}, elementwise: [] }
