// Graphs that specs of the jit share: from text, as passes leave them, dense networks.

import { jit } from '../../backends/jit/jit.js'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { opTable } from '../../lib/ops/table.js'
import { pipelines, runPasses } from '../../passes/index.js'

export function graphFromText(...lines: readonly string[]): Graph {
  return parseGraphText(`graph {\n${lines.join('\n')}\n}\n`, opTable)
}

/** A graph as the passes leave it for the jit. */
export function optimised(graph: Graph): Graph {
  return runPasses(graph, pipelines.infer.afterSpecialise, { mode: 'infer', fusible: jit.fusible }).graph
}

/** A chain of dense layers, relu between them and softmax at the end. */
export function mlp(batch: number | string, widths: readonly number[]): Graph {
  const lines = [`%x0 = input() {name: "x"} : float32[${batch},${widths[0]}]`]
  const variables: string[] = []
  widths.slice(1).forEach((units, k) => {
    const inner = widths[k]
    variables.push(`var "k${k}" : float32[${inner},${units}] weight`, `var "b${k}" : float32[${units}] weight`)
    const y = `float32[${batch},${units}]`
    const last = k === widths.length - 2
    lines.push(
      `%k${k} = variable() {name: "k${k}"} : float32[${inner},${units}]`,
      `%b${k} = variable() {name: "b${k}"} : float32[${units}]`,
      `%m${k} = matmul(%x${k}, %k${k}) : ${y}`,
      `%a${k} = add(%m${k}, %b${k}) : ${y}`,
      `%x${k + 1} = ${last ? `softmax(%a${k}) {axis: -1}` : `relu(%a${k})`} : ${y}`,
    )
  })
  return graphFromText(...variables, ...lines, `output "y" = %x${widths.length - 1}`)
}
