// Steps of random models over features: normalisations of samples, rescaling, embedding, dot products, noise.

import * as layers from '../../lib/layers/index.js'
import type { Picks } from './graphMaker.js'
import { type Fits, featuresOf, isFloat, isUnmasked, kindOf, type ModelMaker } from './modelMaker.js'

type Step = (maker: ModelMaker, picks: Picks) => void

const vector = [4]
const hasFeatures: Fits = x => isFloat(x) && x.shape.length >= 2 && featuresOf(x) !== null

const normalization: Step = (maker, picks) => {
  const x = maker.take(picks, hasFeatures, vector)
  const features = featuresOf(x) ?? 1
  const groups = picks.of([1, 2, -1].filter(count => features % count === 0))
  const axis = x.shape.length === 3 && typeof x.shape[1] === 'number' && picks.next(3) === 2 ? [1, 2] : -1
  const [center, scale] = [picks.next(4) !== 3, picks.next(4) !== 3]
  const kinds = [
    () => layers.layerNormalization({ axis, center, scale, epsilon: 0.1, name: maker.name('layer_norm') }),
    () => layers.groupNormalization({ groups, center, scale, epsilon: 0.1, name: maker.name('group_norm') }),
    () => layers.rmsNormalization({ axis, epsilon: 0.1, name: maker.name('rms_norm') }),
    () => layers.unitNormalization({ name: maker.name('unit_norm') }),
  ]
  maker.applyShareable(picks.of(kinds)(), x)
}

const rescaling: Step = (maker, picks) => {
  const x = maker.take(picks, hasFeatures, vector)
  const kinds = [
    () => layers.rescaling({ scale: picks.of([0.5, 2]), offset: picks.of([0, 1]), name: maker.name('rescaling') }),
    () => layers.normalization({ invert: picks.next(3) === 2, name: maker.name('normalization') }),
    () => layers.normalization({ mean: 1, variance: 4, name: maker.name('normalization') }),
  ]
  maker.apply(picks.of(kinds)(), x)
}

const embedding: Step = (maker, picks) => {
  const x = maker.take(picks, other => other.dtype === 'int32' && other.shape.length === 2, [3], 'int32')
  const options = { inputDim: 5, outputDim: picks.of([4, 2]), maskZero: picks.next(2) === 0, name: maker.name('embedding') }
  maker.applyShareable(layers.embedding(options), x)
}

const dot: Step = (maker, picks) => {
  const isKnown: Fits = x => hasFeatures(x) && isUnmasked(x) && x.shape.length <= 3 && !x.shape.slice(1).includes(null)
  const x = maker.take(picks, isKnown, vector)
  const partner = picks.of(maker.pool.filter(other => kindOf(other) === kindOf(x)))
  maker.apply(layers.dot({ axes: picks.of([-1, 1]), normalize: picks.next(3) === 2, name: maker.name('dot') }), [x, partner])
}

const noise: Step = (maker, picks) => {
  const x = maker.take(picks, isFloat, vector)
  const seed = picks.next(100)
  const kinds = [
    () => layers.gaussianNoise({ stddev: picks.of([0.5, 0]), seed, name: maker.name('noise') }),
    () => layers.gaussianDropout({ rate: picks.of([0.25, 0]), seed, name: maker.name('gaussian') }),
    () => layers.alphaDropout({ rate: picks.of([0.25, 0]), seed, name: maker.name('alpha') }),
  ]
  maker.applyShareable(picks.of(kinds)(), x)
}

export const featureSteps: readonly Step[] = [normalization, rescaling, embedding, dot, noise, normalization]
