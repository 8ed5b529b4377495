// arbGraph: random legal graphs made of ordinary ops and of what rules look for.

import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { graphToText } from '../../lib/ir/printer.js'
import type { DType, TensorType } from '../../lib/ir/types.js'
import type { Bindings } from '../../lib/ops/specialise.js'
import { opTable } from '../../lib/ops/table.js'
import { exampleOf } from '../../passes/examples/index.js'
import { allPasses } from '../../passes/index.js'
import { GraphMaker, Picks, type Step } from './graphMaker.js'
import { smoothSteps, steps } from './graphSteps.js'
import { imageSteps } from './imageSteps.js'

/** A graph, sizes for its symbols, and a seed for its feeds. */
export interface GraphCase {
  readonly graph: Graph
  readonly sizes: Bindings
  readonly seed: number
}

const row = (dtype: DType): TensorType => ({ dtype, shape: ['batch', 4] })

interface Pattern {
  readonly smooth: boolean
  readonly before: Graph
  readonly nearMiss: Graph
  readonly name: string
}

/** Rules whose pattern other rules often take first. */
const contested: ReadonlySet<string> = new Set(['selectNot', 'movementThroughUnary', 'minimumSix'])

const patterns: readonly Pattern[] = allPasses.flatMap(pass =>
  pass.rules.map(rule => {
    const { before, nearMiss } = exampleOf(rule)
    const read = (text: string) => parseGraphText(text, opTable)
    return { name: rule.name, smooth: pass.numerics === 'rounding', before: read(before), nearMiss: read(nearMiss) }
  }),
)

/** The example graphs of rules: as many times as given what each looks for, once what it must leave alone. */
function repeated(times: (pattern: Pattern) => number): Graph[] {
  return patterns.flatMap(pattern => {
    const count = times(pattern)
    return count === 0 ? [] : [...new Array<Graph>(count).fill(pattern.before), pattern.nearMiss]
  })
}

function makeGraph(choices: readonly (readonly number[])[], embedded: readonly Graph[], ordinary: readonly Step[]): Graph {
  const maker = new GraphMaker()
  maker.input(row('float32'))
  for (const numbers of choices) {
    const picks = new Picks(numbers)
    if (picks.next(4) < 3 && embedded.length > 0) maker.embed(picks.of(embedded), picks)
    else picks.of(ordinary)(maker, picks)
  }
  return maker.finish(new Picks(choices.flat()))
}

function arbCase(patternsUsed: readonly Graph[], ordinary: readonly Step[], length: number): fc.Arbitrary<GraphCase> {
  const number = fc.nat({ max: 2 ** 20 })
  const choice = fc.tuple(fc.nat({ max: 3 }), number, number, number, number, number, number)
  return fc
    .record({
      choices: fc.array(choice, { minLength: 1, maxLength: length, size: 'max' }),
      batch: fc.integer({ min: 1, max: 3 }),
      time: fc.integer({ min: 1, max: 3 }),
      seed: fc.nat(),
    })
    .map(({ choices, batch, time, seed }) => {
      const graph = makeGraph(choices, patternsUsed, ordinary)
      return shown({ graph, sizes: { batch, time, s: batch + 1, t: time + 1 }, seed })
    })
}

/** Graphs of all ops and rules, above all those of exact passes. */
export const arbGraph = arbCase(
  repeated(({ smooth, name }) => (smooth ? 1 : contested.has(name) ? 15 : 5)),
  steps,
  20,
)

/** Graphs without jumps and poles, so that a rounding error stays one. */
export const arbSmoothGraph = arbCase(
  repeated(({ smooth }) => (smooth ? 5 : 0)),
  smoothSteps,
  10,
)

/** Graphs of convolutions, pools and what stands around them, without jumps. */
export const arbImageGraph = arbCase([], imageSteps, 4)

/** Prints as graph text when a property fails. */
function shown(value: GraphCase): GraphCase {
  const text = () => `${graphToText(value.graph)}sizes ${JSON.stringify(value.sizes)}, seed ${value.seed}`
  return Object.defineProperty(value, fc.toStringMethod, { value: text, enumerable: false })
}
