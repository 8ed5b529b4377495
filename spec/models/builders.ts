// The models of scripts/goldens/models.py and summaries.py, built in code with the same automatic names.

import { activations, clearSession, initializers, input, layers, model, regularizers, sequential } from '../../lib/index.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { Layer } from '../../lib/layers/layer.js'
import type { BaseModel } from '../../lib/models/baseModel.js'

const { dense, batchNormalization, masking, add, multiply, maximum, minimum, average, subtract, concatenate, flatten, permute } = layers

function mlp() {
  return sequential({
    name: 'mlp',
    layers: [
      input({ shape: [6] }),
      dense({ units: 8, activation: 'relu' }),
      layers.dropout({ rate: 0.25, seed: 3 }),
      dense({ units: 5, activation: 'tanh', useBias: false }),
      dense({ units: 3, activation: 'softmax' }),
    ],
  })
}

/** Keras builds this one by a call on one row. */
function lazy() {
  const made = sequential({ name: 'lazy', layers: [dense({ units: 4, activation: 'elu' }), dense({ units: 2 })] })
  made.build([1, 3])
  return made
}

function sharedDense() {
  const [a, b] = [input({ shape: [4], name: 'left' }), input({ shape: [4], name: 'right' })]
  const shared = dense({ units: 3, activation: 'sigmoid', name: 'shared' })
  const [x, y] = [shared.apply(a), shared.apply(b)]
  const both = concatenate({ name: 'both' }).apply([x, y])
  return model({
    inputs: [a, b],
    outputs: [dense({ units: 2, name: 'head' }).apply(both), subtract({ name: 'gap' }).apply([x, y])],
    name: 'shared_dense',
  })
}

function nestedFunctional() {
  const inner = (name: string, inside?: Layer) => {
    const a = input({ shape: [5] })
    const x = dense({ units: 5, activation: 'relu' }).apply(a)
    return model({ inputs: a, outputs: (inside ?? dense({ units: 5 })).apply(x), name })
  }
  const deep = inner('middle', inner('core'))
  const [a, b] = [input({ shape: [5], name: 'a' }), input({ shape: [5], name: 'b' })]
  const [x, y] = [deep.apply(a), deep.apply(b)]
  return model({ inputs: [a, b], outputs: add().apply([dense({ units: 5, name: 'post' }).apply(x), y]), name: 'nested_functional' })
}

function nestedSequential() {
  const core = sequential({ name: 'core', layers: [input({ shape: [4] }), dense({ units: 4, activation: 'tanh' }), batchNormalization()] })
  const middle = sequential({ name: 'middle', layers: [input({ shape: [4] }), dense({ units: 4 }), core, layers.reLU()] })
  return sequential({ name: 'outer', layers: [input({ shape: [3] }), dense({ units: 4 }), middle, dense({ units: 2 })] })
}

function nestedMixed() {
  const [a, b] = [input({ shape: [3], name: 'p' }), input({ shape: [3], name: 'q' })]
  const pair = model({ inputs: [a, b], outputs: [add().apply([a, b]), dense({ units: 3 }).apply(a)], name: 'pair' })
  const stack = sequential({ name: 'stack', layers: [input({ shape: [3] }), dense({ units: 3, activation: 'softplus' })] })
  const [x, y] = [input({ shape: [3], name: 'x' }), input({ shape: [3], name: 'y' })]
  const [first, second] = pair.applyAll([x, y]) as [KerasTensor, KerasTensor]
  const [third, fourth] = pair.applyAll([stack.apply(second), stack.apply(first)]) as [KerasTensor, KerasTensor]
  return model({ inputs: [x, y], outputs: [third, multiply().apply([fourth, first])], name: 'nested_mixed' })
}

function maskingChain() {
  const a = input({ shape: [5, 3], name: 'steps' })
  let x = masking({ maskValue: 0 }).apply(a)
  x = dense({ units: 4, activation: 'relu' }).apply(x)
  x = layers.dropout({ rate: 0.5 }).apply(x)
  x = batchNormalization().apply(x)
  x = layers.activation({ activation: 'tanh' }).apply(x)
  x = dense({ units: 4 }).apply(x)
  return model({ inputs: a, outputs: layers.activation({ activation: 'softmax' }).apply(x), name: 'masking_chain' })
}

