// Drawings: Graphviz reads them, draws what is in the model or graph, and lets no name break out of its label.

import assert from 'node:assert/strict'
import { instance } from '@viz-js/viz'
import fc from 'fast-check'
import { dotToSvg, graphToDot, modelToDot } from '../../lib/debug/index.js'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import { model } from '../../lib/models/model.js'
import { sequential } from '../../lib/models/sequential.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { builders, buildModel, type ModelName } from '../models/builders.js'

const viz = await instance()

/** A drawing as Graphviz understood it. */
interface Drawing {
  /** The texts of each box, line by line. */
  readonly boxes: readonly string[][]
  /** Edges between boxes, by their first lines. */
  readonly edges: readonly string[]
  readonly clusters: readonly string[]
}

interface VizObject {
  readonly name: string
  readonly label?: string
  readonly nodes?: readonly number[]
  readonly _ldraw_?: readonly { op: string; text?: string }[]
}

function read(dot: string): Drawing {
  const { objects = [], edges = [] } = viz.renderJSON(dot) as { objects?: VizObject[]; edges?: { tail: number; head: number }[] }
  const texts = objects.map(({ _ldraw_ = [] }) =>
    _ldraw_.flatMap(({ op, text }) => (op === 'T' && text !== undefined ? [unescaped(text)] : [])),
  )
  const title = (k: number): string => texts[k]?.join(' ') ?? ''
  return {
    boxes: texts.filter((_, k) => objects[k]?.nodes === undefined && !objects[k]?.name.startsWith('cluster')),
    edges: edges.map(({ tail, head }) => `${firstOf(title(tail))} -> ${firstOf(title(head))}`).sort(),
    clusters: texts.flatMap((lines, k) => (objects[k]?.name.startsWith('cluster') ? [lines.join(' ')] : [])).sort(),
  }
}

/** Graphviz' JSON escapes texts that already are. */
function unescaped(text: string): string {
  return text.replaceAll('\\\\', '\\')
}

/** `dense` of `dense (Dense)`. */
function firstOf(text: string): string {
  return (text.split(' (')[0] as string).trim()
}

describe('modelToDot', () => {
  it('draws a box per layer and an edge per connection, shared layers once', () => {
    const { boxes, edges, clusters } = read(modelToDot(buildModel('shared_dense')))
    assert.deepEqual(
      boxes.map(lines => lines.join('')),
      ['left (InputLayer)', 'right (InputLayer)', 'shared (Dense)', 'both (Concatenate)', 'head (Dense)', 'gap (Subtract)'],
    )
    assert.deepEqual(edges, ['both -> head', 'left -> shared', 'right -> shared', 'shared -> both', 'shared -> gap'])
    assert.deepEqual(clusters, [])
  })

  it('hides the input of a stack, as Keras does', () => {
    const { boxes, edges } = read(modelToDot(buildModel('mlp')))
    assert.equal(boxes.length, 4)
    assert.deepEqual(edges, ['dense -> dropout', 'dense_1 -> dense_2', 'dropout -> dense_1'])
  })

  it('adds cells when asked', () => {
    const dot = modelToDot(buildModel('regularized'), { showShapes: true, showDtype: true, showTrainable: true })
    const [entry, dense] = read(dot).boxes
    assert.deepEqual(entry?.join(''), 'x (InputLayer)Output shape: (None, 4)Output dtype: float32')
    assert.deepEqual(dense?.join(''), 'dense (Dense)Input shape: (None, 4)Output shape: (None, 3)Output dtype: float32Trainable')
    assert.match(
      read(dot)
        .boxes.map(lines => lines.join(''))
        .join('\n'),
      /frozen .*Non-trainable/,
    )
    assert.equal(read(modelToDot(buildModel('mlp'), { showLayerNames: false })).boxes[0]?.join(''), 'Dense')
  })

  it('draws nested models as clusters, with edges from box to box', () => {
    const { boxes, edges, clusters } = read(modelToDot(buildModel('nested_mixed'), { expandNested: true }))
    assert.deepEqual(clusters, ['pair', 'stack'])
    assert.equal(boxes.length, 8)
    assert.deepEqual(edges, [
      'add -> dense_1',
      'add -> multiply',
      'dense -> dense_1',
      'dense -> multiply',
      'dense_1 -> p',
      'dense_1 -> q',
      'p -> add',
      'p -> dense',
      'q -> add',
      'x -> p',
      'y -> q',
    ])
    const deep = read(modelToDot(buildModel('nested_sequential'), { expandNested: true }))
    assert.deepEqual(deep.clusters, ['core', 'middle'])
    assert.deepEqual(deep.edges, [
      'batch_normalization -> re_lu',
      'dense -> batch_normalization',
      'dense_1 -> dense',
      'dense_2 -> dense_1',
      're_lu -> dense_3',
    ])
  })

  it('needs a model that knows its shapes', () => {
    assert.throws(() => modelToDot(buildModel('unbuilt')), { name: 'GraphError' })
  })

  it('draws every kind of model with every option', () => {
    for (const name of Object.keys(builders).filter(name => name !== 'unbuilt') as ModelName[]) {
      const options = { showShapes: true, showDtype: true, showTrainable: true, expandNested: true, rankdir: 'LR' } as const
      assert.ok(read(modelToDot(buildModel(name), options)).boxes.length > 0, name)
    }
  })
})

