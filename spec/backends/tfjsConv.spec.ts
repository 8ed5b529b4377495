// Convolutions of the tfjs backends: which kernel runs, with what inside, and that no operator outlives its weights.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Compiler } from '../../backends/backend.js'
import type { EngineName } from '../../backends/tfjs/kernel.js'
import type { OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'
import { arbConv, type ConvGeometry } from '../support/arbWindows.js'
import { makeFeeds } from '../support/feeds.js'
import { value } from './arbValue.js'
import { type Counting, countingBackend } from './counting.js'
import { assertNearReference, evaluateOn, graphOf, inputsOf, runProgram, stateOf } from './programs.js'
import { optimised } from './tfjsGraphs.js'

type Activation = { readonly [K in OpName]: { readonly op: K; readonly attrs: OpAttrs[K] } }[
  | 'relu'
  | 'relu6'
  | 'sigmoid'
  | 'elu'
  | 'leaky_relu'
  | 'tanh']

/** Ways to use one kernel. */
const variants: readonly Partial<OpAttrs['conv']>[] = [
  {},
  { strides: [2, 1] },
  { kernelDilation: [2, 3] },
  {
    padding: [
      [0, 1],
      [2, 0],
    ],
  },
  {
    padding: [
      [0, 0],
      [0, 0],
    ],
  },
  {
    inputDilation: [1, 2],
    padding: [
      [-1, 0],
      [0, 1],
    ],
  },
]

const plain: OpAttrs['conv'] = { strides: [1, 1], padding: 'same', inputDilation: [1, 1], kernelDilation: [1, 1], groups: 1 }

const activations: readonly (Activation | undefined)[] = [
  undefined,
  { op: 'relu', attrs: {} },
  { op: 'relu6', attrs: {} },
  { op: 'sigmoid', attrs: {} },
  { op: 'elu', attrs: { alpha: 1 } },
  { op: 'leaky_relu', attrs: { slope: 0.3 } },
  { op: 'tanh', attrs: {} },
]

interface Layer {
  readonly geometry: ConvGeometry
  readonly activation: Activation | undefined
  readonly values: readonly Value[]
}

const arbLayer: fc.Arbitrary<Layer> = fc
  .tuple(arbConv, fc.constantFrom(...activations))
  .chain(([geometry, activation]) =>
    fc
      .tuple(
        value('float32', geometry.x, 'plain'),
        value('float32', geometry.kernel, 'plain'),
        value('float32', [geometry.kernel.at(-1) as number], 'plain'),
      )
      .map(values => ({ geometry, activation, values })),
  )

/** What a float32 sum of so many products may lose. */
function lost([x, kernel]: readonly Value[]): number {
  if (!x || !kernel) return 0
  const largest = ({ data }: Value) => Math.max(...[...data].map(Math.abs))
  return (2 ** -22 * (largest(x) * largest(kernel) * kernel.data.length)) / (kernel.shape.at(-1) as number)
}

function layerGraph({ geometry, activation, values }: Layer) {
  const [x, kernel, bias] = values as readonly [Value, Value, Value]
  return graphOf(
    [
      { kind: 'input', value: x },
      { kind: 'variable', value: kernel },
      { kind: 'variable', value: bias },
    ],
    (b, [image, weights, vector]) => {
      const sum = b.emit('add', [b.emitAny('conv', [image, weights] as TracedTensor[], geometry.attrs), vector as TracedTensor], {})
      return [activation ? b.emit(activation.op, [sum], activation.attrs) : sum]
    },
  )
}

for (const name of ['wasm', 'cpu'] satisfies EngineName[]) {
  describe(`convolutions on ${name}`, () => {
    let counting: Counting
    let compiler: Compiler
    before(async () => {
      counting = await countingBackend(name)
      compiler = await counting.backend.load()
    })
    afterEach(() => assert.equal(counting.engine.memory().tensors, 0))

    it('add the bias and apply the activation in one call where one kernel computes them', () => {
      fc.assert(
        fc.property(arbLayer, layer => {
          const { graph, feeds } = layerGraph(layer)
          counting.calls()
          assertNearReference(evaluateOn(compiler, optimised(graph, counting), feeds), graph, feeds, lost(layer.values))
          const calls = counting.calls()
          const { x, attrs } = layer.geometry
          const both = attrs.strides.some(stride => stride > 1) && attrs.kernelDilation.some(dilation => dilation > 1)
          const depthwise = attrs.groups > 1 && attrs.groups === x.at(-1) && !(both && name === 'cpu')
          if (x.length > 4 || (attrs.groups > 1 && !depthwise)) return
          const kernel = depthwise ? 'FusedDepthwiseConv2D' : 'FusedConv2D'
          assert.deepEqual(calls.slice(calls.length / 2), layer.activation?.op === 'tanh' ? [kernel, 'Tanh'] : [kernel])
        }),
        { numRuns: 300 },
      )
    })

    it('share a kernel between different strides, dilations and paddings', () => {
      const leaves = [
        { kind: 'input', value: makeValue('float32', [2, 7, 6, 2]) },
        { kind: 'variable', value: makeValue('float32', [3, 2, 2, 3]) },
      ] as const
      const { graph } = graphOf(leaves, (b, operands) =>
        variants.map(changes => b.emitAny('conv', operands as [TracedTensor, TracedTensor], { ...plain, ...changes })),
      )
      const program = compiler.compile(graph)
      for (let version = 0; version < 3; version++) {
        const feeds = makeFeeds(graph, version, 'integer')
        assertNearReference(runProgram(program, graph, feeds, version), graph, feeds)
      }
      program.dispose()
    })

    it('leave nothing behind for filters that change with every run', () => {
      const geometry: ConvGeometry = { x: [1, 2, 2, 1], kernel: [1, 1, 1, 1], attrs: plain }
      const [x, kernel, bias] = [geometry.x, geometry.kernel, [1]].map(shape => makeValue('float32', shape, () => 2)) as [
        Value,
        Value,
        Value,
      ]
      const leaves = [
        { kind: 'input', value: x },
        { kind: 'input', value: kernel },
        { kind: 'variable', value: bias },
      ] as const
      const { graph, feeds } = graphOf(leaves, (b, [image, filter, vector]) => {
        const sum = b.emitAny('conv', [image as TracedTensor, filter as TracedTensor], geometry.attrs)
        return [b.emit('add', [sum, vector as TracedTensor], {})]
      })
      const program = compiler.compile(optimised(graph, counting))
      const [inputs, state] = [inputsOf(graph, feeds), stateOf(feeds.variables)]
      const many = (runs: number) => {
        for (let k = 0; k < runs; k++) program.run(inputs, state)
        counting.calls()
        return counting.engine.memory()
      }
      const before = many(1000)
      assert.deepEqual(many(100_000), before)
      program.dispose()
    })
  })
}
