// Values for the inputs and variables of test graphs, drawn from a seed.

import { type Graph, nodeAt } from '../../lib/ir/graph.js'
import type { TensorType } from '../../lib/ir/types.js'
import type { Feeds } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'

/** Whole numbers keep arithmetic exact under any order; real ones do not; special ones are those that rules overlook. */
export type FeedKind = 'integer' | 'real' | 'special'

const special: readonly number[] = [0, -0, 1, -1, Number.NaN, Infinity, -Infinity, 0.5, 7, 2 ** -149, 1e30]
const specialInts: readonly number[] = [0, 1, -1, 2147483647, -2147483648, 16777217]

/** Uniform numbers in [0, 1). Source: mulberry32 by Tommy Ettinger, public domain. */
export function uniform(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Feeds for a graph whose sizes are bound. Floats are float32 values; variances are positive. */
export function makeFeeds(graph: Graph, seed: number, kind: FeedKind): Feeds {
  const random = uniform(seed)
  const inputs: Record<string, Value> = {}
  const variables: Record<string, Value> = {}
  for (const id of graph.inputs) {
    const node = nodeAt(graph, id)
    if (node.op === 'input') inputs[node.attrs.name] = drawValue(node.attrs, random, kind, false)
  }
  for (const name of Object.keys(graph.variables).sort()) {
    const info = graph.variables[name]
    if (info) variables[name] = drawValue(info.type, random, kind, name.includes('variance'))
  }
  return { inputs, variables }
}

function drawValue({ dtype, shape }: TensorType, random: () => number, kind: FeedKind, positive: boolean): Value {
  const pick = (items: readonly number[]) => items[Math.floor(random() * items.length)] as number
  const whole = () => Math.floor(random() * 9) - 4
  const draw = {
    bool: () => Math.floor(random() * 2),
    int32: () => (kind === 'special' ? pick(specialInts) : whole()),
    float32: () => (kind === 'integer' ? whole() : kind === 'real' ? Math.fround(random() * 4 - 2) : pick(special)),
  }[dtype]
  return makeValue(dtype, shape.map(Number), positive ? () => Math.fround(Math.abs(draw()) + 0.5) : draw)
}
