// The steps that random models are made of: one per layer class, and shared layers, merges, nested models.

import * as layers from '../../lib/layers/index.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { KerasShape, Layer } from '../../lib/layers/layer.js'
import { sequential } from '../../lib/models/sequential.js'
import * as K from '../../lib/ops/functional/index.js'
import { featureSteps } from './featureSteps.js'
import type { Picks } from './graphMaker.js'
import { type Fits, featuresOf, hasRank, isFloat, isUnmasked, kindOf, ModelMaker } from './modelMaker.js'
import { spatialSteps } from './spatialSteps.js'

/** Adds layer calls to a model. */
export type Step = (maker: ModelMaker, picks: Picks) => void

const any: Fits = () => true
const all =
  (...tests: readonly Fits[]): Fits =>
  x =>
    tests.every(test => test(x))
const hasFeatures: Fits = x => x.shape.length >= 2 && featuresOf(x) !== null
const isKnown: Fits = x => x.shape.slice(1).every(size => size !== null)
const sampleSize = (x: KerasTensor) => x.shape.slice(1).reduce<number>((product, size) => product * (size ?? 1), 1)
/** Tensors stay small: at most this many values per sample. */
const isSmall: Fits = x => sampleSize(x) <= 36
/** A mask that merges, concatenation and normalisation can use: one axis less than its tensor. */
const isMaskUsable: Fits = x => x.mask === null || x.mask.shape.length === x.shape.length - 1

const vector = [4]
const sequence = [null, 4]

const input: Step = (maker, picks) => {
  const [shape, dtype] = picks.of([[sequence], [vector], [vector, 'int32'], [[3, 4]], [[2, 3, 4]], [sequence, 'int32']] as const)
  maker.input(shape, dtype ?? 'float32')
}

/** Most activations; the smooth ones first, where a rounding error stays one. */
const smoothActivations = [
  'relu',
  'tanh',
  'sigmoid',
  'elu',
  'softplus',
  'linear',
  'hard_sigmoid',
  'silu',
  'gelu',
  'selu',
  'leaky_relu',
] as const

const dense: Step = (maker, picks) => {
  const x = maker.take(picks, all(hasFeatures, isSmall), vector)
  const activation = picks.of([null, 'relu', ...smoothActivations])
  const [useBias, units] = [picks.next(3) !== 2, picks.of([4, 3, 2])]
  maker.applyShareable(layers.dense({ units, activation, useBias, name: maker.name('dense') }), x)
}

const penalised: Step = (maker, picks) => {
  const x = maker.take(picks, all(hasFeatures, isSmall), vector)
  const [kernelRegularizer, activityRegularizer] = [picks.of(['l2', null, 'l1']), picks.of([null, 'l2'])]
  maker.applyShareable(layers.dense({ units: 3, kernelRegularizer, activityRegularizer, name: maker.name('penalised') }), x)
}

const activation: Step = (maker, picks) => {
  const x = maker.take(picks, isFloat, vector)
  maker.apply(layers.activation({ activation: picks.of(smoothActivations), name: maker.name('activation') }), x)
}

const slopes: Step = (maker, picks) => {
  const x = maker.take(picks, isFloat, vector)
  const kinds = [
    () => layers.reLU({ maxValue: picks.of([null, 2]), negativeSlope: picks.of([0, 0.5]), name: maker.name('relu') }),
    () => layers.leakyReLU({ negativeSlope: 0.25, name: maker.name('leaky') }),
    () => layers.elu({ alpha: picks.of([1, 0.5]), name: maker.name('elu') }),
  ]
  maker.apply(picks.of(kinds)(), x)
}

const prelu: Step = (maker, picks) => {
  const x = maker.take(picks, all(isFloat, hasFeatures), vector)
  const sharedAxes = x.shape.slice(1, -1).map((_, k) => k + 1)
  maker.applyShareable(layers.prelu({ sharedAxes, name: maker.name('prelu') }), x)
}

const softmax: Step = (maker, picks) => {
  const x = maker.take(picks, all(isFloat, isUnmasked, hasRank(2, 3)), vector)
  const isSeveral = x.shape.length === 3 && picks.next(3) === 2
  maker.apply(layers.softmax({ axis: isSeveral ? [1, 2] : -1, name: maker.name('softmax') }), x)
}

const batchNormalization: Step = (maker, picks) => {
  const x = maker.take(picks, all(hasFeatures, isMaskUsable), vector)
  const axis = typeof x.shape[1] === 'number' && picks.next(4) === 3 ? 1 : -1
  const options = {
    scale: picks.next(4) !== 3,
    center: picks.next(4) !== 3,
    trainable: picks.next(2) !== 1,
    momentum: picks.of([0.99, 0.5]),
  }
  maker.applyShareable(layers.batchNormalization({ axis, ...options, name: maker.name('norm') }), x)
}

