// Edits: what they share with the graph before, and patches that tell all that changed.

import assert from 'node:assert/strict'
import { editGraph, editTo, noEdit } from '../../lib/ir/edit.js'
import { freezeGraph, type Graph, makeNode, type Node, nodeAt } from '../../lib/ir/graph.js'
import type { OpName } from '../../lib/ir/vocabulary.js'
import { applyPatches } from '../support/patches.js'

const type = { dtype: 'float32', shape: [2] } as const
const leaf = (op: 'input' | 'variable', id: string): Node =>
  makeNode({ id, op, inputs: [], attrs: { name: id, ...type }, type, origin: [] })
const call = (op: OpName, id: string, ...inputs: string[]): Node => makeNode({ id, op, inputs, attrs: {}, type, origin: [] })

const graph: Graph = freezeGraph({
  inputs: ['x'],
  variables: { w: { type, kind: 'weight' }, unused: { type, kind: 'weight' } },
  nodes: { x: leaf('input', 'x'), w: leaf('variable', 'w'), sum: call('add', 'sum', 'x', 'w'), old: call('negate', 'old', 'sum') },
  results: {
    outputs: [
      { name: 'y', node: 'sum' },
      { name: 'z', node: 'old' },
    ],
    losses: [],
    updates: { w: 'old' },
  },
})

const relu = call('relu', 'sum', 'x')

describe('an edit', () => {
  it('is the graph itself where nothing changes, whatever it is told', () => {
    const { variables, nodes, inputs } = graph
    const { outputs, losses, updates } = graph.results
    const results = { outputs: outputs.map(result => ({ ...result })), losses: [...losses], updates: { ...updates } }
    const changed = new Map([
      ['sum', nodeAt(graph, 'sum')],
      ['none', undefined],
    ])
    for (const edit of [noEdit(graph), editGraph(graph, {}), editGraph(graph, { variables: { ...variables }, results, changed })]) {
      assert.equal(edit.graph, graph)
      assert.deepEqual([edit.patches, edit.undo], [[], []])
    }
    assert.deepEqual(editTo(graph, { inputs, variables, nodes, results }).patches, [])
  })

  it('shares what stays, leaves the graph before as it was, and is frozen', () => {
    const text = JSON.stringify(graph)
    const edit = editGraph(graph, { changed: new Map([['sum', relu]]) })
    assert.equal(JSON.stringify(graph), text)
    assert.notEqual(edit.graph, graph)
    assert.equal(edit.graph.nodes.x, graph.nodes.x)
    assert.deepEqual([edit.graph.variables === graph.variables, edit.graph.results === graph.results], [true, true])
    assert.deepEqual(Object.keys(edit.graph.nodes), Object.keys(graph.nodes), 'a node keeps its place')
    for (const part of [edit.graph, edit.graph.nodes, edit.graph.nodes.sum]) assert.ok(Object.isFrozen(part))
  })

  it('tells each step both ways', () => {
    const { w } = graph.variables
    const [y] = graph.results.outputs
    const more = call('relu', 'more', 'x')
    const cases: readonly [Parameters<typeof editGraph>[1], readonly string[]][] = [
      [{ changed: new Map([['sum', relu]]) }, ['replace nodes/sum']],
      [{ changed: new Map([['more', more]]) }, ['add nodes/more']],
      [{ variables: w ? { w } : {} }, ['remove variables/unused']],
      [{ results: { ...graph.results, outputs: y ? [y, { name: 'z', node: 'sum' }] : [] } }, ['replace results/outputs/1']],
      [{ results: { ...graph.results, outputs: y ? [y] : [] } }, ['replace results/outputs']],
      [{ results: { ...graph.results, losses: [{ name: 'l', node: 'sum' }] } }, ['replace results/losses']],
      [
        { changed: new Map([['old', undefined]]), results: { outputs: y ? [y] : [], losses: [], updates: {} } },
        ['remove nodes/old', 'remove results/updates/w', 'replace results/outputs'],
      ],
    ]
    for (const [changes, steps] of cases) {
      const { patches, undo, graph: after } = editGraph(graph, changes)
      assert.deepEqual(
        patches.map(({ op, path }) => `${op} ${path.join('/')}`),
        steps,
      )
      const read: Graph = JSON.parse(JSON.stringify(graph))
      assert.deepEqual(applyPatches(read, JSON.parse(JSON.stringify(patches))), after)
      assert.deepEqual(applyPatches(after, undo), graph)
    }
  })
})
