// arbModel: random legal models with shared layers, nested models, merges, masks, unknown sizes, and feeds for them.

import fc from 'fast-check'
import { type Graph, nodeAt } from '../../lib/ir/graph.js'
import { allocate, NDArray } from '../../lib/ir/ndarray.js'
import { clearSession, configure } from '../../lib/layers/settings.js'
import type { Model } from '../../lib/models/model.js'
import { type Evaluation, evaluateGraph, type Mode, type Precision } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { type Bindings, specialise } from '../../lib/ops/specialise.js'
import { toValue } from '../../lib/ops/values.js'
import type { Lowerable } from '../../lib/runtime/lower.js'
import { assertNearValues, largestTerms } from './compare.js'
import { type FeedKind, uniform } from './feeds.js'
import { Picks } from './graphMaker.js'
import { ModelMaker, setWholeWeights } from './modelMaker.js'
import { type Step, steps } from './modelSteps.js'
import { numRuns } from './setup.js'

/** How often a property of models is tried: they cost more than graphs. */
export const modelRuns = 2 * Math.ceil(numRuns / 10)

/** A model with whole weights, the sizes to feed it with, and a seed for the feeds. */
export interface ModelCase {
  readonly net: Model<unknown>
  readonly recipe: readonly string[]
  readonly batch: number
  readonly time: number
  readonly seed: number
}

/** Models of at most `length` steps. */
export function arbModelOf(length: number, from: readonly Step[] = steps): fc.Arbitrary<ModelCase> {
  const numbers = fc.array(fc.nat({ max: 2 ** 20 }), { minLength: 1, maxLength: 8, size: 'max' })
  return fc
    .record({
      choices: fc.array(fc.tuple(fc.nat({ max: from.length - 1 }), numbers), { minLength: 1, maxLength: length, size: 'max' }),
      batch: fc.integer({ min: 1, max: 3 }),
      time: fc.integer({ min: 1, max: 3 }),
      seed: fc.nat({ max: 2 ** 31 }),
    })
    .map(({ choices, ...rest }) => shown({ ...makeModel(choices, from, rest.seed), ...rest }))
}

/** Models of up to nine layers or so. */
export const arbModel: fc.Arbitrary<ModelCase> = arbModelOf(9)

function makeModel(choices: readonly (readonly [number, readonly number[]])[], from: readonly Step[], seed: number) {
  clearSession()
  const before = configure({ warn: () => undefined })
  try {
    const maker = new ModelMaker()
    for (const [step, numbers] of choices) (from[step] as Step)(maker, new Picks(numbers))
    const net = maker.finish(new Picks(choices.flatMap(([, numbers]) => numbers)))
    setWholeWeights(net, seed)
    return { net, recipe: maker.recipe }
  } finally {
    configure(before)
  }
}

/** Data for the model's inputs: some steps of sequences are all 0 or all 1, so that masks leave something out. */
export function modelFeeds({ net, batch, time, seed }: ModelCase, kind: FeedKind, rows = batch): Record<string, NDArray> {
  const random = uniform(seed)
  return Object.fromEntries(
    net.inputs.map(({ name, shape, dtype }) => {
      const sizes = [rows, ...shape.slice(1).map(size => size ?? time)]
      const data = allocate(
        dtype,
        sizes.reduce((product, size) => product * size, 1),
      )
      const row = sizes.at(-1) ?? 1
      let filler: number | undefined
      for (let k = 0; k < data.length; k++) {
        if (k % row === 0) filler = sizes.length === 3 && random() < 0.3 ? Number(random() < 0.3) : undefined
        const whole = Math.floor(random() * 9) - 4
        data[k] = filler ?? (kind === 'integer' || dtype === 'int32' ? whole : random() * 4 - 2)
      }
      return [name, new NDArray(data, sizes, dtype)]
    }),
  )
}

/** The sizes of a traced model's symbols; all time axes are equally long. */
export function modelSizes({ graph }: Lowerable, { batch, time }: ModelCase, rows = batch): Bindings {
  const sizes: Record<string, number> = { batch: rows }
  for (const id of graph.inputs) {
    const node = nodeAt(graph, id)
    if (node.op === 'input') for (const size of node.attrs.shape) if (typeof size === 'string' && size !== 'batch') sizes[size] = time
  }
  return sizes
}

/** A model's traced graph, its sizes bound, and values for its inputs and variables. */
export interface Ready {
  readonly traced: Lowerable
  readonly sizes: Bindings
  readonly feeds: { readonly inputs: Record<string, Value>; readonly variables: Record<string, Value> }
}

export function makeReady(value: ModelCase, kind: FeedKind): Ready {
  const traced = value.net.trace()
  const inputs = Object.fromEntries(Object.entries(modelFeeds(value, kind)).map(([name, array]) => [name, toValue(array)]))
  const variables = Object.fromEntries([...traced.variables].map(([name, variable]) => [name, toValue(variable.read())]))
  return { traced, sizes: modelSizes(traced, value), feeds: { inputs, variables } }
}

/** What a graph of the model means, by definition. */
export function evaluateReady(graph: Graph, { sizes, feeds }: Ready, mode: Mode, precision: Precision): Evaluation {
  return evaluateGraph(specialise(graph, sizes), feeds, { mode, precision })
}

/** What a run gives: at inference the outputs alone, since layers keep no state from run to run yet. */
export function keptIn(mode: Mode, evaluation: Evaluation): Evaluation {
  return mode === 'train' ? evaluation : { ...evaluation, losses: [], updates: {} }
}

/**
 * Asserts that results are as near to what the model means as float32 allows, given the largest term that they are
 * computed from in the model's own graph or in the one that it was changed into.
 */
export function assertNearModel(actual: Evaluation, ready: Ready, mode: Mode, changed: Graph = ready.traced.graph): void {
  const { graph } = ready.traced
  const reference = (precision: Precision) => keptIn(mode, evaluateReady(graph, ready, mode, precision))
  const terms = new Map<string, number>()
  for (const each of new Set([graph, changed])) {
    const found = largestTerms(specialise(each, ready.sizes), ready.feeds, mode)
    for (const [name, size] of found) terms.set(name, Math.max(size, terms.get(name) ?? 0))
  }
  assertNearValues(actual, reference('float32'), reference('float64'), terms)
}

/** Prints as its recipe when a property fails. */
function shown(value: ModelCase): ModelCase {
  const text = () =>
    `${value.recipe.join('\n')}\noutputs ${value.net.outputs.map(({ name }) => name).join(', ')}; batch ${value.batch}, time ${value.time}, seed ${value.seed}`
  return Object.defineProperty(value, fc.toStringMethod, { value: text, enumerable: false })
}
