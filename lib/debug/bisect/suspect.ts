// Suspect: what bisect found guilty, with all that is needed to see it again.

import type { NodeId } from '../../ir/graph.js'
import type { Case } from '../reference.js'

/** What can go wrong: a pass, a kernel on its own, or a program whose kernels are right one by one. */
export type SuspectKind = 'pass' | 'kernel' | 'program'

export interface Suspect {
  readonly kind: SuspectKind
  /** The name of the pass, or of the backend. */
  readonly name: string
  /** The rule of the pass, where that could be told. */
  readonly rule: string | undefined
  /** The node that was rewritten, or that the kernel computes, and its op. */
  readonly node: NodeId
  readonly op: string
  /** The layer calls that it came from. */
  readonly origin: readonly string[]
  /** What is wrong with what it gives. */
  readonly problem: string
  /** A graph, as small as could be found, on which it goes wrong. */
  readonly reproduction: Case
}

/** `pass simplify, rule addZero, at dense/add (add) from dense#0`. */
export function showSuspect({ kind, name, rule, node, op, origin }: Suspect): string {
  const who = {
    pass: `pass ${name}${rule === undefined ? '' : `, rule ${rule}`}, at`,
    kernel: `the ${name} kernel of`,
    program: `the ${name} program, though each kernel alone is right, at`,
  }
  return `${who[kind]} ${node} (${op})${origin.length > 0 ? ` from ${origin.join(', ')}` : ''}`
}