const dropout: Step = (maker, picks) => {
  const options = { rate: picks.of([0.5, 0.25, 0]), seed: picks.next(100), name: maker.name('dropout') }
  maker.applyShareable(layers.dropout(options), maker.take(picks, isFloat, vector))
}

const spatialDropout: Step = (maker, picks) => {
  const options = { rate: picks.of([0.5, 0.25, 0]), seed: picks.next(100), name: maker.name('spatial') }
  const dataFormat = picks.of(['channels_last', 'channels_first'] as const)
  const [sample, layer] = picks.of<readonly [KerasShape, () => Layer]>([
    [sequence, () => layers.spatialDropout1d(options)],
    [[2, 3, 4], () => layers.spatialDropout2d({ ...options, dataFormat })],
    [[2, 1, 2, 4], () => layers.spatialDropout3d({ ...options, dataFormat })],
  ])
  maker.applyShareable(layer(), maker.take(picks, all(isFloat, hasRank(sample.length + 1)), sample))
}

const flatten: Step = (maker, picks) => {
  maker.apply(layers.flatten({ name: maker.name('flatten') }), maker.take(picks, any, [2, 3]))
}

const reshape: Step = (maker, picks) => {
  const x = maker.take(picks, isKnown, [2, 3])
  const size = sampleSize(x)
  const targetShape = picks.of([[size], [-1, size], size % 2 === 0 ? [2, -1] : [size, 1], [1, size, 1], [-1]])
  maker.apply(layers.reshape({ targetShape, name: maker.name('reshape') }), x)
}

const permute: Step = (maker, picks) => {
  const x = maker.take(picks, hasRank(3, 4), [2, 3])
  const dims = x.shape.slice(1).map((_, k) => k + 1)
  const turned = picks.next(2) === 0 ? [...dims].reverse() : [...dims.slice(1), ...dims.slice(0, 1)]
  maker.apply(layers.permute({ dims: turned, name: maker.name('permute') }), x)
}

const repeatVector: Step = (maker, picks) => {
  const x = maker.take(picks, all(hasRank(2), isSmall), vector)
  maker.apply(layers.repeatVector({ n: picks.of([2, 3, 1]), name: maker.name('repeat') }), x)
}

const masking: Step = (maker, picks) => {
  const x = maker.take(picks, all(isFloat, hasRank(3)), sequence)
  maker.apply(layers.masking({ maskValue: picks.of([0, 0, 1]), name: maker.name('masking') }), x)
}

const identity: Step = (maker, picks) => {
  const x = maker.take(picks, isFloat, vector)
  const kinds = [
    () => layers.identity({ name: maker.name('identity') }),
    () => layers.activityRegularization({ l2: 0.5, name: maker.name('activity') }),
  ]
  maker.apply(picks.of(kinds)(), x)
}

/** Merges and joins tensors of one kind. */
function mergeAll(maker: ModelMaker, picks: Picks, x: KerasTensor, partners: readonly KerasTensor[]): void {
  const operands = [x, picks.of(partners)]
  const kinds = [
    () => layers.add({ name: maker.name('add') }),
    () => layers.subtract({ name: maker.name('subtract') }),
    () => layers.multiply({ name: maker.name('multiply') }),
    () => layers.maximum({ name: maker.name('maximum') }),
    () => layers.minimum({ name: maker.name('minimum') }),
    () => layers.average({ name: maker.name('average') }),
    () => layers.concatenate({ name: maker.name('join') }),
    () => layers.concatenate({ axis: 1, name: maker.name('stack') }),
  ]
  const layer = picks.of(kinds)()
  const isThird = layer.className !== 'Subtract' && picks.next(3) === 2
  maker.apply(layer, isThird ? [...operands, picks.of(partners)] : operands)
}

const merge: Step = (maker, picks) => {
  const x = maker.take(picks, isMaskUsable, vector)
  mergeAll(
    maker,
    picks,
    x,
    maker.pool.filter(other => kindOf(other) === kindOf(x) && isMaskUsable(other)),
  )
}

