// Chains of movements on the jit: what the reference gives, bit by bit, in one kernel where one strided walk can do it.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { referenceProgram } from '../../backends/reference/program.js'
import type { Graph } from '../../lib/ir/graph.js'
import { makeFeeds } from '../support/feeds.js'
import { assertRoundTrip, compileOnce, watchedCompiler } from './jitHarness.js'
import { graphFromText } from './jitModels.js'
import { evaluateOn } from './programs.js'

type Shape = readonly number[]

/** A movement as text, `%in` being its operand, and the shape of its result. */
interface Step {
  readonly text: string
  readonly shape: Shape
}

const product = (shape: Shape) => shape.reduce((total, size) => total * size, 1)

/** Movements of a tensor of this shape; numbers choose among them. */
const steps = {
  transpose(shape: Shape, pick: (below: number) => number): Step {
    const rest = shape.map((_, axis) => axis)
    const perm = shape.map(() => rest.splice(pick(rest.length), 1)[0] as number)
    return { text: `transpose(%in) {perm: [${perm.join(', ')}]}`, shape: perm.map(axis => shape[axis] as number) }
  },
  reverse(shape: Shape, pick: (below: number) => number): Step {
    const axes = shape.flatMap((_, axis) => (pick(2) ? [axis] : []))
    return { text: `reverse(%in) {axes: [${axes.join(', ')}]}`, shape }
  },
  slice(shape: Shape, pick: (below: number) => number): Step {
    const cuts = shape.map(size => {
      const begin = pick(2) ? pick(size) : 0
      const end = pick(2) ? size : begin + 1 + pick(size - begin)
      const stride = 1 + pick(2) * pick(3)
      return { begin, end, stride, size: Math.ceil((end - begin) / stride) }
    })
    const list = (key: 'begin' | 'end' | 'stride') => `[${cuts.map(cut => cut[key]).join(', ')}]`
    return {
      text: `slice(%in) {begin: ${list('begin')}, end: ${list('end')}, strides: ${list('stride')}}`,
      shape: cuts.map(({ size }) => size),
    }
  },
  broadcast(shape: Shape, pick: (below: number) => number): Step {
    const lead = product(shape) < 500 && pick(2) ? [2 + pick(4)] : []
    const wide = shape.map(size => (size === 1 && product(shape) < 500 ? 1 + pick(5) : size))
    return { text: `broadcast(%in) {shape: [${[...lead, ...wide].join(', ')}]}`, shape: [...lead, ...wide] }
  },
  reshape(shape: Shape, pick: (below: number) => number): Step {
    const sizes: number[] = []
    let left = product(shape)
    while (left > 1 && sizes.length < 4) {
      const divisors = Array.from({ length: left }, (_, k) => k + 1).filter(size => left % size === 0)
      const size = divisors[pick(divisors.length)] as number
      sizes.push(size)
      left /= size
    }
    const made = left > 1 ? [...sizes, left] : sizes
    return { text: `reshape(%in) {shape: [${made.join(', ')}]}`, shape: made }
  },
}

const kinds = Object.keys(steps) as (keyof typeof steps)[]

interface ChainCase {
  readonly graph: Graph
  readonly names: readonly string[]
}

function arbChain(among: readonly (keyof typeof steps)[]): fc.Arbitrary<ChainCase> {
  const shape = fc
    .array(fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 9, 12, 16), { minLength: 1, maxLength: 4 })
    .filter(sizes => product(sizes) <= 2000)
  const choices = fc.array(fc.tuple(fc.constantFrom(...among), fc.array(fc.nat(10_000), { minLength: 16, maxLength: 16 })), {
    minLength: 1,
    maxLength: 6,
  })
  return fc.tuple(shape, choices, fc.constantFrom('float32', 'int32')).map(([given, chosen, dtype]) => {
    const lines = [`%m0 = input() {name: "x"} : ${dtype}[${given.join(',')}]`]
    let at = given as Shape
    chosen.forEach(([name, numbers], k) => {
      let used = 0
      const step = steps[name](at, below => (numbers[used++ % numbers.length] as number) % Math.max(1, below))
      at = step.shape
      lines.push(`%m${k + 1} = ${step.text.replace('%in', `%m${k}`)} : ${dtype}[${at.join(',')}]`)
    })
    const graph = graphFromText(...lines, `output "y" = %m${chosen.length}`)
    const value = { graph, names: chosen.map(([name]) => name) }
    Object.defineProperty(value, fc.toStringMethod, { value: () => lines.join('\n') })
    return value
  })
}

const compilers = [watchedCompiler(false), watchedCompiler(true)]

