// Plain graphs: those that the passes of algebra.ts leave as they are, as a few ops and what they read tell.

import { type Graph, type Node, nodeAt, noEdit } from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import type { OpName } from '../lib/ir/vocabulary.js'
import { dependences } from './dependence.js'
import type { PassName } from './order.js'
import type { Runnable } from './runPasses.js'

/** The passes that have nothing to do on a plain graph. */
export type AlgebraName = Extract<
  PassName,
  'canonicalize' | 'foldShapes' | 'sinkTransposes' | 'simplify' | 'foldConstants' | 'absorbPadding' | 'foldAffine'
>

/**
 * The ops of plain graphs, each with the ops that none of its operands may be: scales, shifts and rectifiers fold into
 * what they read. Other rules need an op that is not here: a constant, a movement, a mask.
 */
const plain: Readonly<Partial<Record<OpName, readonly OpName[]>>> = {
  input: [],
  variable: [],
  matmul: ['add'],
  add: ['add'],
  relu: ['relu', 'sigmoid'],
  ...{ sigmoid: [], tanh: [], elu: [], selu: [], gelu: [], silu: [], leaky_relu: [], softplus: [], softsign: [], mish: [] },
  ...{ softmax: [], log_softmax: [] },
}

/** Whether the passes of algebra.ts change nothing here, nor after the other passes, nor when sizes are bound. */
export function isPlain(graph: Graph): boolean {
  const order = topologicalOrder(graph)
  const dependence = dependences(graph, order)
  /** What any order of operands and any name leaves where it is: a bias on a value of the run. */
  const inOrder = ({ inputs: [left = '', right = ''] }: Node): boolean =>
    dependence.get(left) === 'run' && dependence.get(right) === 'weights' && nodeAt(graph, right).op === 'variable'
  return order.every(node => {
    const excluded = plain[node.op]
    const stays = excluded?.every(op => node.inputs.every(id => nodeAt(graph, id).op !== op))
    return stays === true && (node.op !== 'add' || inOrder(node))
  })
}

const idle = (name: AlgebraName): Runnable => ({ name, run: noEdit })

/** Stands for algebra.ts on plain graphs: its passes still have their line in reports. */
export const idleAlgebra = {
  canonicalize: idle('canonicalize'),
  foldShapes: idle('foldShapes'),
  sinkTransposes: idle('sinkTransposes'),
  simplify: idle('simplify'),
  foldConstants: idle('foldConstants'),
  absorbPadding: idle('absorbPadding'),
  foldAffine: idle('foldAffine'),
} as const satisfies Record<AlgebraName, Runnable>
