// What the specs of Lambda share: running one, loading one without its function, the seed page's antirectifier.

import assert from 'node:assert/strict'
import type { NDArray } from '../../lib/ir/ndarray.js'
import type { KerasShape, Layer } from '../../lib/layers/layer.js'
import { layerFromConfig } from '../../lib/layers/registry.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import * as K from '../../lib/ops/functional/index.js'
import type { Value } from '../../lib/ops/op.js'
import { toValue } from '../../lib/ops/values.js'
import { applyTo, type Operand, runLayer } from './runLayer.js'

export function run(
  layer: Layer,
  operands: Operand | readonly Operand[],
  values: readonly NDArray[],
  masks: readonly (NDArray | null)[] = [],
): Value {
  applyTo(layer, operands)
  return runLayer(
    layer,
    values.map(toValue),
    masks.map(mask => mask && toValue(mask)),
  ).outputs.y0 as Value
}

/** Passes what the types forbid. */
export function pretend<T>(value: unknown): T {
  return value as T
}

/** The layer that a program without its functions makes of the layer's config. */
export function reloaded(layer: Layer): Layer {
  return layerFromConfig('Lambda', JSON.parse(JSON.stringify(layer.getConfig())) as Record<string, unknown>)
}

/** The seed page's antirectifier, in JavaScript. */
export function antirectifier(x: TracedTensor): TracedTensor {
  const centred = K.subtract(x, K.mean(x, { axis: 1, keepdims: true }))
  const unit = K.l2Normalize(centred, { axis: 1 })
  return K.concatenate([K.relu(unit), K.relu(K.negative(unit))], { axis: 1 })
}

export function antirectifierOutputShape(inputShape: KerasShape): KerasShape {
  assert.equal(inputShape.length, 2)
  return [inputShape[0] ?? null, (inputShape[1] as number) * 2]
}
