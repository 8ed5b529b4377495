// Evaluation of whole graphs: modes, regions, losses and updates, dead nodes, precision.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import * as K from '../../lib/ops/functional/index.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'
import { verify } from '../../lib/ops/verify.js'

const scalar = { dtype: 'float32', shape: [] } as const
const value = (x: number) => makeValue('float32', [], () => x)
const vector = (...xs: number[]) => makeValue('float32', [xs.length], k => xs[k] as number)
const list = (x: Value | undefined) => Array.from(x?.data ?? [])

/** A graph of one traced function; its outputs are named 0, 1, … */
function graphOf(build: (builder: GraphBuilder) => readonly TracedTensor[]): Graph {
  const builder = new GraphBuilder('test')
  return verify(builder.build({ outputs: build(builder).map((tensor, k) => ({ name: String(k), value: tensor })) }))
}

describe('evaluateGraph', () => {
  it('takes the side of phase that the mode names; inference by default', () => {
    const graph = graphOf(b => {
      const x = b.input('x', scalar)
      return [b.emit('phase', [K.negative(x), x], {})]
    })
    const run = (mode?: 'train' | 'infer') =>
      list(evaluateGraph(graph, { inputs: { x: value(3) }, variables: {} }, mode ? { mode } : {}).outputs['0'])
    assert.deepEqual([run(), run('infer'), run('train')], [[3], [3], [-3]])
  })

  it('gives losses and updates computed from the variables as they were', () => {
    const b = new GraphBuilder('test')
    const count = b.variable('count', scalar, 'counter')
    const graph = verify(
      b.build({
        outputs: [{ name: 'y', value: count }],
        losses: [{ name: 'l', value: K.square(count) }],
        updates: { count: K.add(count, 1) },
      }),
    )
    const { outputs, losses, updates } = evaluateGraph(graph, { inputs: {}, variables: { count: value(4) } })
    assert.deepEqual([list(outputs.y), list(losses[0]?.value), list(updates.count)], [[4], [16], [5]])
  })

  it('does not evaluate what no result reaches, nor ask for its feeds', () => {
    const graph = graphOf(b => {
      const x = b.input('x', scalar)
      K.add(b.variable('unused', scalar, 'weight'), x)
      return [x]
    })
    const seen: string[] = []
    evaluateGraph(graph, { inputs: { x: value(1) }, variables: {} }, { watch: node => seen.push(node.id) })
    assert.deepEqual(seen, ['x'])
  })

  it('names a feed that is missing', () => {
    const graph = graphOf(b => [K.add(b.input('x', scalar), b.variable('w', scalar, 'weight'))])
    assert.throws(() => evaluateGraph(graph, { inputs: {}, variables: {} }), {
      name: 'ArgumentError',
      message: /no value is given for input "x"/,
    })
    assert.throws(() => evaluateGraph(graph, { inputs: { x: value(1) }, variables: {} }), /variable "w"/)
  })

  it('rounds every result to float32 when asked', () => {
    const graph = graphOf(b => [K.divide(K.multiply(b.input('x', scalar), 3), 3)])
    const run = (precision: 'float32' | 'float64') =>
      evaluateGraph(graph, { inputs: { x: value(0.1) }, variables: {} }, { precision }).outputs['0']?.data[0]
    assert.equal(run('float32'), Math.fround(Math.fround(Math.fround(0.1) * 3) / 3))
    assert.equal(run('float64'), (0.1 * 3) / 3)
  })

  it('evaluates the body of a fused region', () => {
    const body = graphOf(b => {
      const [x, y] = [b.input('x', scalar), b.input('y', scalar)]
      return [K.add(x, y), K.multiply(x, y)]
    })
    const graph = graphOf(b => b.emitRegion('fused', [b.input('p', scalar), b.input('q', scalar)], { kind: 'test' }, body))
    const { outputs } = evaluateGraph(graph, { inputs: { p: value(3), q: value(4) }, variables: {} })
    assert.deepEqual([list(outputs['0']), list(outputs['1'])], [[7], [12]])
  })

  describe('scan', () => {
    // state ← scale · state + x, stacked
    const body = graphOf(b => {
      const [state, x, scale] = [b.input('state', scalar), b.input('x', scalar), b.input('scale', scalar)]
      const next = K.add(K.multiply(state, scale), x)
      return [next, next]
    })
    const scan = (xs: readonly number[], reverse: boolean) => {
      const graph = graphOf(b =>
        b.emitRegion(
          'scan',
          [b.input('start', scalar), b.input('xs', { dtype: 'float32', shape: [xs.length] }), b.input('scale', scalar)],
          { carries: 1, sequences: 1, reverse },
          body,
        ),
      )
      const { outputs } = evaluateGraph(graph, { inputs: { start: value(1), xs: vector(...xs), scale: value(2) }, variables: {} })
      return [list(outputs['0']), list(outputs['1'])]
    }
    const loop = (xs: readonly number[]) => {
      let state = 1
      const steps = xs.map(x => {
        state = state * 2 + x
        return state
      })
      return [[state], steps]
    }

    it('carries state along the sequence and stacks what each step gives', () =>
      fc.assert(
        fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 6 }), xs => assert.deepEqual(scan(xs, false), loop(xs))),
      ))

    it('in reverse reads from the end, and each step’s result stands at its place', () =>
      fc.assert(
        fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 6 }), xs => {
          const [state, steps] = loop([...xs].reverse())
          assert.deepEqual(scan(xs, true), [state, [...(steps as number[])].reverse()])
        }),
      ))
  })
})
