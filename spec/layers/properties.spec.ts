// What holds for every layer and every legal option: symbolic shapes, configs, purity.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { DType } from '../../lib/ir/types.js'
import type { LayerClassName } from '../../lib/layers/classNames.js'
import type { KerasShape, Layer } from '../../lib/layers/layer.js'
import { layerClasses, layerFromConfig } from '../../lib/layers/registry.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'
import { arbLayer, arbMerge, arbNumbers, arbShapes, type LayerSpec, makeLayer } from '../support/arbLayer.js'
import { applyTo, applyUpdates, type Operand, runLayer } from '../support/runLayer.js'

interface Sample {
  readonly spec: LayerSpec
  /** One shape, or one per tensor of a list. */
  readonly symbolic: readonly KerasShape[]
  readonly values: readonly Value[]
  readonly isList: boolean
}

/** Tensors of one shape and dtype. */
function values(shape: readonly number[], count: number): fc.Arbitrary<Value[]> {
  const one = arbNumbers(shape)
  return fc
    .tuple(fc.array(one, { minLength: count, maxLength: count }), fc.constantFrom('float32', 'float32', 'int32'))
    .map(([list, dtype]) => list.map(data => makeValue(dtype as DType, shape, at => data[at] as number)))
}

const single: fc.Arbitrary<Sample> = arbShapes.chain(({ concrete, symbolic }) =>
  fc.record({ spec: arbLayer(symbolic), symbolic: fc.constant([symbolic]), values: values(concrete, 1), isList: fc.constant(false) }),
)

const merged: fc.Arbitrary<Sample> = fc.tuple(arbShapes, fc.integer({ min: 1, max: 3 })).chain(([{ concrete, symbolic }, count]) =>
  fc.record({
    spec: arbMerge(count, symbolic),
    symbolic: fc.constant(Array.from({ length: count }, () => symbolic)),
    values: values(concrete, count),
    isList: fc.constant(true),
  }),
)

const arbSample = fc.oneof({ arbitrary: single, weight: 4 }, { arbitrary: merged, weight: 1 })

/** What to call the layer on: the symbolic shapes, or those of the values. */
function operandsOf({ symbolic, values, isList }: Sample, known = false): Operand | Operand[] {
  const operands = values.map(({ dtype, shape }, k): Operand => ({ shape: known ? shape : (symbolic[k] as KerasShape), dtype }))
  return isList ? operands : (operands[0] as Operand)
}

function outputsOf(layer: Layer, sample: Sample, mode: 'train' | 'infer'): readonly Value[] {
  const { outputs } = runLayer(layer, sample.values, [], { mode })
  return Object.values(outputs)
}

describe('every layer', () => {
  it('has the symbolic shape that its values have', () =>
    fc.assert(
      fc.property(arbSample, sample => {
        const layer = makeLayer(sample.spec)
        const { outputs } = applyTo(layer, operandsOf(sample))
        const concrete = applyTo(makeLayer(sample.spec), operandsOf(sample, true)).outputs
        for (const mode of ['train', 'infer'] as const) {
          const run = runLayer(layer, sample.values, [], { mode })
          outputs.forEach(({ shape, dtype, mask }, k) => {
            const value = run.outputs[`y${k}`] as Value
            assert.deepEqual(concrete[k]?.shape, value.shape)
            assert.equal(shape.length, value.shape.length)
            assert.ok(
              shape.every((size, axis) => size === null || size === value.shape[axis]),
              `[${shape}] is not [${value.shape}]`,
            )
            assert.equal(dtype, value.dtype)
            assert.deepEqual(concrete[k]?.mask?.shape, run.outputs[`mask${k}`]?.shape)
            assert.equal(mask?.shape.length, run.outputs[`mask${k}`]?.shape.length)
          })
        }
      }),
      { numRuns: 300 },
    ))

  it('computes the same on known and on unknown sizes', () =>
    fc.assert(
      fc.property(arbSample, sample => {
        const [unknown, known] = [makeLayer(sample.spec), makeLayer(sample.spec)]
        applyTo(unknown, operandsOf(sample))
        applyTo(known, operandsOf(sample, true))
        known.setWeights(unknown.getWeights())
        for (const mode of ['train', 'infer'] as const) assert.deepEqual(outputsOf(unknown, sample, mode), outputsOf(known, sample, mode))
      }),
      { numRuns: 200 },
    ))

  it('is made again from its config, and saves the same', () =>
    fc.assert(
      fc.property(arbSample, sample => {
        const layer = makeLayer(sample.spec)
        const operands = operandsOf(sample)
        applyTo(layer, operands)
        const config = JSON.parse(JSON.stringify(layer.getConfig())) as Record<string, unknown>
        assert.deepEqual(layer.getConfig(), config, 'the config is JSON')
        const again = layerFromConfig(layer.className, config)
        applyTo(again, operands)
        assert.deepEqual(again.getConfig(), config)
        again.setWeights(layer.getWeights())
        for (const mode of ['train', 'infer'] as const) assert.deepEqual(outputsOf(again, sample, mode), outputsOf(layer, sample, mode))
      }),
      { numRuns: 300 },
    ))

  it('does in its second training run what its state after the first says', () =>
    fc.assert(
      fc.property(arbSample, sample => {
        const layer = makeLayer(sample.spec)
        applyTo(layer, operandsOf(sample))
        const first = runLayer(layer, sample.values, [], { mode: 'train' })
        assert.deepEqual(runLayer(layer, sample.values, [], { mode: 'train' }), first, 'a run changes nothing by itself')
        applyUpdates(layer, first.updates)
        const counter = layer.ownVariables.find(variable => variable.kind === 'counter')
        const drops = Object.keys(first.updates).some(name => name === counter?.path)
        if (counter) assert.equal(counter.read().data[0], drops ? 1 : 0)
      }),
      { numRuns: 100 },
    ))

  it('is generated by these properties', () => {
    const seen = new Set(fc.sample(arbSample, { numRuns: 2000, seed: 1 }).map(({ spec }) => spec.className))
    const missing = (Object.keys(layerClasses) as LayerClassName[]).filter(name => !seen.has(name))
    assert.deepEqual(missing, ['InputLayer'])
  })
})