const text = `
graph {
  var "w" : float32[2,2] weight
  var "m" : float32[2] statistic
  %x = input() {name: "x"} : float32[batch,2]
  %w = variable() {name: "w"} : float32[2,2]
  %m = variable() {name: "m"} : float32[2]
  %half = constant() {data: [0.5]} : float32[] @ core/b#0
  %a = matmul(%x, %w) : float32[batch,2] @ core/a#0
  %b = multiply(%a, %half) : float32[batch,2] @ core/a#0, core/b#0
  %unused = exp(%a) : float32[batch,2] @ last#0
  %c = fused(%b, %m) {kind: "chain"} {
    %p = input() {name: "p"} : float32[batch,2]
    %q = input() {name: "q"} : float32[2]
    %s = add(%p, %q) : float32[batch,2] @ last#0
    %t = tanh(%s) : float32[batch,2] @ last#0
    output "t" = %t
  } : float32[batch,2] @ last#0
  %l = reduce_sum(%c) {axes: [0, 1], keepdims: false} : float32[] @ last#0
  %n = negate(%m) : float32[2]
  output "y" = %c
  loss "penalty" = %l
  update "m" = %n
}
`

describe('graphToDot', () => {
  const graph: Graph = verify(parseGraphText(text, opTable))

  it('draws nodes with their types, clusters by origin, and results', () => {
    const { boxes, edges, clusters } = read(graphToDot(graph, { title: 'the graph' }))
    assert.deepEqual(clusters, ['a#0', 'a#0, b#0', 'b#0', 'core', 'fused kind: chain c', 'last#0', 'last#0'])
    const titles = boxes.map(lines => lines.join('|'))
    for (const wanted of [
      'input x|float32[batch,2]',
      'matmul|a|float32[batch,2]',
      'reduce_sum axes: [0,1] keepdims: false|l|float32[]',
      'output y',
      'loss penalty',
      'update m',
    ]) {
      assert.ok(titles.includes(wanted), `${wanted} in ${titles.join('\n')}`)
    }
    assert.equal(boxes.length, 17, '9 nodes and 3 results outside the region, 4 nodes and 1 result inside')
    assert.equal(edges.length, 16)
  })

  it('leads edges into regions and out of them', () => {
    const { edges } = read(graphToDot(graph))
    const between = (from: string, to: string) => edges.some(edge => edge.startsWith(`${from} `) && edge.includes(`-> ${to}`))
    assert.ok(between('multiply', 'input p'))
    assert.ok(between('variable m', 'input q'))
    assert.ok(between('output t', 'output y'))
    assert.ok(between('output t', 'reduce_sum'))
  })

  it('leads each part of a tuple to its reader', () => {
    const pair = `
      graph {
        %x = input() {name: "x"} : float32[2]
        %both = fused(%x) {kind: "pair"} {
          %p = input() {name: "p"} : float32[2]
          %e = exp(%p) : float32[2]
          %n = negate(%p) : float32[2]
          output "first" = %e
          output "second" = %n
        } : (float32[2], float32[2])
        %one = get(%both) {index: 0} : float32[2]
        %two = get(%both) {index: 1} : float32[2]
        output "y" = %one
        output "z" = %two
      }
    `
    const { edges } = read(graphToDot(verify(parseGraphText(pair, opTable))))
    const gets = edges.filter(edge => edge.includes('-> get'))
    assert.deepEqual(gets, ['output first -> get index: 0 one float32[2]', 'output second -> get index: 1 two float32[2]'])
  })

  it('marks what no result reaches', () => {
    const dashed = graphToDot(graph)
      .split('\n')
      .filter(line => line.includes('style="dashed", fontcolor'))
    assert.equal(dashed.length, 1)
    assert.match(dashed[0] ?? '', /label="exp\\nunused/)
  })

  it('draws every model, traced and lowered', async () => {
    for (const name of ['mlp', 'nested_mixed', 'masking_merge', 'regularized'] as const) {
      const made = buildModel(name)
      assert.ok(read(graphToDot(made.trace().graph)).boxes.length > 0)
      const exe = await made.lower({ backend: 'reference' })
      assert.ok(read(graphToDot(exe.graph)).boxes.length > 0)
      exe.dispose()
    }
  })
})

describe('names in drawings', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({ unit: fc.constantFrom(...'"\\<>&;{}|[]#%n\n\0 é𝒟'), minLength: 1 }),
  )

  it('stay inside their labels, whatever they are', () => {
    fc.assert(
      fc.property(nasty, fc.string({ minLength: 1 }), (first, second) => {
        const [name, other] = [first.replaceAll('/', '_'), second.replaceAll('/', '_')]
        fc.pre(name !== other && name !== '__proto__' && other !== '__proto__')
        const inner = sequential({ name, layers: [layers.dense({ units: 1, name: 'one', inputShape: [1] })] })
        const a = input({ shape: [1], name: other })
        const made = model({ inputs: a, outputs: inner.apply(a), name: 'whole' })
        for (const expandNested of [false, true]) assert.equal(read(modelToDot(made, { expandNested, showShapes: true })).boxes.length, 2)
        const { boxes, clusters } = read(graphToDot(made.trace().graph, { title: name }))
        assert.equal(boxes.length, 6)
        assert.equal(clusters.length, 2)
      }),
      { numRuns: 100 },
    )
  })

  it('are shown as they are', () => {
    const name = 'a<b>&amp;"c"\\n{d}|%20 é𝒟'
    const shown = (drawing: Drawing) => drawing.boxes.map(lines => lines.join('')).join(' ')
    const a = input({ shape: [1], name: 'in' })
    const made = model({ inputs: a, outputs: layers.dense({ units: 1, name }).apply(a) })
    assert.ok(shown(read(modelToDot(made))).includes(name), shown(read(modelToDot(made))))
    assert.ok(shown(read(graphToDot(made.trace().graph))).includes(`output ${name}`))
  })
})

describe('dotToSvg', () => {
  it('draws', async () => {
    const svg = await dotToSvg(modelToDot(buildModel('mlp')))
    assert.match(svg, /<svg .*dropout.*<\/svg>/s)
  })

  it('refuses what is no DOT', async () => {
    await assert.rejects(dotToSvg('digraph {'), { name: 'ArgumentError', message: /syntax error/ })
  })
})