/** Kernels of a graph that gives exactly what the reference gives. */
function kernelsOfExact(graph: Graph): readonly string[] {
  const feeds = makeFeeds(graph, 1, 'real')
  const expected = evaluateOn({ compile: bound => referenceProgram(bound, 'float32') }, graph, feeds)
  for (const compiler of compilers) assert.deepEqual(evaluateOn(compiler, graph, feeds), expected)
  const { bytes, schedule } = compileOnce(graph)
  assertRoundTrip(bytes)
  return schedule.steps.map(step => ('kernel' in step ? step.kernel.key : 'loop'))
}

describe('chains of movements on the jit', () => {
  it('are one kernel at most where no axes are put together, and exactly what the reference gives', () => {
    const property = fc.property(arbChain(kinds.filter(name => name !== 'reshape')), ({ graph, names }) => {
      const kernels = kernelsOfExact(graph)
      // a graph of broadcasts alone, such as one of dense layers, does not load what follows movements
      const most = names.every(name => name === 'broadcast') ? names.length : 1
      assert.ok(kernels.length <= most, kernels.join('\n'))
    })
    fc.assert(property, { numRuns: 400 })
  }).timeout(120_000)

  it('with reshapes are exact too, and never more kernels than movements', () => {
    let fewer = 0
    const property = fc.property(arbChain(kinds), ({ graph, names }) => {
      const copies = names.filter(name => name !== 'reshape').length
      const kernels = kernelsOfExact(graph)
      assert.ok(kernels.length <= copies, kernels.join('\n'))
      if (kernels.length < copies) fewer++
    })
    fc.assert(property, { numRuns: 400 })
    assert.ok(fewer > 0)
  }).timeout(120_000)

  const repeated = (rows: number, times: number) => [
    `%x = input() {name: "x"} : float32[${rows},1024]`,
    `%r = reshape(%x) {shape: [${rows}, 16, 64]} : float32[${rows},16,64]`,
    `%t = transpose(%r) {perm: [0, 2, 1]} : float32[${rows},64,16]`,
    `%f = reshape(%t) {shape: [${rows}, 1, 1024]} : float32[${rows},1,1024]`,
    `%b = broadcast(%f) {shape: [${rows}, ${times}, 1024]} : float32[${rows},${times},1024]`,
    `%y = reshape(%b) {shape: [${rows}, ${1024 * times}]} : float32[${rows},${1024 * times}]`,
  ]

  it('are transposed and repeated in one pass: Reshape, Permute, Flatten and RepeatVector', () => {
    for (const [rows, times] of [
      [16, 4],
      [1, 3],
      [2, 11],
    ] as const)
      assert.equal(kernelsOfExact(graphFromText(...repeated(rows, times), 'output "y" = %y')).length, 1)
  })

  it('end where another node or a result reads', () => {
    const lines = repeated(2, 4)
    assert.equal(kernelsOfExact(graphFromText(...lines, 'output "y" = %y', 'output "t" = %t')).length, 2)
    const sum = '%s = add(%t, %t) : float32[2,64,16]'
    assert.equal(kernelsOfExact(graphFromText(...lines, sum, 'output "y" = %y', 'output "s" = %s')).length, 3)
  })

  it('leave literals and what is empty alone', () => {
    const literal = [
      '%x = constant() {data: [2.5]} : float32[3,4]',
      '%t = transpose(%x) {perm: [1, 0]} : float32[4,3]',
      '%y = reverse(%t) {axes: [0]} : float32[4,3]',
    ]
    kernelsOfExact(graphFromText(...literal, 'output "y" = %y'))
    const empty = [
      '%x = input() {name: "x"} : float32[31,0,64]',
      '%t = transpose(%x) {perm: [2, 0, 1]} : float32[64,31,0]',
      '%y = reverse(%t) {axes: [0]} : float32[64,31,0]',
    ]
    assert.deepEqual(kernelsOfExact(graphFromText(...empty, 'output "t" = %t')), [])
    assert.deepEqual(kernelsOfExact(graphFromText(...empty, 'output "y" = %y')), [])
  })

  it('copy long rows as blocks, short ones in vectors', () => {
    for (const length of [1, 3, 4, 127, 128, 129, 1000]) {
      const lines = [
        `%x = input() {name: "x"} : float32[3,${length + 2}]`,
        `%c = slice(%x) {begin: [0, 1], end: [3, ${length + 1}], strides: [1, 1]} : float32[3,${length}]`,
        `%y = concat(%c, %x) {axis: 1} : float32[3,${2 * length + 2}]`,
      ]
      kernelsOfExact(graphFromText(...lines, 'output "y" = %y'))
    }
  })
})
