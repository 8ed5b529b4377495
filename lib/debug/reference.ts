// Reference: what a graph gives on some data by the definitions of its ops, in doubles or rounded to float32.

import type { Graph } from '../ir/graph.js'
import { NDArray } from '../ir/ndarray.js'
import { evaluateGraph, type Feeds, type Precision } from '../ops/evaluate.js'
import type { Value } from '../ops/op.js'
import { bindShapes, specialise } from '../ops/specialise.js'
import { toValue } from '../ops/values.js'
import { feedSpecs, type Inputs, toFeeds } from '../runtime/feeds.js'
import type { Lowerable } from '../runtime/lower.js'

/** A graph and all values that enter it: its open sizes follow from their shapes. */
export interface Case {
  readonly graph: Graph
  readonly feeds: Feeds
}

export type Outputs = Readonly<Record<string, Value>>

/** @throws ArgumentError, ShapeError or DTypeError naming the input. */
export function caseOf({ graph, variables, sparseInputs, title }: Lowerable, inputs: Inputs): Case {
  const specs = feedSpecs(graph, sparseInputs)
  const given = toFeeds(inputs, specs, title)
  const values = specs.map(({ name }, k) => {
    const { data, shape } = given[k] as (typeof given)[number]
    return [name, toValue(new NDArray(data, shape))] as const
  })
  const variableValues = [...variables].map(([name, variable]) => [name, toValue(variable.read())] as const)
  return { graph, feeds: { inputs: Object.fromEntries(values), variables: Object.fromEntries(variableValues) } }
}

/** The case with its sizes bound; its results are outputs only, since losses and updates are not what prediction gives. */
export function bound({ graph, feeds }: Case): Case {
  const shapes = Object.fromEntries(Object.entries(feeds.inputs).map(([name, { shape }]) => [name, shape]))
  const { outputs } = graph.results
  return { graph: specialise({ ...graph, results: { outputs, losses: [], updates: {} } }, bindShapes(graph, shapes)), feeds }
}

/** The outputs of a case for prediction. */
export function evaluateCase(given: Case, precision: Precision): Outputs {
  const { graph, feeds } = bound(given)
  return evaluateGraph(graph, feeds, { precision }).outputs
}
