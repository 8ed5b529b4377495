// summary: Keras 3's table of a model's layers, shapes, parameters and connections, as text.

import { ArgumentError } from '../ir/errors.js'
import { aBoolean, aFunction, aNumber, checkOptions, type OptionKind } from '../ir/options.js'
import type { Call } from '../layers/kerasTensor.js'
import type { Layer } from '../layers/layer.js'
import type { Variable } from '../layers/variable.js'
import { boxTable, type Column } from './boxTable.js'
import type { LayerRecord } from './record.js'
import { operandsOf, type ReportedModel, shownClass, verticesOf } from './vertices.js'

export interface SummaryOptions {
  /** Takes the whole text, instead of the console. */
  readonly printFn?: (text: string) => void
  /** Characters per line: 88, or 108 with connections, plus 12 with `showTrainable`; never wider than a terminal if there is one. */
  readonly lineLength?: number
  /** Shows the layers of models inside this one. */
  readonly expandNested?: boolean
  /** Adds a column that tells which layers are frozen. */
  readonly showTrainable?: boolean
  /** The first and the last layer to show: names, or regular expressions for their beginnings. */
  readonly layerRange?: readonly [first: string, last: string]
}

const pairOfStrings: OptionKind = {
  expected: 'a list of two strings',
  test: value => Array.isArray(value) && value.length === 2 && value.every(part => typeof part === 'string'),
}

const summaryOptions = {
  printFn: aFunction,
  lineLength: aNumber,
  expandNested: aBoolean,
  showTrainable: aBoolean,
  layerRange: pairOfStrings,
} as const satisfies Record<keyof SummaryOptions, OptionKind>

/** What of a model a summary needs. */
export interface SummaryModel extends ReportedModel {
  readonly name: string
  readonly trainableWeights: readonly Variable[]
  readonly nonTrainableWeights: readonly Variable[]
}

/**
 * The table that Keras 3 prints, without a line feed at the end. Source: keras/src/utils/summary_utils.py.
 * @param terminalColumns the width of the terminal, to which the default width is cut.
 * @throws ArgumentError when the width is too small or `layerRange` matches no layer.
 */
export function summaryText(model: SummaryModel, options: SummaryOptions = {}, terminalColumns = columnsOfTerminal()): string {
  checkOptions(`${model.title}: summary()`, options, summaryOptions)
  const { expandNested = false, showTrainable = false } = options
  const record = model.built ? model.record : undefined
  const connected = record !== undefined && !isChain(record)
  const defaultLength = (connected ? 108 : 88) + (showTrainable ? 12 : 0)
  const lineLength = options.lineLength ?? Math.min(defaultLength, terminalColumns - 4)
  const columns = layout(model, connected, showTrainable, lineLength)
  const calls = new Set(record?.calls)
  const row = (layer: Layer, prefix: string): string[] => [
    `${prefix}${layer.name} (${shownClass(layer)})`,
    showOutputShape(layer),
    isUnbuilt(layer) ? '0 (unbuilt)' : thousands(layer.countParams()),
    ...(connected ? [connections(layer, calls)] : []),
    ...(showTrainable ? [layer.weights.length === 0 ? '-' : layer.trainable ? 'Y' : 'N'] : []),
  ]
  const rows = (layer: Layer, level: number): string[][] => {
    const nested = expandNested ? layersOf(layer) : []
    return [row(layer, level > 0 ? `${'   '.repeat(level)}└ ` : ''), ...nested.flatMap(inner => rows(inner, level + 1))]
  }
  const shown = inRange(model, verticesOf(model), options.layerRange).flatMap(layer => rows(layer, 0))
  return [`Model: "${model.name}"`, boxTable(columns, shown, lineLength), ...totals(model)].join('\n')
}

