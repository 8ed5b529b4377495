// The models whose files real Keras has loaded (scripts/goldens/saved.py): files of Keras, loaded and saved again, and models made in code.

import { readFileSync } from 'node:fs'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { loadModel } from '../../lib/models/loadModel.js'
import { Model } from '../../lib/models/model.js'
import { sequential } from '../../lib/models/sequential.js'
import { Scale } from './scaleLayer.js'

/** The date in every file. */
export const savedDate = new Date(Date.UTC(2026, 0, 1))

const golden = (path: string) => new Uint8Array(readFileSync(new URL(`../golden/${path}`, import.meta.url)))
const again = (path: string) => () => loadModel<unknown>(golden(path), { customObjects: { Scale } })

/** By name, what makes a model with weights that are the same every time. */
export const savedModels: Readonly<Record<string, () => Promise<BaseModel<unknown>>>> = {
  ...Object.fromEntries(
    [
      ...['mlp', 'lazy', 'compiled', 'shared_dense', 'nested_functional', 'nested_sequential', 'nested_mixed', 'masking_chain'],
      ...['masking_merge', 'batch_norms', 'merges', 'activations', 'shapes', 'regularized', 'dict_inputs', 'int_inputs'],
      ...['unknown_time', 'op_nodes', 'middle_of_model', 'custom', 'keras_2_13'],
    ].map(name => [name, again(`models/${name}.keras`)]),
  ),
  k3_op_nodes: again('legacy/k3_op_nodes.h5'),
  k3_frozen: again('legacy/k3_frozen.h5'),
  stack: again('legacy/stack.h5'),
  nested: again('legacy/nested.h5'),
  convolutions: again('legacy/convolutions.h5'),
  made_stack: async () => withWeights(madeStack()),
  made_graph: async () => withWeights(madeGraph()),
}

/** Weights by a formula; those of a normalisation stay positive. */
function withWeights(model: BaseModel<unknown>): BaseModel<unknown> {
  for (const [k, variable] of model.weights.entries())
    variable.assign(Float32Array.from({ length: variable.size }, (_, at) => 0.75 + 0.5 * Math.fround(Math.sin(1 + at + 7 * k))))
  return model
}

function madeStack(): BaseModel<unknown> {
  return sequential({
    name: 'made_stack',
    layers: [
      input({ shape: [5], name: 'x' }),
      layers.dense({ units: 6, activation: 'gelu', kernelRegularizer: 'l2', name: 'first' }),
      layers.batchNormalization({ axis: -1, momentum: 0.9, name: 'norm' }),
      layers.reLU({ maxValue: 6, negativeSlope: 0.1, name: 'relu' }),
      layers.dropout({ rate: 0.3, seed: 4, name: 'drop' }),
      layers.dense({ units: 3, useBias: false, kernelConstraint: 'maxNorm', name: 'second' }),
      layers.softmax({ name: 'probabilities' }),
    ],
  })
}

function madeGraph(): BaseModel<unknown> {
  const a = input({ shape: [4, 3], name: 'a' })
  const b = input({ shape: [4, 3], name: 'b' })
  const shared = layers.dense({ units: 3, activation: 'tanh', name: 'shared' })
  const inner = sequential({
    name: 'inner',
    layers: [input({ shape: [4, 3], name: 'x' }), layers.dense({ units: 3, name: 'deep' }), layers.elu({ name: 'elu' })],
  })
  const [x, y] = [inner.apply(shared.apply(a)), shared.apply(b)]
  const joined = layers.concatenate({ axis: 1, name: 'joined' }).apply([x, y])
  const flat = layers.flatten({ name: 'flat' }).apply(layers.permute({ dims: [2, 1], name: 'turned' }).apply(joined))
  const head = layers.dense({ units: 2, name: 'head' }).apply(flat)
  const gap = layers.subtract({ name: 'gap' }).apply([x, y])
  return new Model({ inputs: [a, b], outputs: { head, gap }, name: 'made_graph' })
}
