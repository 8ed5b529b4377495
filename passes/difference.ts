// writeDifference: makes one graph of another by the fewest steps, so that patches tell what a pass changed.

import type { Graph, GraphDraft, NodeId } from '../lib/ir/graph.js'

/** Writes `after` into a draft of `before`, touching only what differs; `ids` are the nodes that may. */
export function writeDifference(draft: GraphDraft, before: Graph, after: Graph, ids?: Iterable<NodeId>): void {
  for (const id of ids ?? new Set([...Object.keys(before.nodes), ...Object.keys(after.nodes)])) {
    const node = after.nodes[id]
    if (node === before.nodes[id]) continue
    if (node) draft.nodes[id] = node
    else delete draft.nodes[id]
  }
  for (const name of Object.keys(before.variables)) if (!Object.hasOwn(after.variables, name)) delete draft.variables[name]
  for (const kind of ['outputs', 'losses'] as const) {
    const [old, now] = [before.results[kind], after.results[kind]]
    if (old.length !== now.length) draft.results[kind] = [...now]
    else
      now.forEach((result, k) => {
        if (result.node !== old[k]?.node) draft.results[kind][k] = result
      })
  }
  for (const name of Object.keys(before.results.updates))
    if (!Object.hasOwn(after.results.updates, name)) delete draft.results.updates[name]
  for (const [name, id] of Object.entries(after.results.updates)) if (before.results.updates[name] !== id) draft.results.updates[name] = id
}