/** A layer on a masked sequence: one that lets the mask through, one that ends it, or a merge with another mask or none. */
const masked: Step = (maker, picks) => {
  const isMasked: Fits = x => isFloat(x) && x.mask !== null && x.shape.length === 3 && isMaskUsable(x) && featuresOf(x) !== null
  if (!maker.pool.some(isMasked)) masking(maker, picks)
  const x = maker.take(picks, isMasked, sequence)
  if (x.mask === null) return
  const kinds: readonly (() => void)[] = [
    () => maker.applyShareable(layers.dense({ units: 4, activation: 'relu', name: maker.name('dense') }), x),
    () => maker.applyShareable(layers.batchNormalization({ name: maker.name('norm') }), x),
    () => maker.apply(layers.dropout({ rate: 0.5, seed: picks.next(9), name: maker.name('dropout') }), x),
    () => maker.apply(layers.flatten({ name: maker.name('flatten') }), x),
    () => maker.apply(layers.permute({ dims: [2, 1], name: maker.name('permute') }), x),
  ]
  const others = maker.pool.filter(other => kindOf(other) === kindOf(x) && isMaskUsable(other))
  if (picks.next(2) === 1) mergeAll(maker, picks, x, others)
  else picks.of(kinds)()
}

/** A merge with a tensor that broadcasts: one entry along an axis. */
const broadcast: Step = (maker, picks) => {
  const x = maker.take(picks, all(isFloat, hasRank(2), isUnmasked, hasFeatures), vector)
  const [column] = maker.apply(layers.dense({ units: 1, name: maker.name('column') }), x) as [KerasTensor]
  maker.apply(picks.of([layers.multiply, layers.add])({ name: maker.name('broadcast') }), [x, column])
}

const lambda: Step = (maker, picks) => {
  const x = maker.take(picks, isFloat, vector)
  const functions = [
    (y: Parameters<typeof K.square>[0]) => K.add(K.multiply(y, 2), 1),
    (y: Parameters<typeof K.square>[0]) => K.negative(K.abs(y)),
    (y: Parameters<typeof K.square>[0]) => K.mean(y, -1, true),
  ]
  maker.apply(layers.lambda({ function: picks.of(functions), name: maker.name('lambda') }), x)
}

/** Calls an earlier layer again. */
const share: Step = (maker, picks) => {
  const fits = maker.shareable.filter(({ like }) => maker.pool.some(x => canShare(x, like)))
  if (fits.length === 0) return dense(maker, picks)
  const { layer, like } = picks.of(fits)
  const x = picks.of(maker.pool.filter(other => canShare(other, like)))
  maker.apply(layer, x)
}

/** The same type; without a mask where the layer was called without, since masks can make a call illegal. */
function canShare(x: KerasTensor, like: KerasTensor): boolean {
  return kindOf(x) === kindOf(like) && (x.mask === null || like.mask !== null)
}

/** Steps that fit inside a nested model, whatever mask comes from outside. */
const inner: readonly Step[] = [dense, activation, slopes, batchNormalization, dropout, flatten, merge]

const nested: Step = (maker, picks) => {
  const x = maker.take(picks, all(isFloat, isUnmasked, hasFeatures, isSmall), vector)
  const name = maker.name('nested')
  const inside = new ModelMaker(`${name}_`)
  inside.input(x.shape.slice(1))
  for (let k = picks.next(3); k >= 0; k--) picks.of(inner)(inside, picks)
  const net = inside.finish(picks, name)
  maker.recipe.push(...inside.recipe.map(line => `  ${line}`))
  if (net.inputs.length === 1) maker.applyShareable(net, x)
  else
    maker.apply(
      net,
      net.inputs.map(each => (kindOf(each) === kindOf(x) ? x : maker.input(each.shape.slice(1), each.dtype))),
    )
}

const stack: Step = (maker, picks) => {
  const x = maker.take(picks, all(isFloat, isUnmasked, hasFeatures, isSmall), vector)
  const name = maker.name('stack')
  const inside: Layer[] = [
    layers.dense({ units: 3, activation: picks.of(['relu', 'tanh']), name: `${name}_dense` }),
    layers.dropout({ rate: 0.5, seed: 1, name: `${name}_dropout` }),
    layers.batchNormalization({ name: `${name}_norm` }),
  ]
  maker.applyShareable(sequential({ name, layers: inside.slice(0, 1 + picks.next(3)) }), x)
}

/** Every step, ordered so that shrinking ends in the simplest. */
export const steps: readonly Step[] = [
  dense,
  activation,
  merge,
  batchNormalization,
  dropout,
  spatialDropout,
  flatten,
  reshape,
  permute,
  repeatVector,
  masking,
  softmax,
  slopes,
  prelu,
  penalised,
  identity,
  broadcast,
  lambda,
  share,
  share,
  nested,
  stack,
  input,
  input,
  input,
  merge,
  merge,
  masked,
  masked,
  masked,
  slopes,
  batchNormalization,
  spatialDropout,
  ...spatialSteps,
  ...featureSteps,
]