/** The columns end at fixed fractions of the line. */
function layout({ title }: SummaryModel, connected: boolean, showTrainable: boolean, lineLength: number): Column[] {
  const columns: { title: string; align: Column['align']; end: number }[] = [
    { title: 'Layer (type)', align: 'left', end: connected ? 0.3 : 0.45 },
    { title: 'Output Shape', align: 'left', end: connected ? 0.56 : 0.8 },
    { title: 'Param #', align: 'right', end: connected ? 0.74 : 1 },
  ]
  if (connected) columns.push({ title: 'Connected to', align: 'left', end: 1 })
  if (showTrainable) {
    for (const column of columns) column.end *= 0.9
    columns.push({ title: 'Trainable', align: 'center', end: 1 })
  }
  let start = 0
  return columns.map(column => {
    const width = Math.trunc(column.end * lineLength) - start
    start += width
    if (width >= 4) return { ...column, width }
    throw new ArgumentError(`${title}: a summary does not fit into lines of ${lineLength} characters`, 'give a larger lineLength')
  })
}

/** Whether each call reads nothing but the call before it and no layer is called twice: then connections go without saying. */
function isChain({ calls, layers, inputs }: LayerRecord): boolean {
  const entries = new Set(inputs.map(tensor => tensor.call))
  const follows = calls.every((call, k) => {
    const operands = entries.has(call) ? [] : operandsOf(call)
    return k === 0 ? operands.length === 0 : operands.length === 1 && operands[0]?.call === calls[k - 1]
  })
  return follows && calls.length === layers.length
}

/** What a layer reads in those of its calls that the model makes. */
function connections(layer: Layer, calls: ReadonlySet<Call>): string {
  const own = layer.calls.filter(call => calls.has(call))
  const names = own
    .flatMap(operandsOf)
    .map(({ call, tensorIndex, isMask }) => `${call.layer.name}[${call.index}][${tensorIndex}]${isMask ? '/mask' : ''}`)
  return names.join(', ') || '-'
}

function showOutputShape(layer: Layer): string {
  const shapes = (layer.calls.at(-1)?.outputs ?? []).map(({ shape }) => `(${shape.map(size => size ?? 'None').join(', ')})`)
  if (shapes.length === 0) return '?'
  return shapes.length === 1 ? (shapes[0] as string) : `[${shapes.join(', ')}]`
}

function isUnbuilt(layer: Layer): boolean {
  return layer.calls.length === 0 && !layer.built
}

function layersOf(layer: Layer): readonly Layer[] {
  return 'layers' in layer && Array.isArray(layer.layers) ? layer.layers : []
}

function inRange({ title }: SummaryModel, layers: readonly Layer[], range: SummaryOptions['layerRange']): readonly Layer[] {
  if (!range) return layers
  const [first, last] = range.map(pattern => {
    const test = beginning(pattern, title)
    return layers.flatMap((layer, k) => (test.test(layer.name) ? [k] : []))
  }) as [number[], number[]]
  if (first.length === 0 || last.length === 0) {
    throw new ArgumentError(
      `${title}: layerRange [${range.join(', ')}] matches no layer`,
      `its layers are ${layers.map(({ name }) => name).join(', ')}`,
    )
  }
  const [start, end] = [Math.min(...first), Math.max(...last)]
  return start > end ? layers.slice(Math.min(...last), Math.max(...first) + 1) : layers.slice(start, end + 1)
}

function beginning(pattern: string, title: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})`)
  } catch {
    throw new ArgumentError(`${title}: layerRange holds ${JSON.stringify(pattern)}, which is no regular expression`)
  }
}

function totals({ trainableWeights, nonTrainableWeights }: SummaryModel): string[] {
  const line = (label: string, weights: readonly Variable[]): string => {
    const count = weights.reduce((sum, { size }) => sum + size, 0)
    return ` ${label}: ${thousands(count)} (${memory(weights.reduce((sum, { size, dtype }) => sum + size * (dtype === 'bool' ? 1 : 4), 0))})`
  }
  return [
    line('Total params', [...trainableWeights, ...nonTrainableWeights]),
    line('Trainable params', trainableWeights),
    line('Non-trainable params', nonTrainableWeights),
  ]
}

function memory(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const unit = units.findIndex((_, k) => bytes / 1024 ** k < 1024)
  const power = unit < 0 ? units.length - 1 : unit
  return `${(bytes / 1024 ** power).toFixed(2)} ${units[power]}`
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')
}

function columnsOfTerminal(): number {
  const { process } = globalThis as { process?: { stdout?: { isTTY?: boolean; columns?: number } } }
  const { isTTY, columns } = process?.stdout ?? {}
  return isTTY && columns ? columns : Number.POSITIVE_INFINITY
}
