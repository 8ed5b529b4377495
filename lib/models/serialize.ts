// A model's architecture as real Keras 3 writes it: Functional and Sequential configs, without weights.

import { GraphError } from '../ir/errors.js'
import { InputLayer } from '../layers/inputLayer.js'
import type { Call, KerasTensor } from '../layers/kerasTensor.js'
import { dtypePolicy, type Layer } from '../layers/layer.js'
import { Operation } from '../layers/operation.js'
import type { Json } from '../layers/schema.js'
import type { LayerRecord } from './record.js'
import type { Flat } from './structure.js'

/** Layers that Keras keeps outside keras.layers. */
const modules: Readonly<Record<string, string>> = { Functional: 'keras.src.models.functional', Sequential: 'keras' }

/** `{ module, class_name, config, registered_name }`, as keras.saving.serialize_keras_object gives it. */
export function serializeLayer(layer: Layer): Record<string, Json> {
  const { className } = layer
  if (layer instanceof Operation) {
    return { module: layer.module, class_name: layer.operation, config: layer.getConfig(), registered_name: layer.operation }
  }
  return {
    module: modules[className] ?? 'keras.layers',
    class_name: className,
    config: layer.getConfig(),
    registered_name: className === 'Functional' ? 'Functional' : null,
    ...(layer instanceof InputLayer || layer.weights.length === 0
      ? {}
      : { build_config: { input_shape: layer.calls[0]?.inputs[0]?.shape ?? null } }),
  }
}

/**
 * Source of the form: keras/src/models/functional.py get_config.
 * @throws GraphError for a constant that the model reads but does not list among its inputs.
 */
export function functionalConfig(model: Layer, record: LayerRecord, inputs: Flat, outputs: Flat): Record<string, Json> {
  const hidden = record.layers.find(layer => layer instanceof InputLayer && !inputs.tensors.some(({ call }) => call.layer === layer))
  if (hidden) {
    throw new GraphError(
      `${model.title}: ${hidden.title} binds a constant, which the architecture's JSON cannot hold`,
      'list it among the inputs of the model, or compute the constant in a lambda',
    )
  }
  const positions = callPositions(record)
  const reference = (tensor: KerasTensor): Json => [tensor.call.layer.name, positions.get(tensor.call) ?? 0, tensor.tensorIndex]
  return {
    name: model.name,
    trainable: model.trainable,
    layers: record.layers.map(layer => ({
      ...serializeLayer(layer),
      name: layer.name,
      inbound_nodes: inboundNodes(layer, positions),
    })),
    input_layers: nest(inputs, tensor => entryReference(tensor, reference)),
    output_layers: nest(outputs, tensor => entryReference(tensor, reference)),
  }
}

/** Keras counts the calls of a nested Functional from 1 here: call 0 is its own graph. */
function entryReference(tensor: KerasTensor, reference: (tensor: KerasTensor) => Json): Json {
  const [name, position, index] = reference(tensor) as [string, number, number]
  return tensor.call.layer.className === 'Functional' ? [name, position + 1, index] : [name, position, index]
}

/** A call's position among those of its layer that belong to this model. */
function callPositions(record: LayerRecord): Map<Call, number> {
  const inModel = new Set(record.calls)
  const positions = new Map<Call, number>()
  for (const layer of record.layers) {
    layer.calls
      .filter(call => inModel.has(call))
      .forEach((call, k) => {
        positions.set(call, k)
      })
  }
  return positions
}

function inboundNodes(layer: Layer, positions: ReadonlyMap<Call, number>): Json {
  if (layer instanceof InputLayer) return []
  const describe = (tensor: KerasTensor): Json => ({
    class_name: '__keras_tensor__',
    config: {
      shape: tensor.shape,
      dtype: tensor.dtype,
      keras_history: [tensor.call.layer.name, positions.get(tensor.call) ?? 0, tensor.tensorIndex],
    },
  })
  return layer.calls
    .filter(call => positions.has(call))
    .map(call => {
      const args = call.inputs.map(describe)
      if (layer instanceof Operation) return { ...layer.describeCall(args) }
      return { args: call.inputsAsList ? [args] : args, kwargs: maskArgument(call, describe) }
    })
}

/** A mask that was given to the call, where it is an output that a file can name. */
function maskArgument({ masks, masksGiven, inputsAsList }: Call, describe: (tensor: KerasTensor) => Json): Record<string, Json> {
  if (!masksGiven || masks.some(mask => mask?.isMask)) return {}
  const parts = masks.map(mask => mask && describe(mask))
  return { mask: inputsAsList ? parts : (parts[0] ?? null) }
}

function nest({ tensors, keys }: Flat, describe: (tensor: KerasTensor) => Json): Json {
  const parts = tensors.map(describe)
  if (keys === null) return parts[0] as Json
  return typeof keys[0] === 'string' ? Object.fromEntries(keys.map((key, k) => [key, parts[k] as Json])) : parts
}

/** Source of the form: keras/src/models/sequential.py get_config. */
export function sequentialConfig(
  model: Layer,
  layers: readonly Layer[],
  inputShape: readonly (number | null)[] | undefined,
): Record<string, Json> {
  return {
    name: model.name,
    trainable: model.trainable,
    dtype: dtypePolicy(model.dtype),
    layers: layers.map(layer => serializeLayer(layer)),
    ...(inputShape ? { build_input_shape: inputShape } : {}),
  }
}
