// Small convolutional graphs on every backend: odd sizes, strides beyond the window, dilation, groups, nothing left over.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Compiler } from '../../backends/backend.js'
import { backends } from '../../backends/select.js'
import { ShapeError } from '../../lib/ir/errors.js'
import type { Graph } from '../../lib/ir/graph.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'
import { evaluateGraph, type Feeds } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { pipelines, runPasses } from '../../passes/index.js'
import { valuesOf } from '../support/compare.js'
import { makeFeeds } from '../support/feeds.js'
import { assertNearReference, evaluateOn } from './programs.js'

interface Axis {
  readonly size: number
  readonly taps: number
  readonly stride: number
  readonly dilation: number
  readonly low: number
  readonly high: number
  readonly window: number
  readonly step: number
}

interface Net {
  readonly axes: readonly Axis[]
  readonly batch: number
  readonly groups: number
  readonly perGroup: number
  readonly width: number
  readonly same: boolean
  readonly activation: 'none' | 'relu' | 'leaky_relu' | 'elu'
  readonly pool: 'window_max' | 'avg_pool'
  readonly samePool: boolean
  readonly seed: number
}

const small = (min: number, max: number) => fc.integer({ min, max })

const arbNet: fc.Arbitrary<Net> = fc.record({
  axes: fc.array(
    fc.record({
      size: small(1, 9),
      taps: small(1, 3),
      stride: small(1, 4),
      dilation: small(1, 3),
      low: small(-1, 2),
      high: small(-1, 2),
      window: small(1, 3),
      step: small(1, 4),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  batch: small(1, 3),
  groups: fc.constantFrom(1, 1, 2, 3),
  perGroup: small(1, 5),
  width: small(1, 6),
  same: fc.boolean(),
  activation: fc.constantFrom('none', 'relu', 'leaky_relu', 'elu'),
  pool: fc.constantFrom('window_max', 'avg_pool'),
  samePool: fc.boolean(),
  seed: fc.integer(),
})

/** conv → bias → activation → pool → conv → flatten → matmul. */
function graphOf({ axes, batch, groups, perGroup, width, same, activation, pool, samePool }: Net): Graph {
  const b = new GraphBuilder('net')
  const weight = (name: string, shape: readonly number[]) => b.variable(name, { dtype: 'float32', shape }, 'weight')
  const ones = axes.map(() => 1)
  const filters = groups * width
  const x = b.input('x', { dtype: 'float32', shape: [batch, ...axes.map(axis => axis.size), groups * perGroup] })
  const first = b.emitAny('conv', [x, weight('first', [...axes.map(axis => axis.taps), perGroup, filters])], {
    strides: axes.map(axis => axis.stride),
    padding: same ? 'same' : axes.map(axis => [axis.low, axis.high]),
    inputDilation: ones,
    kernelDilation: axes.map(axis => axis.dilation),
    groups,
  })
  const sum = b.emit('add', [first, weight('bias', [filters])], {})
  const pooled = b.emitAny(pool, [activate(b, sum, activation)], {
    window: axes.map(axis => axis.window),
    strides: axes.map(axis => axis.step),
    padding: samePool ? 'same' : axes.map(() => [0, 0]),
  })
  const second = b.emitAny('conv', [pooled, weight('second', [...axes.map(() => 2), filters, 3])], {
    strides: ones,
    padding: 'same',
    inputDilation: ones,
    kernelDilation: ones,
    groups: 1,
  })
  const flat = b.emit('reshape', [second], { shape: [batch, -1] })
  const y = b.emit('matmul', [flat, weight('last', [b.typeOf(flat).shape[1] as number, 4])], {})
  return b.build({ outputs: [{ name: 'y', value: y }] })
}

function activate(b: GraphBuilder, x: TracedTensor, activation: Net['activation']): TracedTensor {
  if (activation === 'none') return x
  if (activation === 'relu') return b.emit('relu', [x], {})
  return activation === 'elu' ? b.emit('elu', [x], { alpha: 1 }) : b.emit('leaky_relu', [x], { slope: 0.5 })
}

/** Whether every window of a net has a place. */
function fits({ axes, same, samePool }: Net): boolean {
  return axes.every(({ size, taps, dilation, stride, low, high, window }) => {
    const extent = (taps - 1) * dilation + 1
    const left = same ? Math.ceil(size / stride) : Math.floor((size + low + high - extent) / stride) + 1
    return left >= 1 && (samePool || left >= window)
  })
}

/** What float32 may lose: relative to the result if nothing cancelled. No activation here makes a value larger. */
function lost(graph: Graph, { inputs, variables }: Feeds): number {
  const positive = (values: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { ...value, data: value.data.map(Math.abs) } as Value]))
  const most = valuesOf(evaluateGraph(graph, { inputs: positive(inputs), variables: positive(variables) }))
  return 2 ** -21 * Math.max(...[...most.values()].flatMap(({ data }) => [...data]))
}

describe('convolutional graphs', () => {
  for (const backend of Object.values(backends)) {
    let compiler: Compiler
    before(async () => {
      compiler = await backend.load()
    })

    it(`give on ${backend.name} what the reference gives`, async () => {
      const check = fc.asyncProperty(arbNet.filter(fits), async net => {
        const graph = graphOf(net)
        const feeds = makeFeeds(graph, net.seed, 'real')
        const { graph: optimised } = runPasses(graph, pipelines.infer.afterSpecialise, { mode: 'infer', fusible: backend.fusible })
        await compiler.load?.(optimised)
        assertNearReference(evaluateOn(compiler, optimised, feeds), graph, feeds, lost(graph, feeds))
      })
      await fc.assert(check, { numRuns: 150 })
    })
  }

  it('are refused where a window finds no place', () => {
    fc.assert(
      fc.property(arbNet, net => {
        if (fits(net)) graphOf(net)
        else
          assert.throws(
            () => graphOf(net),
            (error: Error) => error instanceof ShapeError && /no position for a window of \d+ cells/.test(error.message),
          )
      }),
      { numRuns: 300 },
    )
  })
})
