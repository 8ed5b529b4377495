// Edges of rules: what one near miss per rule does not show, and what several rules do together.

import assert from 'node:assert/strict'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { graphToText } from '../../lib/ir/printer.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext, sketch } from '../../passes/examples/index.js'
import {
  canonicalize,
  foldAffine,
  foldConstants,
  foldShapes,
  fuse,
  type Pass,
  pipelines,
  type Rule,
  rewriteGraph,
  runPasses,
  simplify,
  sinkTransposes,
  splitPrepare,
} from '../../passes/index.js'

const read = (text: string): Graph => verify(parseGraphText(text, opTable))
const weight = (name: string, shape: string) => [
  `var "${name}" : float32[${shape}] weight`,
  `%${name} = variable() {name: "${name}"} : float32[${shape}]`,
]
const row = (id: string, call: string) => `%${id} = ${call} : float32[batch,4]`

const untouched: readonly (readonly [string, Pass, string])[] = [
  [
    '2⁻¹⁴⁰ has no float32 reciprocal',
    simplify,
    sketch('x float32[batch,4]', `%c = constant() {data: [${2 ** -140}]} : float32[]`, row('y', 'divide(%x, %c)')),
  ],
  [
    'a cast to int32 and back truncates',
    simplify,
    sketch('x float32[batch,4]', '%i = cast(%x) {dtype: "int32"} : int32[batch,4]', row('y', 'cast(%i) {dtype: "float32"}')),
  ],
  ['an int32 square may wrap', simplify, sketch('n int32[4]', '%s = square(%n) : int32[4]', '%y = abs(%s) : int32[4]')],
  [
    'a minimum that a larger bound widens',
    simplify,
    sketch(
      'x float32[4]',
      '%b = constant() {data: [1]} : float32[3,4]',
      '%a = constant() {data: [2]} : float32[]',
      '%m = minimum(%x, %b) : float32[3,4]',
      '%y = minimum(%m, %a) : float32[3,4]',
    ),
  ],
  [
    'a transpose before a convolution, that would else lie behind a reshape',
    sinkTransposes,
    sketch(
      'x float32[3,4]',
      ...weight('w', '3,3,2'),
      '%b = broadcast(%x) {shape: [2, 3, 4]} : float32[2,3,4]',
      '%t = transpose(%b) {perm: [0, 2, 1]} : float32[2,4,3]',
      '%y = conv(%t, %w) {strides: [1], padding: [[0, 0]], inputDilation: [1], kernelDilation: [1], groups: 1} : float32[2,2,2]',
    ),
  ],
  [
    'a movement below a function that others read',
    foldShapes,
    sketch(
      'x float32[batch,12]',
      '%r = reshape(%x) {shape: ["batch", 3, 4]} : float32[batch,3,4]',
      '%f = relu(%r) : float32[batch,3,4]',
      '%y = reshape(%f) {shape: ["batch", 6, 2]} : float32[batch,6,2]',
      'output "f" = %f',
      'output "y" = %y',
    ),
  ],
  [
    'an extreme over an axis of one and an axis of more',
    foldShapes,
    sketch('x float32[batch,1,4]', '%y = reduce_max(%x) {axes: [1, 2], keepdims: false} : float32[batch]'),
  ],
  [
    'a reshape that would learn a size which it has to declare',
    foldShapes,
    sketch(
      'x float32[batch,4]',
      '%r = reshape(%x) {shape: [-1]} : float32["r:0"]',
      '%y = reshape(%r) {shape: ["batch", -1]} : float32[batch,"y:1"]',
    ),
  ],
  [
    'a slice of an equal-valued constant whose size only the slice knows',
    foldConstants,
    sketch(
      'x float32[batch,4]',
      '%c = constant() {data: [2]} : float32[batch,4]',
      '%s = slice(%c) {begin: [1, 0], end: [null, null], strides: [1, 1]} : float32["s:0",4]',
    ),
  ],
  [
    'random numbers of constants',
    foldConstants,
    sketch(
      '',
      '%x = constant() {data: [1, 2]} : float32[2]',
      '%k = constant() {data: [1, 2]} : int32[2]',
      '%c = constant() {data: [0]} : int32[]',
      '%y = dropout(%x, %k, %c) {rate: 0.5, shape: [2]} : float32[2]',
    ),
  ],
  [
    'constants of more than 1,024 elements',
    foldConstants,
    sketch('', '%i = iota() {axis: 0} : float32[1025]', '%y = exp(%i) : float32[1025]'),
  ],
  [
    'a product of weights larger than both',
    foldAffine,
    sketch(
      'x float32[4,4]',
      ...weight('a', '4,1'),
      ...weight('b', '4'),
      '%m = multiply(%x, %a) : float32[4,4]',
      '%y = multiply(%m, %b) : float32[4,4]',
    ),
  ],
  [
    'a matmul that others read',
    foldAffine,
    sketch(
      'x float32[batch,4]',
      ...weight('k', '4,3'),
      ...weight('s', '3'),
      '%m = matmul(%x, %k) : float32[batch,3]',
      '%y = multiply(%m, %s) : float32[batch,3]',
      'output "m" = %m',
      'output "y" = %y',
    ),
  ],
  [
    'what weights decide, beside what the run decides',
    fuse,
    sketch('x float32[4]', ...weight('w', '4'), '%a = exp(%w) : float32[4]', '%y = add(%x, %a) : float32[4]'),
  ],
  [
    'a value that leaves a chain in the middle',
    fuse,
    sketch('x float32[4]', '%a = exp(%x) : float32[4]', '%y = tanh(%a) : float32[4]', 'output "a" = %a', 'output "y" = %y'),
  ],
]

