// vertices: what summaries and plots show of a model: which layers and operations, under which class, and what each call reads.

import type { Call, KerasTensor } from '../layers/kerasTensor.js'
import type { Layer } from '../layers/layer.js'
import { Operation } from '../layers/operation.js'
import type { LayerRecord } from './record.js'

/** What of a model a report needs. */
export interface ReportedModel {
  readonly title: string
  readonly layers: readonly Layer[]
  /** Whether there is a record: a stack has none until the shape of its input is known. */
  readonly built: boolean
  readonly record: LayerRecord
}

/** The model's layers, and the operations between them, in Keras' order. A stack's input layer is hidden, as in Keras. */
export function verticesOf(model: ReportedModel): readonly Layer[] {
  const { layers, built } = model
  const listed = new Set(layers)
  return built ? model.record.layers.filter(layer => layer instanceof Operation || listed.has(layer)) : layers
}

/** The class that Keras shows: operations are known by what they compute. */
export function shownClass(layer: Layer): string {
  return layer instanceof Operation ? layer.operation : layer.className
}

/** The tensors a call reads: its inputs, then masks that were given to it; masks that came along are not shown. */
export function operandsOf({ inputs, masks, masksGiven }: Call): readonly KerasTensor[] {
  return masksGiven ? [...inputs, ...masks.filter(mask => mask !== null)] : inputs
}
