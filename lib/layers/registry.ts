// The one table of layer classes: how a config's class name becomes a layer.

import { UnknownNameError } from '../ir/errors.js'
import { Activation } from './activation.js'
import { ELU, LeakyReLU, PReLU, ReLU } from './advancedActivations.js'
import { BatchNormalization } from './batchNormalization.js'
import { isLayerClassName, type LayerClassName, layerClassNames } from './classNames.js'
import { Concatenate } from './concatenate.js'
import { Conv1D, Conv2D, Conv3D } from './convolution.js'
import { Conv1DTranspose, Conv2DTranspose, Conv3DTranspose } from './convolutionTranspose.js'
import { Dense } from './dense.js'
import { Dot } from './dot.js'
import { Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D } from './dropout.js'
import { Embedding } from './embedding.js'
import {
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
} from './globalPooling.js'
import { GroupNormalization } from './groupNormalization.js'
import { ActivityRegularization, Identity } from './identity.js'
import { InputLayer } from './inputLayer.js'
import { Lambda } from './lambda.js'
import type { Layer, LayerClass } from './layer.js'
import { LayerNormalization, RMSNormalization, UnitNormalization } from './layerNormalization.js'
import { Masking } from './masking.js'
import { Add, Average, Maximum, Minimum, Multiply, Subtract } from './merge.js'
import { AlphaDropout, GaussianDropout, GaussianNoise } from './noise.js'
import { Cropping1D, Cropping2D, Cropping3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D } from './padding.js'
import { AveragePooling1D, AveragePooling2D, AveragePooling3D, MaxPooling1D, MaxPooling2D, MaxPooling3D } from './pooling.js'
import { Normalization, Rescaling } from './rescaling.js'
import { Flatten, Permute, RepeatVector, Reshape } from './reshaping.js'
import { DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D } from './separable.js'
import { Softmax } from './softmax.js'
import { UpSampling1D, UpSampling2D, UpSampling3D } from './upSampling.js'

/** Every layer class by Keras' class name; the key is the class's own `className`. */
export const layerClasses = {
  Activation,
  ActivityRegularization,
  Add,
  AlphaDropout,
  Average,
  AveragePooling1D,
  AveragePooling2D,
  AveragePooling3D,
  BatchNormalization,
  Concatenate,
  Conv1D,
  Conv1DTranspose,
  Conv2D,
  Conv2DTranspose,
  Conv3D,
  Conv3DTranspose,
  Cropping1D,
  Cropping2D,
  Cropping3D,
  Dense,
  DepthwiseConv1D,
  DepthwiseConv2D,
  Dot,
  Dropout,
  ELU,
  Embedding,
  Flatten,
  GaussianDropout,
  GaussianNoise,
  GlobalAveragePooling1D,
  GlobalAveragePooling2D,
  GlobalAveragePooling3D,
  GlobalMaxPooling1D,
  GlobalMaxPooling2D,
  GlobalMaxPooling3D,
  GroupNormalization,
  Identity,
  InputLayer,
  Lambda,
  LayerNormalization,
  LeakyReLU,
  Masking,
  MaxPooling1D,
  MaxPooling2D,
  MaxPooling3D,
  Maximum,
  Minimum,
  Multiply,
  Normalization,
  PReLU,
  Permute,
  RMSNormalization,
  ReLU,
  RepeatVector,
  Rescaling,
  Reshape,
  SeparableConv1D,
  SeparableConv2D,
  Softmax,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  Subtract,
  UnitNormalization,
  UpSampling1D,
  UpSampling2D,
  UpSampling3D,
  ZeroPadding1D,
  ZeroPadding2D,
  ZeroPadding3D,
} as const satisfies Record<LayerClassName, LayerClass>

/** The class of a name, or undefined. */
export function layerClass(className: string): LayerClass | undefined {
  return isLayerClassName(className) ? layerClasses[className] : undefined
}

/**
 * Makes a layer from a Keras config, as `getConfig` gives it or as a file holds it.
 * @throws UnknownNameError for a class that is not known, ArgumentError for a config that does not fit it.
 */
export function layerFromConfig(className: string, config: Readonly<Record<string, unknown>>): Layer {
  const Class = layerClass(className)
  if (Class) return Class.fromConfig(config)
  throw new UnknownNameError(`there is no layer class ${JSON.stringify(className)}`, `known are ${layerClassNames.join(', ')}`)
}
