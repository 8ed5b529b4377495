// layers: a factory for every layer class, in camelCase: layers.dense({ units: 32 }).

import { Activation, type ActivationOptions } from './activation.js'
import {
  ELU,
  type ELUOptions,
  LeakyReLU,
  type LeakyReLUOptions,
  PReLU,
  type PReLUOptions,
  ReLU,
  type ReLUOptions,
} from './advancedActivations.js'
import type { LayerOptions } from './baseOptions.js'
import { BatchNormalization, type BatchNormalizationOptions } from './batchNormalization.js'
import { Concatenate, type ConcatenateOptions } from './concatenate.js'
import { Dense, type DenseOptions } from './dense.js'
import {
  Dropout,
  type DropoutOptions,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  type SpatialDropoutImageOptions,
  type SpatialDropoutOptions,
} from './dropout.js'
import { ActivityRegularization, type ActivityRegularizationOptions, Identity } from './identity.js'
import { InputLayer, type InputOptions } from './inputLayer.js'
import { Lambda, type LambdaOptions } from './lambda.js'
import { Masking, type MaskingOptions } from './masking.js'
import { Add, Average, Maximum, Minimum, Multiply, Subtract } from './merge.js'
import {
  Flatten,
  type FlattenOptions,
  Permute,
  type PermuteOptions,
  RepeatVector,
  type RepeatVectorOptions,
  Reshape,
  type ReshapeOptions,
} from './reshaping.js'
import { Softmax, type SoftmaxOptions } from './softmax.js'

export const activation = (options: ActivationOptions) => new Activation(options)
export const activityRegularization = (options?: ActivityRegularizationOptions) => new ActivityRegularization(options)
export const add = (options?: LayerOptions) => new Add(options)
export const average = (options?: LayerOptions) => new Average(options)
export const batchNormalization = (options?: BatchNormalizationOptions) => new BatchNormalization(options)
export const concatenate = (options?: ConcatenateOptions) => new Concatenate(options)
export const dense = (options: DenseOptions) => new Dense(options)
export const dropout = (options: DropoutOptions) => new Dropout(options)
export const elu = (options?: ELUOptions) => new ELU(options)
export const flatten = (options?: FlattenOptions) => new Flatten(options)
export const identity = (options?: LayerOptions) => new Identity(options)
export const inputLayer = (options: InputOptions) => new InputLayer(options)
export const lambda = (options: LambdaOptions) => new Lambda(options)
export const leakyReLU = (options?: LeakyReLUOptions) => new LeakyReLU(options)
export const masking = (options?: MaskingOptions) => new Masking(options)
export const maximum = (options?: LayerOptions) => new Maximum(options)
export const minimum = (options?: LayerOptions) => new Minimum(options)
export const multiply = (options?: LayerOptions) => new Multiply(options)
export const permute = (options: PermuteOptions) => new Permute(options)
export const prelu = (options?: PReLUOptions) => new PReLU(options)
export const reLU = (options?: ReLUOptions) => new ReLU(options)
export const repeatVector = (options: RepeatVectorOptions) => new RepeatVector(options)
export const reshape = (options: ReshapeOptions) => new Reshape(options)
export const softmax = (options?: SoftmaxOptions) => new Softmax(options)
export const spatialDropout1d = (options: SpatialDropoutOptions) => new SpatialDropout1D(options)
export const spatialDropout2d = (options: SpatialDropoutImageOptions) => new SpatialDropout2D(options)
export const spatialDropout3d = (options: SpatialDropoutImageOptions) => new SpatialDropout3D(options)
export const subtract = (options?: LayerOptions) => new Subtract(options)

// The same under the camelCase of the class name, where that differs.
export {
  elu as eLU,
  prelu as pReLU,
  reLU as relu,
  spatialDropout1d as spatialDropout1D,
  spatialDropout2d as spatialDropout2D,
  spatialDropout3d as spatialDropout3D,
}
