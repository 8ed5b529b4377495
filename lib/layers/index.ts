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
import { Conv1D, type Conv1DOptions, Conv2D, Conv3D, type ConvolutionOptions } from './convolution.js'
import { Conv1DTranspose, Conv2DTranspose, Conv3DTranspose, type ConvolutionTransposeOptions } from './convolutionTranspose.js'
import { Dense, type DenseOptions } from './dense.js'
import { Dot, type DotOptions } from './dot.js'
import {
  Dropout,
  type DropoutOptions,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  type SpatialDropoutImageOptions,
  type SpatialDropoutOptions,
} from './dropout.js'
import { Embedding, type EmbeddingOptions } from './embedding.js'
import {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
  type GlobalPoolingOptions,
} from './globalPooling.js'
import { GroupNormalization, type GroupNormalizationOptions } from './groupNormalization.js'
import { ActivityRegularization, type ActivityRegularizationOptions, Identity } from './identity.js'
import { InputLayer, type InputOptions } from './inputLayer.js'
import { Lambda, type LambdaOptions } from './lambda.js'
import {
  LayerNormalization,
  type LayerNormalizationOptions,
  RMSNormalization,
  type RMSNormalizationOptions,
  UnitNormalization,
  type UnitNormalizationOptions,
} from './layerNormalization.js'
import { Masking, type MaskingOptions } from './masking.js'
import { Add, Average, Maximum, Minimum, Multiply, Subtract } from './merge.js'
import {
  AlphaDropout,
  type AlphaDropoutOptions,
  GaussianDropout,
  type GaussianDropoutOptions,
  GaussianNoise,
  type GaussianNoiseOptions,
} from './noise.js'
import {
  Cropping1D,
  type Cropping1DOptions,
  Cropping2D,
  Cropping3D,
  type CroppingOptions,
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
  type ZeroPaddingOptions,
} from './padding.js'
import {
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
  type PoolingOptions,
} from './pooling.js'
import { Normalization, type NormalizationOptions, Rescaling, type RescalingOptions } from './rescaling.js'
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
import {
  DepthwiseConv1D,
  DepthwiseConv2D,
  type DepthwiseConvolutionOptions,
  SeparableConv1D,
  SeparableConv2D,
  type SeparableConvolutionOptions,
} from './separable.js'
import { Softmax, type SoftmaxOptions } from './softmax.js'
import {
  UpSampling1D,
  type UpSampling1DOptions,
  UpSampling2D,
  type UpSampling2DOptions,
  UpSampling3D,
  type UpSampling3DOptions,
} from './upSampling.js'

