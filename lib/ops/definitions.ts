// What is known of ops by their names: outside bundles for browsers of all, in a page of those that its layers may emit.

import * as eager from '#eager/lib/ops/table'
import { GraphError } from '../ir/errors.js'
import type { OpName } from '../ir/vocabulary.js'
import { commonOps } from './commonOps.js'
import type { Definition } from './op.js'

type Known = Partial<Record<OpName, Definition>>

const atOnce: { readonly opTable?: Known } = eager
const known: Known = { ...commonOps, ...atOnce.opTable }

/** Makes ops known from now on. */
export function know(definitions: Readonly<Known>): void {
  Object.assign(known, definitions)
}

/** The definition of an op, as callers that only know its name see it. @throws GraphError for one that nothing here emits. */
export function definitionOf(op: OpName): Definition {
  const definition = known[op]
  if (!definition) throw new GraphError(`there is no definition of ${op} here`, 'a page knows the ops of its layers; verify() knows all')
  return definition
}
