// The one table of layer classes: how a config's class name becomes a layer.

import { UnknownNameError } from '../ir/errors.js'
import { Activation } from './activation.js'
import { ELU, LeakyReLU, PReLU, ReLU } from './advancedActivations.js'
import { BatchNormalization } from './batchNormalization.js'
import { Concatenate } from './concatenate.js'
import { Dense } from './dense.js'
import { Dropout, SpatialDropout1D, SpatialDropout2D, SpatialDropout3D } from './dropout.js'
import { ActivityRegularization, Identity } from './identity.js'
import { InputLayer } from './inputLayer.js'
import { Lambda } from './lambda.js'
import type { Layer, LayerClass } from './layer.js'
import { Masking } from './masking.js'
import { Add, Average, Maximum, Minimum, Multiply, Subtract } from './merge.js'
import { Flatten, Permute, RepeatVector, Reshape } from './reshaping.js'
import { Softmax } from './softmax.js'

/** Every layer class by Keras' class name; the key is the class's own `className`. */
export const layerClasses = {
  Activation,
  ActivityRegularization,
  Add,
  Average,
  BatchNormalization,
  Concatenate,
  Dense,
  Dropout,
  ELU,
  Flatten,
  Identity,
  InputLayer,
  Lambda,
  LeakyReLU,
  Masking,
  Maximum,
  Minimum,
  Multiply,
  PReLU,
  Permute,
  ReLU,
  RepeatVector,
  Reshape,
  Softmax,
  SpatialDropout1D,
  SpatialDropout2D,
  SpatialDropout3D,
  Subtract,
} as const satisfies Record<string, LayerClass>

export type LayerClassName = keyof typeof layerClasses

/** The class of a name, or undefined. */
export function layerClass(className: string): LayerClass | undefined {
  const table: Readonly<Record<string, LayerClass>> = layerClasses
  return Object.hasOwn(table, className) ? table[className] : undefined
}

/**
 * Makes a layer from a Keras config, as `getConfig` gives it or as a file holds it.
 * @throws UnknownNameError for a class that is not known, ArgumentError for a config that does not fit it.
 */
export function layerFromConfig(className: string, config: Readonly<Record<string, unknown>>): Layer {
  const Class = layerClass(className)
  if (Class) return Class.fromConfig(config)
  throw new UnknownNameError(`there is no layer class ${JSON.stringify(className)}`, `known are ${Object.keys(layerClasses).join(', ')}`)
}