export const activation = (options: ActivationOptions) => new Activation(options)
export const activityRegularization = (options?: ActivityRegularizationOptions) => new ActivityRegularization(options)
export const add = (options?: LayerOptions) => new Add(options)
export const alphaDropout = (options: AlphaDropoutOptions) => new AlphaDropout(options)
export const average = (options?: LayerOptions) => new Average(options)
export const averagePooling1d = (options?: PoolingOptions) => new AveragePooling1D(options)
export const averagePooling2d = (options?: PoolingOptions) => new AveragePooling2D(options)
export const averagePooling3d = (options?: PoolingOptions) => new AveragePooling3D(options)
export const batchNormalization = (options?: BatchNormalizationOptions) => new BatchNormalization(options)
export const concatenate = (options?: ConcatenateOptions) => new Concatenate(options)
export const conv1d = (options: Conv1DOptions) => new Conv1D(options)
export const conv1dTranspose = (options: ConvolutionTransposeOptions) => new Conv1DTranspose(options)
export const conv2d = (options: ConvolutionOptions) => new Conv2D(options)
export const conv2dTranspose = (options: ConvolutionTransposeOptions) => new Conv2DTranspose(options)
export const conv3d = (options: ConvolutionOptions) => new Conv3D(options)
export const conv3dTranspose = (options: ConvolutionTransposeOptions) => new Conv3DTranspose(options)
export const cropping1d = (options?: Cropping1DOptions) => new Cropping1D(options)
export const cropping2d = (options?: CroppingOptions) => new Cropping2D(options)
export const cropping3d = (options?: CroppingOptions) => new Cropping3D(options)
export const dense = (options: DenseOptions) => new Dense(options)
export const depthwiseConv1d = (options: DepthwiseConvolutionOptions) => new DepthwiseConv1D(options)
export const depthwiseConv2d = (options: DepthwiseConvolutionOptions) => new DepthwiseConv2D(options)
export const dot = (options: DotOptions) => new Dot(options)
export const dropout = (options: DropoutOptions) => new Dropout(options)
export const elu = (options?: ELUOptions) => new ELU(options)
export const embedding = (options: EmbeddingOptions) => new Embedding(options)
export const flatten = (options?: FlattenOptions) => new Flatten(options)
export const gaussianDropout = (options: GaussianDropoutOptions) => new GaussianDropout(options)
export const gaussianNoise = (options: GaussianNoiseOptions) => new GaussianNoise(options)
export const globalAveragePooling1d = (options?: GlobalPoolingOptions) => new GlobalAveragePooling1D(options)
export const globalAveragePooling2d = (options?: GlobalPoolingOptions) => new GlobalAveragePooling2D(options)
export const globalAveragePooling3d = (options?: GlobalPoolingOptions) => new GlobalAveragePooling3D(options)
export const globalMaxPooling1d = (options?: GlobalPoolingOptions) => new GlobalMaxPooling1D(options)
export const globalMaxPooling2d = (options?: GlobalPoolingOptions) => new GlobalMaxPooling2D(options)
export const globalMaxPooling3d = (options?: GlobalPoolingOptions) => new GlobalMaxPooling3D(options)
export const groupNormalization = (options?: GroupNormalizationOptions) => new GroupNormalization(options)
export const identity = (options?: LayerOptions) => new Identity(options)
export const inputLayer = (options: InputOptions) => new InputLayer(options)
export const lambda = (options: LambdaOptions) => new Lambda(options)
export const layerNormalization = (options?: LayerNormalizationOptions) => new LayerNormalization(options)
export const leakyReLU = (options?: LeakyReLUOptions) => new LeakyReLU(options)
export const masking = (options?: MaskingOptions) => new Masking(options)
export const maximum = (options?: LayerOptions) => new Maximum(options)
export const maxPooling1d = (options?: PoolingOptions) => new MaxPooling1D(options)
export const maxPooling2d = (options?: PoolingOptions) => new MaxPooling2D(options)
export const maxPooling3d = (options?: PoolingOptions) => new MaxPooling3D(options)
export const minimum = (options?: LayerOptions) => new Minimum(options)
export const multiply = (options?: LayerOptions) => new Multiply(options)
export const normalization = (options?: NormalizationOptions) => new Normalization(options)
export const permute = (options: PermuteOptions) => new Permute(options)
export const prelu = (options?: PReLUOptions) => new PReLU(options)
export const reLU = (options?: ReLUOptions) => new ReLU(options)
export const repeatVector = (options: RepeatVectorOptions) => new RepeatVector(options)
export const rescaling = (options: RescalingOptions) => new Rescaling(options)
export const reshape = (options: ReshapeOptions) => new Reshape(options)
export const rmsNormalization = (options?: RMSNormalizationOptions) => new RMSNormalization(options)
export const separableConv1d = (options: SeparableConvolutionOptions) => new SeparableConv1D(options)
export const separableConv2d = (options: SeparableConvolutionOptions) => new SeparableConv2D(options)
export const softmax = (options?: SoftmaxOptions) => new Softmax(options)
export const spatialDropout1d = (options: SpatialDropoutOptions) => new SpatialDropout1D(options)
export const spatialDropout2d = (options: SpatialDropoutImageOptions) => new SpatialDropout2D(options)
export const spatialDropout3d = (options: SpatialDropoutImageOptions) => new SpatialDropout3D(options)
export const subtract = (options?: LayerOptions) => new Subtract(options)
export const unitNormalization = (options?: UnitNormalizationOptions) => new UnitNormalization(options)
export const upSampling1d = (options?: UpSampling1DOptions) => new UpSampling1D(options)
export const upSampling2d = (options?: UpSampling2DOptions) => new UpSampling2D(options)
export const upSampling3d = (options?: UpSampling3DOptions) => new UpSampling3D(options)
export const zeroPadding1d = (options?: ZeroPaddingOptions) => new ZeroPadding1D(options)
export const zeroPadding2d = (options?: ZeroPaddingOptions) => new ZeroPadding2D(options)
export const zeroPadding3d = (options?: ZeroPaddingOptions) => new ZeroPadding3D(options)

// The same under the camelCase of the class name, where that differs.
export {
  averagePooling1d as averagePooling1D,
  averagePooling2d as averagePooling2D,
  averagePooling3d as averagePooling3D,
  conv1d as conv1D,
  conv1dTranspose as conv1DTranspose,
  conv2d as conv2D,
  conv2dTranspose as conv2DTranspose,
  conv3d as conv3D,
  conv3dTranspose as conv3DTranspose,
  cropping1d as cropping1D,
  cropping2d as cropping2D,
  cropping3d as cropping3D,
  depthwiseConv1d as depthwiseConv1D,
  depthwiseConv2d as depthwiseConv2D,
  elu as eLU,
  globalAveragePooling1d as globalAveragePooling1D,
  globalAveragePooling2d as globalAveragePooling2D,
  globalAveragePooling3d as globalAveragePooling3D,
  globalMaxPooling1d as globalMaxPooling1D,
  globalMaxPooling2d as globalMaxPooling2D,
  globalMaxPooling3d as globalMaxPooling3D,
  maxPooling1d as maxPooling1D,
  maxPooling2d as maxPooling2D,
  maxPooling3d as maxPooling3D,
  prelu as pReLU,
  reLU as relu,
  rmsNormalization as rMSNormalization,
  separableConv1d as separableConv1D,
  separableConv2d as separableConv2D,
  spatialDropout1d as spatialDropout1D,
  spatialDropout2d as spatialDropout2D,
  spatialDropout3d as spatialDropout3D,
  upSampling1d as upSampling1D,
  upSampling2d as upSampling2D,
  upSampling3d as upSampling3D,
  zeroPadding1d as zeroPadding1D,
  zeroPadding2d as zeroPadding2D,
  zeroPadding3d as zeroPadding3D,
}
