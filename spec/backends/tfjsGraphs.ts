// Graphs that the suites of the tfjs backends share.

import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { opTable } from '../../lib/ops/table.js'
import { pipelines, runPasses } from '../../passes/index.js'
import type { Counting } from './counting.js'

/** A graph from its lines. */
export function graphFromText(...lines: readonly string[]): Graph {
  return parseGraphText(`graph {\n${lines.join('\n')}\n}\n`, opTable)
}

/** A dense layer on `lead` rows of 5: activation(x · kernel + bias). */
export function dense(activation: string, { lead = '3', bias = '4' } = {}): Graph {
  const y = `float32[${lead},4]`
  return graphFromText(
    'var "k" : float32[5,4] weight',
    `var "b" : float32[${bias}] weight`,
    `%x = input() {name: "x"} : float32[${lead},5]`,
    '%k = variable() {name: "k"} : float32[5,4]',
    `%b = variable() {name: "b"} : float32[${bias}]`,
    `%m = matmul(%x, %k) : ${y}`,
    `%a = add(%m, %b) : ${y}`,
    ...(activation === '' ? [] : [`%y = ${activation} : ${y}`]),
    `output "y" = ${activation === '' ? '%a' : '%y'}`,
  )
}

/** A graph as the passes leave it for a backend. */
export function optimised(graph: Graph, { backend }: Counting): Graph {
  return runPasses(graph, pipelines.infer.afterSpecialise, { mode: 'infer', fusible: backend.fusible }).graph
}

/** x · k + b as a region whose further nodes are given; the last of them is `%o`. */
export function fusedText(...tail: readonly [string, ...(string | { bias: string })[]]): Graph {
  const options = tail.find(part => typeof part === 'object')
  const bias = options?.bias ?? '4'
  return graphFromText(
    '%x = input() {name: "x"} : float32[3,5]',
    '%k = input() {name: "k"} : float32[5,4]',
    `%b = input() {name: "b"} : float32[${bias}]`,
    '%y = fused(%x, %k, %b) {kind: "test"} {',
    '%p = input() {name: "p"} : float32[3,5]',
    '%q = input() {name: "q"} : float32[5,4]',
    `%r = input() {name: "r"} : float32[${bias}]`,
    '%m = matmul(%p, %q) : float32[3,4]',
    '%s = add(%m, %r) : float32[3,4]',
    ...tail.filter(part => typeof part === 'string'),
    'output "o" = %o',
    '} : float32[3,4]',
    'output "y" = %y',
  )
}

/** A loop over tanh(x) that carries a sum and gives its exponential at each step, then negated. */
export function loop(length: number, reverse: boolean): Graph {
  return graphFromText(
    `%x = input() {name: "x"} : float32[${length},2]`,
    '%h = input() {name: "h"} : float32[2]',
    `%e = tanh(%x) : float32[${length},2]`,
    `%l = scan(%h, %e) {carries: 1, sequences: 1, reverse: ${reverse}} {`,
    '%c = input() {name: "c"} : float32[2]',
    '%s = input() {name: "s"} : float32[2]',
    '%n = add(%c, %s) : float32[2]',
    '%o = exp(%n) : float32[2]',
    'output "n" = %n',
    'output "o" = %o',
    `} : (float32[2], float32[${length},2])`,
    '%a = get(%l) {index: 0} : float32[2]',
    `%b = get(%l) {index: 1} : float32[${length},2]`,
    `%y = negate(%b) : float32[${length},2]`,
    'output "a" = %a',
    'output "y" = %y',
  )
}