describe('rules leave', () => {
  for (const [what, pass, text] of untouched) {
    it(`${what} (${pass.name})`, () => {
      const graph = read(text)
      assert.equal(graphToText(pass.run(graph, exampleContext).graph), graphToText(graph))
    })
  }
})

describe('passes', () => {
  it('turn x − 0 into x + (−0), which is x even for −0', () => {
    const graph = read(sketch('x float32[4]', '%c = constant() {data: [0]} : float32[]', '%y = subtract(%x, %c) : float32[4]'))
    const ordered = canonicalize.run(graph, exampleContext).graph
    assert.match(graphToText(ordered), /data: \[-0\]/)
    assert.deepEqual(Object.keys(simplify.run(ordered, exampleContext).graph.nodes), ['x'])
  })

  it('fold a batch normalisation, its scale through a flatten, and the biases around it into one dense layer', () => {
    const graph = read(
      sketch(
        'x float32[batch,2,4]',
        ...['gamma', 'beta', 'mean', 'variance'].flatMap(name => weight(name, '4')),
        ...weight('k', '8,3'),
        ...weight('b', '3'),
        '%n = batch_norm(%x, %gamma, %beta, %mean, %variance) {axis: 2, epsilon: 0.001} : float32[batch,2,4]',
        '%f = reshape(%n) {shape: ["batch", 8]} : float32[batch,8]',
        '%m = matmul(%f, %k) : float32[batch,3]',
        '%a = add(%m, %b) : float32[batch,3]',
        '%y = relu(%a) : float32[batch,3]',
      ),
    )
    const { run } = splitPrepare(runPasses(graph, pipelines.infer.beforeSpecialise, exampleContext).graph)
    const ops = Object.values(run.nodes).map(node => node.op)
    assert.deepEqual(ops.filter(op => op !== 'variable').sort(), ['add', 'input', 'matmul', 'relu', 'reshape'])
    assert.ok(Object.values(run.variables).every(({ kind }) => kind === 'prepared'))
  })

  it('leave what was dead before, and what it reads, to dce', () => {
    const lines = [
      '%n = negate(%x) : float32[4]',
      '%m = negate(%n) : float32[4]',
      '%y = exp(%m) : float32[4]',
      '%dead = sin(%n) : float32[4]',
    ]
    const { graph } = simplify.run(read(sketch('x float32[4]', ...lines, 'output "y" = %y')), exampleContext)
    assert.deepEqual(Object.keys(verify(graph).nodes).sort(), ['dead', 'n', 'x', 'y'])
  })

  it('count the readers of a node that has taken the place of another', () => {
    const graph = read(
      sketch(
        'x float32[batch,4]',
        ...weight('k', '4,3'),
        ...weight('s', '3'),
        '%zero = constant() {data: [0]} : float32[]',
        '%m = matmul(%x, %k) : float32[batch,3]',
        '%n = add(%m, %zero) : float32[batch,3]',
        '%a = multiply(%n, %s) : float32[batch,3]',
        '%b = tanh(%n) : float32[batch,3]',
        'output "a" = %a',
        'output "b" = %b',
      ),
    )
    const ops = Object.values(foldAffine.run(graph, exampleContext).graph.nodes).map(node => node.op)
    assert.equal(ops.filter(op => op === 'matmul').length, 1)
  })

  it('fuse a long elementwise chain into one kernel with a short name', () => {
    const chain = Array.from({ length: 12 }, (_, k) => `%n${k} = tanh(%${k === 0 ? 'x' : `n${k - 1}`}) : float32[4]`)
    const { graph } = fuse.run(read(sketch('x float32[4]', ...chain)), exampleContext)
    assert.match(graphToText(graph), /kind: "tanh\+tanh\+tanh\+tanh\+5 more\+tanh\+tanh\+tanh"/)
  })

  it('take constants of one value into a kernel, keep those that others read, and leave arrays outside', () => {
    const graph = read(
      sketch(
        'x float32[4]',
        '%two = constant() {data: [2]} : float32[]',
        '%c = constant() {data: [1, 2, 3, 4]} : float32[4]',
        '%a = add(%x, %c) : float32[4]',
        '%y = multiply(%a, %two) : float32[4]',
        'output "two" = %two',
        'output "y" = %y',
      ),
    )
    const { nodes } = verify(fuse.run(graph, exampleContext).graph)
    assert.deepEqual(Object.keys(nodes).sort(), ['c', 'two', 'x', 'y'])
    assert.deepEqual(nodes.y?.inputs, ['x', 'c'])
    assert.deepEqual(Object.keys(nodes.y?.body?.nodes ?? {}).sort(), ['a', 'c', 'two', 'x', 'y'])
  })

  it('give up on rules that undo each other', () => {
    const flip = (op: 'exp' | 'sin', other: 'exp' | 'sin'): Rule => ({
      name: `${op}To${other}`,
      formula: '',
      why: '',
      numerics: 'exact',
      ops: [op],
      rewrite: (node, view) => view.emit(other, node.inputs, {}),
    })
    const graph = read(sketch('x float32[4]', '%y = exp(%x) : float32[4]'))
    const rules = [flip('exp', 'sin'), flip('sin', 'exp')]
    assert.throws(() => rewriteGraph(graph, rules, exampleContext), /internal: rules do not come to rest: .*expTosin/)
  })

  it('keep float32 values in folded constants', () => {
    const graph = read(sketch('', '%c = constant() {data: [0.1, 0.2]} : float32[2]', '%y = silu(%c) : float32[2]'))
    const node = foldConstants.run(graph, exampleContext).graph.nodes.y
    assert.ok(node?.op === 'constant')
    assert.deepEqual(node.attrs.data, node.attrs.data.map(Math.fround))
  })
})
