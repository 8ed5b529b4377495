// Cases of the layer goldens: one layer call of Keras', and what is the same here: shapes, names, values, masks, losses, updates.

import assert from 'node:assert/strict'
import type { DType } from '../../lib/ir/types.js'
import type { KerasShape, Layer } from '../../lib/layers/layer.js'
import { configure } from '../../lib/layers/settings.js'
import type { Value } from '../../lib/ops/op.js'
import { toNDArray, toValue } from '../../lib/ops/values.js'
import { assertClose, type GoldenTensor, goldenNumber, goldenValue, readGolden, type Tolerance } from './golden.js'
import { applyTo, applyUpdates, runLayer } from './runLayer.js'

export interface LayerCase {
  readonly name: string
  readonly layer: { readonly class_name: string; readonly config: Readonly<Record<string, unknown>> }
  readonly inputs: readonly GoldenTensor[]
  readonly masks?: readonly (GoldenTensor | null)[]
  readonly input_shapes_symbolic: readonly KerasShape[]
  readonly output_shape_symbolic: KerasShape
  readonly output_dtype_symbolic: DType
  readonly output_dtype: DType
  readonly weights: readonly GoldenTensor[]
  readonly weights_are_initial?: boolean
  readonly weights_after?: readonly GoldenTensor[]
  readonly weight_names: readonly string[]
  readonly trainable_weight_names: readonly string[]
  readonly training: boolean
  readonly outputs: readonly GoldenTensor[]
  readonly output_mask: GoldenTensor | null
  readonly losses: readonly (number | string)[]
  readonly warnings?: readonly string[]
}

/** A call, or a constructor, that Keras refuses or takes. */
export interface ErrorCase {
  readonly name: string
  readonly class_name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly input_shape: KerasShape | readonly KerasShape[] | null
  readonly input_dtype?: DType
  readonly input_mask_shape?: KerasShape
  /** Where Keras raised: construct, call or run; null where it did not. */
  readonly stage: string | null
  readonly message: string | null
}

interface LayerGoldens {
  readonly cases: readonly LayerCase[]
  readonly errors: readonly ErrorCase[]
}

/** What all layers compute and refuse, in the order of the files. */
export function layerGoldens(): LayerGoldens {
  const files = ['layers', 'spatial', 'features'].map(name => readGolden<LayerGoldens>(name))
  return { cases: files.flatMap(({ cases }) => cases), errors: files.flatMap(({ errors }) => errors) }
}

const merges = ['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Concatenate', 'Dot']

/** Where Keras 3.15.1 is not what it says it is. */
const wrongInKeras = {
  /** Its formula is not that of sparsemax: https://github.com/keras-team/keras/issues/23425. */
  values: [
    'Activation(sparsemax)',
    // The normalised values of integers are cut to integers.
    'LayerNormalization int32',
    // NaN on JAX, an error on TensorFlow; here the nearest vector.
    'Embedding out of range',
  ],
  /** Identity's config leaves out its gain. */
  initialWeights: ['Dense(units=3,kernel_initializer=Identity())'],
}

/**
 * Keras computes x · s + (beta − mean · s) with s = gamma · rsqrt(variance + epsilon), which cancels where the variance
 * is small: it is off by units in the last place of x · s.
 */
function normalizationError(golden: LayerCase): number {
  if (!['BatchNormalization', 'LayerNormalization', 'GroupNormalization'].includes(golden.layer.class_name)) return 0
  const largest = Math.max(...(golden.inputs[0] as GoldenTensor).data.map(x => Math.abs(goldenNumber(x))))
  return (2 ** -22 * largest) / Math.sqrt(Number(golden.layer.config.epsilon))
}

/** 16 · max|float32 − float64| + 2⁻²⁰ · max|float64|: the rounding of an evaluation, measured on itself. */
function measured(single: Value, double: Value): Tolerance {
  const finite = Array.from(double.data).filter(Number.isFinite)
  const largest = Math.max(0, ...finite.map(Math.abs))
  const distances = Array.from(double.data, (value, k) => Math.abs(value - (single.data[k] as number))).filter(Number.isFinite)
  const allowed = 16 * Math.max(0, ...distances) + 2 ** -20 * largest
  return () => allowed
}

