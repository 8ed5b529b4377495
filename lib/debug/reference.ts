// Reference: what a traced graph gives on some data by the definitions of its ops, in doubles or rounded to float32.

import type { Graph } from '../ir/graph.js'
import { NDArray } from '../ir/ndarray.js'
import { type EvaluationOptions, evaluateGraph, type Feeds } from '../ops/evaluate.js'
import type { Value } from '../ops/op.js'
import { type Bindings, bindShapes, specialise } from '../ops/specialise.js'
import { toValue } from '../ops/values.js'
import { feedSpecs, type Inputs, toFeeds } from '../runtime/feeds.js'
import type { Lowerable } from '../runtime/lower.js'

/** A traced graph for prediction, the sizes that the data have, and all values that enter it. */
export interface Situation {
  /** Its results are outputs only; its sizes are open. */
  readonly graph: Graph
  readonly sizes: Bindings
  readonly feeds: Feeds
}

/** @throws ArgumentError, ShapeError or DTypeError naming the input. */
export function situationOf({ graph, variables, sparseInputs, title }: Lowerable, inputs: Inputs): Situation {
  const specs = feedSpecs(graph, sparseInputs)
  const given = toFeeds(inputs, specs, title)
  const named = specs.map(({ name }, k) => [name, given[k] as (typeof given)[number]] as const)
  const shapes = Object.fromEntries(named.map(([name, { shape }]) => [name, shape]))
  return {
    graph: { ...graph, results: { outputs: graph.results.outputs, losses: [], updates: {} } },
    sizes: bindShapes(graph, shapes),
    feeds: {
      inputs: Object.fromEntries(named.map(([name, { data, shape }]) => [name, toValue(new NDArray(data, shape))])),
      variables: Object.fromEntries([...variables].map(([name, variable]) => [name, toValue(variable.read())])),
    },
  }
}

/** The outputs of a graph in a situation; `graph` may be what passes made of the situation's own. */
export function outputsOf(
  { sizes, feeds, graph: own }: Situation,
  options: EvaluationOptions,
  graph: Graph = own,
): Readonly<Record<string, Value>> {
  return evaluateGraph(specialise(graph, sizes), feeds, options).outputs
}
