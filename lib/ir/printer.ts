// The text form of a graph, printed: one node per line in topological order, MLIR-like, diffable.

import type { Graph, Node } from './graph.js'
import { topologicalOrder } from './order.js'
import { showType } from './types.js'

/** Ops whose dtype and shape attributes only repeat their type; the parser puts them back. */
export const leafOps: ReadonlySet<string> = new Set(['input', 'variable', 'constant', 'iota'])

/**
 * Prints a graph; `parseGraph` reads it back.
 *
 * ```
 * graph {
 *   var "dense/kernel" : float32[32,16] weight
 *   %x = input() {name: "x"} : float32[batch,32]
 *   %dense/kernel = variable() {name: "dense/kernel"} : float32[32,16]
 *   %dense/matmul = matmul(%x, %dense/kernel) : float32[batch,16] @ dense#0
 *   output "dense" = %dense/matmul
 * }
 * ```
 */
export function graphToText(graph: Graph): string {
  return `${printGraph(graph, 'graph', '').join('\n')}\n`
}

function printGraph(graph: Graph, head: string, indent: string): string[] {
  const inner = `${indent}  `
  const lines = [`${indent}${head} {`]
  for (const name of Object.keys(graph.variables).sort()) {
    const info = graph.variables[name]
    if (info) lines.push(`${inner}var ${JSON.stringify(name)} : ${showType(info.type)} ${info.kind}`)
  }
  for (const node of topologicalOrder(graph)) lines.push(...printNode(node, inner))
  const { outputs, losses, updates } = graph.results
  for (const { name, node } of outputs) lines.push(`${inner}output ${JSON.stringify(name)} = ${showId(node)}`)
  for (const { name, node } of losses) lines.push(`${inner}loss ${JSON.stringify(name)} = ${showId(node)}`)
  for (const name of Object.keys(updates).sort()) {
    lines.push(`${inner}update ${JSON.stringify(name)} = ${showId(updates[name] as string)}`)
  }
  lines.push(`${indent}}`)
  return lines
}

function printNode(node: Node, indent: string): string[] {
  const origin = node.origin.length > 0 ? ` @ ${node.origin.map(showWord).join(', ')}` : ''
  const head = `${showId(node.id)} = ${node.op}(${node.inputs.map(showId).join(', ')})`
  const tail = ` : ${showType(node.type)}${origin}`
  const attrs = printAttrs(node)
  if (!node.body) return [`${indent}${head}${attrs}${tail}`]
  const body = printGraph(node.body, `${head}${attrs}`, indent)
  body[body.length - 1] += tail
  return body
}

function printAttrs(node: Node): string {
  const entries = Object.entries(node.attrs).filter(([key]) => !(leafOps.has(node.op) && (key === 'dtype' || key === 'shape')))
  if (entries.length === 0) return ''
  return ` {${entries.map(([key, value]) => `${key}: ${printValue(value)}`).join(', ')}}`
}

function printValue(value: unknown): string {
  if (typeof value === 'number') return printNumber(value)
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`
  return JSON.stringify(value)
}

/** The shortest text that reads back as the same double, −0 and the non-finite ones included. */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return Object.is(value, -0) ? '-0' : String(value)
}

/** An id stays bare when it is made of word characters, `/`, `.`, `#`, `:` and `-`; otherwise it is quoted. */
export function showId(id: string): string {
  return `%${showWord(id)}`
}

export function showWord(word: string): string {
  // two slashes would begin a comment
  return /^[\w/.#:-]+$/.test(word) && !word.includes('//') ? word : JSON.stringify(word)
}
