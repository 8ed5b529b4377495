// modelDot: a model as Keras' plot_model draws it: a box per layer with a dark title, edges where tensors flow, clusters for nested models.

import { ArgumentError } from '../ir/errors.js'
import { aBoolean, checkOptions, type OptionKind, showGiven } from '../ir/options.js'
import { showKerasShape } from '../ir/types.js'
import type { KerasTensor } from '../layers/kerasTensor.js'
import type { Layer } from '../layers/layer.js'
import { operandsOf, type ReportedModel, shownClass, verticesOf } from '../models/vertices.js'
import { escapeHtml, printDot, quote, type Statement, withAttributes } from './dotText.js'
import { rankdirs } from './graphDot.js'

export interface ModelDotOptions {
  /** Adds cells with the shapes of input and output; false by default, as the other cells. */
  readonly showShapes?: boolean
  readonly showDtype?: boolean
  readonly showTrainable?: boolean
  /** Names before classes in the titles; true by default. */
  readonly showLayerNames?: boolean
  /** Draws nested models as clusters of their layers. */
  readonly expandNested?: boolean
  /** The direction of flow: `TB` by default. */
  readonly rankdir?: 'TB' | 'BT' | 'LR' | 'RL'
}

const modelDotOptions = {
  showShapes: aBoolean,
  showDtype: aBoolean,
  showTrainable: aBoolean,
  showLayerNames: aBoolean,
  expandNested: aBoolean,
  rankdir: rankdirs,
} as const satisfies Record<keyof ModelDotOptions, OptionKind>

/** A model among layers. */
type Nested = Layer & ReportedModel

/**
 * The model in Graphviz' DOT language. Source of the look: keras/src/utils/model_visualization.py.
 * @throws GraphError when the model does not know the shape of its input yet; ArgumentError for what is no model.
 */
export function modelToDot(model: ReportedModel, options: ModelDotOptions = {}): string {
  if (typeof model !== 'object' || model === null || !('record' in model))
    throw new ArgumentError(`modelToDot() takes a model, got ${showGiven(model)}`, 'graphToDot() draws graphs')
  checkOptions('modelToDot()', options, modelDotOptions)
  return printDot(new Drawing(options).draw(model))
}

class Drawing {
  private readonly options: ModelDotOptions
  private readonly ids = new Map<Layer, string>()
  private readonly edges = new Set<string>()

  constructor(options: ModelDotOptions) {
    this.options = options
  }

  draw(model: ReportedModel): Statement {
    const style = [
      `graph [rankdir=${quote(this.options.rankdir ?? 'TB')}, concentrate=true, splines="ortho"]`,
      'node [shape="plain", fontname="Helvetica"]',
      'edge [penwidth=2]',
    ]
    const boxes = this.boxes(model)
    this.connect(model)
    return { head: 'digraph', body: [...style, ...boxes, ...this.edges] }
  }

  private boxes(model: ReportedModel): Statement[] {
    return verticesOf(model).flatMap((layer): Statement[] => {
      if (this.ids.has(layer)) return [] // a model that is shared between levels is drawn where it comes first
      const id = `n${this.ids.size}`
      this.ids.set(layer, id)
      if (!this.opens(layer)) return [withAttributes(id, { label: { html: this.label(layer) } })]
      const title = withAttributes('graph', { label: layer.name, labeljust: 'l', style: 'dashed', fontname: 'Helvetica' })
      return [{ head: `subgraph ${quote(`cluster_${id}`)}`, body: [title, ...this.boxes(layer)] }]
    })
  }

  private opens(layer: Layer): layer is Nested {
    return this.options.expandNested === true && 'record' in layer
  }

  /** Edges between the layers of a model, which in a nested one begin and end inside its own nested models. */
  private connect(model: ReportedModel): void {
    for (const call of model.record.calls) {
      operandsOf(call).forEach((operand, position) => {
        const [from, to] = [this.ids.get(this.sourceOf(operand)), this.ids.get(this.targetOf(call.layer, position))]
        if (from !== undefined && to !== undefined) this.edges.add(`${from} -> ${to}`)
      })
    }
    for (const layer of verticesOf(model)) if (this.opens(layer)) this.connect(layer)
  }

  /** The box that a tensor comes out of. */
  private sourceOf({ call: { layer }, tensorIndex }: KerasTensor): Layer {
    const output = this.opens(layer) ? layer.record.outputs[tensorIndex] : undefined
    return output ? this.sourceOf(output) : layer
  }

  /** The box that the operand of a call goes into: the nested model's input layer, or what reads it where that is hidden. */
  private targetOf(layer: Layer, position: number): Layer {
    if (!this.opens(layer)) return layer
    const entry = layer.record.inputs[position]
    if (entry && this.ids.has(entry.call.layer)) return entry.call.layer
    const [first] = layer.layers
    return first ? this.targetOf(first, 0) : layer
  }

  private label(layer: Layer): string {
    const { showShapes, showDtype, showTrainable, showLayerNames = true } = this.options
    const call = layer.calls[0]
    const cells: string[] = []
    if (showShapes && call && call.inputs.length > 0) cells.push(cell('Input shape', showTensors(call.inputs, showShape)))
    if (showShapes) cells.push(cell('Output shape', showTensors(call?.outputs ?? [], showShape)))
    if (showDtype)
      cells.push(
        cell(
          'Output dtype',
          showTensors(call?.outputs ?? [], ({ dtype }) => dtype),
        ),
      )
    if (showTrainable && layer.weights.length > 0) cells.push(trainableCell(layer.trainable))
    const kind = escapeHtml(shownClass(layer))
    const title = showLayerNames ? `<b>${escapeHtml(layer.name)}</b> (${kind})` : `<b>${kind}</b>`
    const head = `<tr><td colspan="${Math.max(1, cells.length)}" bgcolor="black"><font point-size="16" color="white">${title}</font></td></tr>`
    const row = cells.length > 0 ? `<tr>${cells.join('')}</tr>` : ''
    return `<table border="0" cellborder="1" cellspacing="0" cellpadding="10">${head}${row}</table>`
  }
}

function cell(name: string, value: string): string {
  return `<td bgcolor="white"><font point-size="14">${name}: <b>${escapeHtml(value)}</b></font></td>`
}

function trainableCell(trainable: boolean): string {
  const [color, text] = trainable ? ['forestgreen', 'Trainable'] : ['firebrick', 'Non-trainable']
  return `<td bgcolor="${color}"><font point-size="14" color="white"><b>${text}</b></font></td>`
}

function showShape({ symbolicShape }: KerasTensor): string {
  return showKerasShape(symbolicShape)
}

function showTensors(tensors: readonly KerasTensor[], show: (tensor: KerasTensor) => string): string {
  if (tensors.length === 0) return '?'
  return tensors.length === 1 ? show(tensors[0] as KerasTensor) : `[${tensors.map(show).join(', ')}]`
}
