// Standalone modules at the level of graphs: state that runs carry over, results that lie in it, kinds of results.

import assert from 'node:assert/strict'
import type { Standalone } from '../../backends/backend.js'
import { loadable } from '../../backends/jit/lowerings/families.js'
import { compileStandalone } from '../../backends/jit/standalone.js'
import type { Graph } from '../../lib/ir/graph.js'
import { ndarray } from '../../lib/ir/ndarray.js'
import { toValue } from '../../lib/ops/values.js'
import { stateOf } from './programs.js'
import { graphFromText } from './tfjsGraphs.js'

for (const part of loadable) await part.load()

const nothing: Graph = { inputs: [], variables: {}, nodes: {}, results: { outputs: [], losses: [], updates: {} } }

/** An instance of a graph's module with views by name. */
function instantiate(graph: Graph, variables: Readonly<Record<string, number[]>>) {
  const values = Object.fromEntries(Object.entries(variables).map(([name, data]) => [name, toValue(ndarray(data))]))
  const made = compileStandalone(graph, nothing, stateOf(values))
  const bytes = made.emit({
    tail: new Uint8Array(4),
    tailName: 'tail',
    custom: { name: 'c', data: new Uint8Array(0) },
    weightsInside: true,
  })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes))
  const { memory, run } = exports as { memory: WebAssembly.Memory; run: () => void }
  const view = (slots: Standalone['inputs']) =>
    Object.fromEntries(slots.map(({ name, shape, offset }) => [name, new Float32Array(memory.buffer, offset, shape[0])]))
  return { made, run, inputs: view(made.inputs), outputs: view(made.outputs), state: view(made.state) }
}

describe('standalone modules', () => {
  it('carry state from run to run: every read comes before every write', () => {
    const graph = graphFromText(
      'var "a" : float32[2] state',
      'var "b" : float32[2] state',
      '%x = input() {name: "x"} : float32[2]',
      '%a = variable() {name: "a"} : float32[2]',
      '%b = variable() {name: "b"} : float32[2]',
      '%sum = add(%a, %x) : float32[2]',
      'output "before" = %a',
      'output "sum" = %sum',
      'update "a" = %b',
      'update "b" = %a',
    )
    const { run, inputs, outputs, state } = instantiate(graph, { a: [1, 2], b: [10, 20] })
    inputs.x?.set([100, 200])
    run()
    assert.deepEqual([...(outputs.before ?? []), ...(outputs.sum ?? [])], [1, 2, 101, 202])
    assert.deepEqual([...(state.a ?? []), ...(state.b ?? [])], [10, 20, 1, 2])
    run()
    assert.deepEqual([...(outputs.before ?? []), ...(outputs.sum ?? [])], [10, 20, 110, 220])
    assert.deepEqual([...(state.a ?? []), ...(state.b ?? [])], [1, 2, 10, 20])
  })

  it('add up over runs, and leave out state that nothing reads', () => {
    const graph = graphFromText(
      'var "total" : float32[3] state',
      'var "last" : float32[3] state',
      '%x = input() {name: "x"} : float32[3]',
      '%total = variable() {name: "total"} : float32[3]',
      '%next = add(%total, %x) : float32[3]',
      'output "next" = %next',
      'update "total" = %next',
      'update "last" = %x',
    )
    const { made, run, inputs, outputs } = instantiate(graph, { total: [0, 1, 2], last: [0, 0, 0] })
    assert.deepEqual(
      made.state.map(({ name }) => name),
      ['total'],
    )
    inputs.x?.set([1, 1, 1])
    for (let k = 0; k < 3; k++) run()
    assert.deepEqual([...(outputs.next ?? [])], [3, 4, 5])
  })

  it('hold only the weights that a run reads, packed', () => {
    const graph = graphFromText(
      'var "k" : float32[16,24] weight',
      '%x = input() {name: "x"} : float32[1,16]',
      '%k = variable() {name: "k"} : float32[16,24]',
      '%y = matmul(%x, %k) : float32[1,24]',
      'output "y" = %y',
    )
    const kernel = ndarray(Array.from({ length: 16 }, (_, i) => Array.from({ length: 24 }, (_, j) => i * 24 + j)))
    const made = compileStandalone(graph, nothing, stateOf({ k: toValue(kernel) }))
    assert.equal(made.weights.bytes.length, 16 * 24 * 4)
  })
})
