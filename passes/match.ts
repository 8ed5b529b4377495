// Small questions that rules ask of nodes.

import type { Node } from '../lib/ir/graph.js'

/** Whether a node is a constant that holds `value` everywhere. */
export function isFill(node: Node, value: number): boolean {
  return node.op === 'constant' && node.attrs.data.length > 0 && node.attrs.data.every(item => item === value)
}