/** Applies the layer of a case as Keras did; gives the warnings. */
function apply(
  layer: Layer,
  golden: LayerCase,
): { warnings: string[]; shape: KerasShape; dtype: DType; maskShape: KerasShape | undefined } {
  const warnings: string[] = []
  const before = configure({ warn: message => warnings.push(message) })
  try {
    const operands = golden.inputs.map(({ dtype }, k) => {
      const mask = golden.masks?.[k]
      return { shape: golden.input_shapes_symbolic[k] as KerasShape, dtype, maskShape: mask ? [null, ...mask.shape.slice(1)] : null }
    })
    const { outputs } = applyTo(layer, merges.includes(layer.className) ? operands : (operands[0] as (typeof operands)[0]))
    const [output] = outputs
    assert.ok(output && outputs.length === 1)
    return { warnings, shape: output.shape, dtype: output.dtype, maskShape: output.mask?.shape }
  } finally {
    configure(before)
  }
}

/** Keras' symbolic shape, but where its own output has another (it takes Activation(glu) to keep the shape). */
function symbolicShape({ output_shape_symbolic, outputs: [output] }: LayerCase): KerasShape {
  return output_shape_symbolic.map((size, axis) => (size === null ? null : (output?.shape[axis] ?? size)))
}

/** Sizes that Keras knows must be the same here; where it has None, Kerafold may know more. */
function assertShape(actual: KerasShape, expected: KerasShape, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: rank of [${actual.join(', ')}]`)
  expected.forEach((size, axis) => {
    if (size !== null) assert.equal(actual[axis], size, `${what}: axis ${axis}`)
  })
  assert.equal(actual[0], expected[0], `${what}: batch axis`)
}

/** Fails unless `layer` does in a case what Keras' layer did. Configs are not compared. */
export function assertLayerCase(layer: Layer, golden: LayerCase): void {
  const applied = apply(layer, golden)
  assertShape(applied.shape, symbolicShape(golden), 'symbolic shape')
  assert.ok([golden.output_dtype, golden.output_dtype_symbolic].includes(applied.dtype), `dtype ${applied.dtype}`)
  // Keras also warns of deprecated options, and of a softmax over one entry
  const wanted = golden.warnings?.filter(text => text.includes('mask')) ?? []
  assert.equal(applied.warnings.length, wanted.length, 'warnings')
  assert.equal(applied.maskShape?.length, golden.output_mask?.shape.length, 'rank of the mask')

  assert.deepEqual(
    layer.weights.map(variable => variable.name),
    golden.weight_names,
  )
  assert.deepEqual(
    layer.trainableWeights.map(variable => variable.name),
    golden.trainable_weight_names,
  )

  const weights = golden.weights.map(goldenValue)
  if (golden.weights_are_initial && !wrongInKeras.initialWeights.includes(golden.name)) {
    layer.getWeights().forEach((weight, k) => {
      assertClose(toValue(weight), weights[k] as Value, () => 0, `initial weight ${k}`)
    })
  } else layer.setWeights(weights.map(toNDArray))

  const inputs = golden.inputs.map(goldenValue)
  const masks = inputs.map((_, k) => (golden.masks?.[k] ? goldenValue(golden.masks[k]) : null))
  const mode = golden.training ? 'train' : 'infer'
  const run = runLayer(layer, inputs, masks, { mode })
  const double = runLayer(layer, inputs, masks, { mode, precision: 'float64' })

  const [expected] = golden.outputs as readonly [GoldenTensor]
  const output = run.outputs.y0 as Value
  const allowed = measured(output, double.outputs.y0 as Value)
  const tolerance: Tolerance = (wanted, k) => allowed(wanted, k) + normalizationError(golden)
  if (wrongInKeras.values.includes(golden.name)) return
  assertClose({ ...output, dtype: expected.dtype }, goldenValue(expected), tolerance, 'output')
  assert.equal(run.outputs.mask0 !== undefined, golden.output_mask !== null, 'has a mask')
  if (golden.output_mask) assertClose(run.outputs.mask0 as Value, goldenValue(golden.output_mask), () => 0, 'output mask')

  assert.equal(run.losses.length, golden.losses.length, 'losses')
  golden.losses.forEach((loss, k) => {
    const [single, exact] = [run.losses[k]?.value as Value, double.losses[k]?.value as Value]
    assertClose(single, { dtype: 'float32', shape: [], data: Float64Array.of(goldenNumber(loss)) }, measured(single, exact), `loss ${k}`)
  })

  if (!golden.training) return
  const updated = layer.weights.length > 0 && Object.keys(run.updates).some(name => layer.weights.some(({ path }) => path === name))
  assert.equal(updated, golden.weights_after !== undefined, 'updates weights')
  applyUpdates(layer, run.updates)
  golden.weights_after?.forEach((weight, k) => {
    const variable = layer.weights[k]
    const value = toValue(layer.getWeights()[k] as ReturnType<typeof toNDArray>)
    const inDouble = double.updates[variable?.path ?? ''] ?? value
    assertClose(value, goldenValue(weight), measured(value, inDouble), `weight ${variable?.path} afterwards`)
  })
}
