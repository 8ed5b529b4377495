// Structure: the text of a graph without its names, so that graphs equal up to ids have one text.

import { type Graph, makeNode, type Node } from '../lib/ir/graph.js'
import { topologicalOrder } from '../lib/ir/order.js'
import { graphToText, printNumber } from '../lib/ir/printer.js'

const structures = new WeakMap<Graph, string>()

/**
 * The text of a graph with ids and region inputs renamed in topological order and origins left out. Names of inputs
 * and variables outside regions, of results and of sizes stay: they are part of what a graph means.
 */
export function structureOf(graph: Graph): string {
  const known = structures.get(graph)
  if (known !== undefined) return known
  const text = graphToText(renamed(graph, false))
  structures.set(graph, text)
  return text
}

function renamed(graph: Graph, isRegion: boolean): Graph {
  const ids = new Map<string, string>()
  const nodes: Record<string, Node> = {}
  const to = (id: string) => ids.get(id) as string
  for (const node of topologicalOrder(graph)) {
    const id = `n${ids.size}`
    ids.set(node.id, id)
    const attrs = isRegion && node.op === 'input' ? { ...node.attrs, name: id } : node.attrs
    const body = node.body && renamed(node.body, true)
    nodes[id] = makeNode({ ...node, id, attrs: inOrder(attrs), inputs: node.inputs.map(to), origin: [], body })
  }
  const { outputs, losses, updates } = graph.results
  const results = {
    outputs: outputs.map(({ name, node }, k) => ({ name: isRegion ? `o${k}` : name, node: to(node) })),
    losses: losses.map(({ name, node }) => ({ name, node: to(node) })),
    updates: Object.fromEntries(Object.entries(updates).map(([name, node]) => [name, to(node)])),
  }
  return { inputs: graph.inputs.map(to), variables: graph.variables, nodes, results }
}

/** Attributes with their keys in one order: an edit may have changed it. */
function inOrder(attrs: Node['attrs']): Node['attrs'] {
  return Object.fromEntries(Object.entries(attrs).sort(([a], [b]) => (a < b ? -1 : 1))) as Node['attrs']
}

/** The attributes of a node as text; −0 and the non-finite numbers keep apart. */
export function attributesText(node: Node): string {
  return showValue(inOrder(node.attrs))
}

function showValue(value: unknown): string {
  if (typeof value === 'number') return printNumber(value)
  if (Array.isArray(value)) return `[${value.map(showValue).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, item]) => `${key}:${showValue(item)}`)
    .join()}}`
}