function maskingMerge() {
  const [a, b] = [input({ shape: [4, 3], name: 'a' }), input({ shape: [4, 3], name: 'b' })]
  const [x, y] = [masking({ maskValue: 0 }).apply(a), masking({ maskValue: -1 }).apply(b)]
  const added = add().apply([x, y])
  const joined = concatenate({ axis: -1 }).apply([x, y])
  const product = multiply().apply([x, y])
  const largest = maximum().apply([x, y])
  const half = average().apply([x, b])
  return model({
    inputs: [a, b],
    outputs: [dense({ units: 2 }).apply(added), dense({ units: 2 }).apply(joined), product, largest, half],
    name: 'masking_merge',
  })
}

function batchNorms() {
  const a = input({ shape: [4, 3], name: 'cells' })
  let x = batchNormalization({ axis: -1, momentum: 0.9 }).apply(a)
  x = batchNormalization({ axis: 1, epsilon: 0.01, center: false }).apply(x)
  x = batchNormalization({ axis: 2, scale: false, gammaInitializer: 'zeros' }).apply(x)
  x = batchNormalization({ axis: 1, trainable: false }).apply(x)
  return model({ inputs: a, outputs: batchNormalization({ center: false, scale: false }).apply(x), name: 'batch_norms' })
}

function merges() {
  const abc = ['a', 'b', 'c'].map(name => input({ shape: [2, 3], name }))
  const [a, b, c] = abc as [KerasTensor, KerasTensor, KerasTensor]
  const outputs = [add, multiply, average, maximum, minimum].map(kind => kind().apply(abc))
  outputs.push(subtract().apply([a, b]), concatenate({ axis: 1 }).apply(abc), concatenate().apply([c, a]))
  return model({ inputs: abc, outputs, name: 'merges' })
}

function activationLayers() {
  const a = input({ shape: [3, 4], name: 'x' })
  const x = dense({ units: 4 }).apply(a)
  const outputs = [
    layers.prelu({ alphaInitializer: 'ones' }),
    layers.prelu({ sharedAxes: [1], alphaInitializer: initializers.ones() }),
    layers.elu({ alpha: 0.7 }),
    layers.leakyReLU({ negativeSlope: 0.1 }),
    layers.reLU({ maxValue: 1, negativeSlope: 0.2, threshold: 0.1 }),
    layers.softmax({ axis: 1 }),
    layers.softmax({ axis: [1, 2] }),
    layers.activation({ activation: 'gelu' }),
    layers.activation({ activation: activations.hardSilu }),
  ].map(layer => layer.apply(x))
  return model({ inputs: a, outputs, name: 'activations' })
}

function shapes() {
  const a = input({ shape: [2, 3, 4], name: 'x' })
  let x = permute({ dims: [3, 1, 2] }).apply(a)
  x = layers.reshape({ targetShape: [-1, 6] }).apply(x)
  x = permute({ dims: [2, 1] }).apply(x)
  x = flatten().apply(x)
  x = dense({ units: 5 }).apply(x)
  x = layers.repeatVector({ n: 3 }).apply(x)
  x = layers.spatialDropout1d({ rate: 0.3 }).apply(x)
  x = layers.reshape({ targetShape: [5, 3] }).apply(x)
  return model({ inputs: a, outputs: [x, flatten({ dataFormat: 'channels_first' }).apply(a)], name: 'shapes' })
}

function regularized() {
  const a = input({ shape: [4], name: 'x' })
  const shared = dense({
    units: 3,
    kernelRegularizer: regularizers.l1L2({ l1: 0.01, l2: 0.02 }),
    biasRegularizer: 'l2',
    activityRegularizer: regularizers.l1({ l1: 0.03 }),
  })
  let x = shared.apply(a)
  x = batchNormalization({ gammaRegularizer: regularizers.l2({ l2: 0.1 }), betaRegularizer: regularizers.l1({ l1: 0.2 }) }).apply(x)
  x = layers.activityRegularization({ l1: 0.01, l2: 0.02 }).apply(x)
  const frozen = dense({ units: 4, kernelRegularizer: regularizers.l2({ l2: 0.5 }), trainable: false, name: 'frozen' })
  x = shared.apply(frozen.apply(x))
  const kernelRegularizer = regularizers.orthogonalRegularizer({ factor: 0.05, mode: 'columns' })
  return model({ inputs: a, outputs: dense({ units: 3, kernelRegularizer, kernelConstraint: 'unitNorm' }).apply(x), name: 'regularized' })
}

