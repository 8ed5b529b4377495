// Running out of memory: which tensor of a graph was too much.

import { type Graph, nodeAt } from '../ir/graph.js'
import { isOutOfMemory, tooLarge } from '../ir/ndarray.js'
import { type DType, isConcrete, isTuple, sizeOf } from '../ir/types.js'

/** Does `work` on a specialised graph. @throws ShapeError naming the graph's largest tensor where memory runs out. */
export function withinMemory<T>(title: string, graph: Graph, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw explainMemory(title, graph, error)
  }
}

/** The error to throw in place of one that came up on a specialised graph. */
export function explainMemory(title: string, graph: Graph, error: unknown): unknown {
  const largest = isOutOfMemory(error) ? largestTensor(graph) : undefined
  return largest ? tooLarge(`${title}: the tensor "${largest.id}"`, largest) : error
}

function largestTensor(graph: Graph): { id: string; dtype: DType; shape: readonly number[] } | undefined {
  let largest: { id: string; dtype: DType; shape: readonly number[] } | undefined
  for (const id of Object.keys(graph.nodes)) {
    const { type } = nodeAt(graph, id)
    if (isTuple(type) || !isConcrete(type.shape)) continue
    const { dtype, shape } = type
    if (!largest || sizeOf(shape) > sizeOf(largest.shape)) largest = { id, dtype, shape }
  }
  return largest
}
