// Edits: a change of a graph as a value, with the steps both ways and the reasons.

import { freezeGraph, type Graph, type Node, type NodeId, type Result, type Results } from './graph.js'

/** Why a pass changed what it changed. */
export interface Rewrite {
  readonly rule: string
  readonly origin: readonly string[]
  readonly removed: readonly NodeId[]
  readonly added: readonly NodeId[]
}

/** One step from graph to graph, in the form of immer's patches: its `applyPatches` takes them. */
export interface Patch {
  readonly op: 'add' | 'replace' | 'remove'
  readonly path: (string | number)[]
  readonly value?: unknown
}

/** A change as a value: where it started, where it ended, the steps both ways and the reasons. */
export interface Edit {
  readonly before: Graph
  readonly graph: Graph
  /** From `before` to `graph`, worked out when they are read. */
  readonly patches: readonly Patch[]
  /** From `graph` to `before`. */
  readonly undo: readonly Patch[]
  readonly rewrites: readonly Rewrite[]
}

/** What becomes of a graph; what is not given stays. */
export interface Changes extends Partial<Pick<Graph, 'variables' | 'results'>> {
  /** The nodes that may have changed; undefined where one is gone. */
  readonly changed?: ReadonlyMap<NodeId, Node | undefined>
}

/** The edit that makes these changes. Parts of the graph that stay are shared; without a change it gives `before` itself. */
export function editGraph(before: Graph, { changed, variables, results }: Changes, rewrites: readonly Rewrite[] = []): Edit {
  const after = {
    ...before,
    nodes: changed ? changedNodes(before.nodes, changed) : before.nodes,
    variables: variables && differ(before.variables, variables) ? variables : before.variables,
    results: results ? changedResults(before.results, results) : before.results,
  }
  return editTo(before, differ(before, after) ? after : before, rewrites)
}

/** The edit from one graph to another. */
export function editTo(before: Graph, after: Graph, rewrites: readonly Rewrite[] = []): Edit {
  const graph = freezeGraph(after)
  return {
    before,
    graph,
    get patches() {
      return patchesBetween(before, graph)
    },
    get undo() {
      return patchesBetween(graph, before)
    },
    rewrites,
  }
}

/** The edit of a pass that found nothing to do. */
export function noEdit(graph: Graph): Edit {
  return editTo(graph, graph)
}

type Table = Readonly<Record<string, unknown>>

function changedNodes(before: Graph['nodes'], changed: ReadonlyMap<NodeId, Node | undefined>): Graph['nodes'] {
  let nodes: Record<NodeId, Node> | undefined
  for (const [id, node] of changed) {
    if (node === before[id]) continue
    nodes ??= { ...before }
    if (node) nodes[id] = node
    else delete nodes[id]
  }
  return nodes ?? before
}

function changedResults(before: Results, after: Results): Results {
  const list = (old: readonly Result[], now: readonly Result[]) =>
    old.length === now.length && now.every(({ node }, k) => node === old[k]?.node) ? old : now
  const results = {
    outputs: list(before.outputs, after.outputs),
    losses: list(before.losses, after.losses),
    updates: differ(before.updates, after.updates) ? after.updates : before.updates,
  }
  return differ(before, results) ? results : before
}

/** Whether one of two tables holds a key or a value that the other does not. */
function differ(a: object, b: object): boolean {
  return entryPatches([], a as Table, b as Table).length > 0
}

function patchesBetween(from: Graph, to: Graph): Patch[] {
  const patches = [
    ...entryPatches(['nodes'], from.nodes, to.nodes),
    ...entryPatches(['variables'], from.variables, to.variables),
    ...entryPatches(['results', 'updates'], from.results.updates, to.results.updates),
  ]
  for (const list of ['outputs', 'losses'] as const) {
    const [old, now] = [from.results[list], to.results[list]]
    if (old.length !== now.length) patches.push({ op: 'replace', path: ['results', list], value: now })
    else
      now.forEach((value, k) => {
        if (value.node !== old[k]?.node) patches.push({ op: 'replace', path: ['results', list, k], value })
      })
  }
  return patches
}

function entryPatches(path: readonly string[], from: Table, to: Table): Patch[] {
  const patches: Patch[] = []
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) patches.push({ op: 'remove', path: [...path, key] })
  for (const [key, value] of Object.entries(to)) {
    if (from[key] === value) continue
    patches.push({ op: Object.hasOwn(from, key) ? 'replace' : 'add', path: [...path, key], value })
  }
  return patches
}