function dictInputs() {
  const [a, b] = [input({ shape: [3], name: 'alpha' }), input({ shape: [2], name: 'beta' })]
  const x = concatenate().apply([a, b])
  const outputs = {
    sum: dense({ units: 1, name: 'sum' }).apply(x),
    copy: layers.activation({ activation: 'relu', name: 'copy' }).apply(a),
  }
  return model({ inputs: { beta: b, alpha: a }, outputs, name: 'dict_inputs' })
}

function intInputs() {
  const a = input({ shape: [4], dtype: 'int32', name: 'counts' })
  const x = layers.reshape({ targetShape: [2, 2] }).apply(a)
  return model({ inputs: a, outputs: [dense({ units: 3 }).apply(x), flatten().apply(x)], name: 'int_inputs' })
}

function unknownTime() {
  const a = input({ shape: [null, 4], name: 'series' })
  let x = dense({ units: 3, activation: 'relu' }).apply(masking().apply(a))
  x = layers.spatialDropout1d({ rate: 0.2 }).apply(x)
  const outputs = [dense({ units: 2 }).apply(x), permute({ dims: [2, 1] }).apply(dense({ units: 3 }).apply(a))]
  return model({ inputs: a, outputs, name: 'unknown_time' })
}

function middleOfModel() {
  const a = input({ shape: [4], name: 'x' })
  const x = dense({ units: 5, activation: 'relu', name: 'first' }).apply(a)
  const y = dense({ units: 3, name: 'second' }).apply(x)
  const whole = model({ inputs: a, outputs: dense({ units: 2, name: 'third' }).apply(y) })
  const second = whole.getLayer('second')
  return model({ inputs: second.input as KerasTensor, outputs: second.output as KerasTensor, name: 'middle_of_model' })
}

function wide() {
  const a = input({ shape: [300], name: 'an_input_whose_name_is_longer_than_any_column_of_the_table_could_be' })
  let x = dense({ units: 4000, name: 'a_name_that_wraps_before_its_class' }).apply(a)
  x = dense({ units: 256, trainable: false, name: 'frozen' }).apply(x)
  return model({ inputs: a, outputs: batchNormalization().apply(x), name: 'wide' })
}

function scalars() {
  const a = input({ shape: [], name: 'x' })
  return model({ inputs: a, outputs: [a, layers.activation({ activation: 'tanh' }).apply(a)], name: 'scalars' })
}

function unbuilt() {
  return sequential({ name: 'unbuilt', layers: [dense({ units: 3 }), dense({ units: 2 })] })
}

function looseInputs() {
  const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [3], name: 'b' })]
  return model({ inputs: [a, b], outputs: dense({ units: 1 }).apply(a), name: 'loose_inputs' })
}

/** Every model by its name in the golden files. */
export const builders = {
  mlp,
  lazy,
  shared_dense: sharedDense,
  nested_functional: nestedFunctional,
  nested_sequential: nestedSequential,
  nested_mixed: nestedMixed,
  masking_chain: maskingChain,
  masking_merge: maskingMerge,
  batch_norms: batchNorms,
  merges,
  activations: activationLayers,
  shapes,
  regularized,
  dict_inputs: dictInputs,
  int_inputs: intInputs,
  unknown_time: unknownTime,
  middle_of_model: middleOfModel,
  wide,
  scalars,
  unbuilt,
  loose_inputs: looseInputs,
} satisfies Record<string, () => BaseModel<unknown>>

export type ModelName = keyof typeof builders

/** Builds a model with automatic names that start anew, as a fresh Keras session gives them. */
export function buildModel(name: ModelName): BaseModel<unknown> {
  clearSession()
  return builders[name]()
}
