// writeDifference: makes one graph of another by the fewest steps, so that patches tell what a pass changed.

import type { Graph, GraphDraft, Node, NodeId } from '../lib/ir/graph.js'

/** Writes `after` into a draft of `before`, touching only what differs. */
export function writeDifference(draft: GraphDraft, before: Graph, after: Graph): void {
  const { variables, results } = after
  const changed = new Map<NodeId, Node | undefined>()
  for (const id of Object.keys(before.nodes)) if (after.nodes[id] !== before.nodes[id]) changed.set(id, after.nodes[id])
  for (const id of Object.keys(after.nodes)) if (!Object.hasOwn(before.nodes, id)) changed.set(id, after.nodes[id])
  writeChanges(draft, before, { variables, results, changed })
}

/** What becomes of a graph whose changed nodes are known. */
export interface Changes extends Pick<Graph, 'variables' | 'results'> {
  /** The nodes that may have changed; undefined where one is gone. */
  readonly changed: ReadonlyMap<NodeId, Node | undefined>
}

/** The same where a pass knows what it changed. */
export function writeChanges(draft: GraphDraft, before: Graph, { variables, results, changed }: Changes): void {
  const { nodes } = draft // each access to a draft goes through a proxy
  for (const [id, node] of changed) {
    if (node === before.nodes[id]) continue
    if (node) nodes[id] = node
    else delete nodes[id]
  }
  for (const name of Object.keys(before.variables)) if (!Object.hasOwn(variables, name)) delete draft.variables[name]
  for (const kind of ['outputs', 'losses'] as const) {
    const [old, now] = [before.results[kind], results[kind]]
    if (old.length !== now.length) draft.results[kind] = [...now]
    else
      now.forEach((result, k) => {
        if (result.node !== old[k]?.node) draft.results[kind][k] = result
      })
  }
  for (const name of Object.keys(before.results.updates)) if (!Object.hasOwn(results.updates, name)) delete draft.results.updates[name]
  for (const [name, id] of Object.entries(results.updates)) if (before.results.updates[name] !== id) draft.results.updates[name] = id
}
