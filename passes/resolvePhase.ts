// resolvePhase: picks the training or the inference side of every node that has both.

import { editGraph, type Graph, type Rewrite } from '../lib/ir/graph.js'
import { operand, shapeOf, standIn } from './match.js'
import type { Lesson, Pass, Rule } from './pass.js'
import { rewriteGraph, writeDifference } from './rewrite.js'
import { sketch } from './sketch.js'

const x = 'x float32[batch,4]'

const pickPhase: Rule = {
  name: 'pickPhase',
  formula: 'phase(train, infer) → the side of the mode',
  why: 'the mode of a run is fixed when the graph is lowered; at inference this removes every dropout and noise layer',
  numerics: 'exact',
  ops: ['phase'],
  before: sketch(
    x,
    '%drop/negate = negate(%x) : float32[batch,4] @ drop#0',
    '%drop/phase = phase(%drop/negate, %x) : float32[batch,4] @ drop#0',
    '%y = relu(%drop/phase) : float32[batch,4]',
  ),
  after: sketch(x, '%y = relu(%x) : float32[batch,4]'),
  nearMiss: sketch(
    x,
    '%c = is_nan(%x) : bool[batch,4]',
    '%n = negate(%x) : float32[batch,4]',
    '%y = select(%c, %x, %n) : float32[batch,4]',
  ),
  rewrite(node, view) {
    const side = operand(node, view.context.mode === 'train' ? 0 : 1)
    // where only the other side knows a size, or names it otherwise, the node keeps its own word for it
    return standIn(side, node, view) ?? view.emit('broadcast', [side], { shape: shapeOf(node) })
  },
}

const dropLosses: Lesson = {
  name: 'dropLosses',
  formula: 'losses → none, at inference',
  why: 'a penalty counts in training only; what fed it alone is then dead',
  numerics: 'exact',
  before: sketch(
    'x float32[4]',
    '%s = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]',
    '%y = relu(%x) : float32[4]',
    'output "y" = %y',
    'loss "l2" = %s',
  ),
  after: sketch(
    'x float32[4]',
    '%s = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]',
    '%y = relu(%x) : float32[4]',
    'output "y" = %y',
  ),
  nearMiss: sketch('x float32[4]', '%s = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]', 'output "l2" = %s'),
}

const dropUpdates: Lesson = {
  name: 'dropUpdates',
  formula: 'updates → those of recurrent state, at inference',
  why: 'weights, moving statistics and random counters change in training only',
  numerics: 'exact',
  before: sketch(
    'x float32[4]',
    'var "mean" : float32[4] statistic',
    '%y = relu(%x) : float32[4]',
    'output "y" = %y',
    'update "mean" = %y',
  ),
  after: sketch('x float32[4]', 'var "mean" : float32[4] statistic', '%y = relu(%x) : float32[4]'),
  nearMiss: sketch('x float32[4]', 'var "h" : float32[4] state', '%y = relu(%x) : float32[4]', 'output "y" = %y', 'update "h" = %y'),
}

/** Picks a side of every phase; inference also drops losses, and all updates but those of recurrent state. */
export const resolvePhase: Pass = {
  name: 'resolvePhase',
  description: 'pick the side of the mode; at inference drop dropout, losses and statistics updates',
  numerics: 'exact',
  idempotent: true,
  rules: [pickPhase, dropLosses, dropUpdates],
  run(graph, context) {
    const picked = rewriteGraph(graph, [pickPhase], context)
    const dropped = context.mode === 'infer' ? trainingResults(picked.graph) : []
    if (dropped.length === 0) return picked
    const results = { outputs: picked.graph.results.outputs, losses: [], updates: keptUpdates(picked.graph) }
    return editGraph(graph, draft => writeDifference(draft, graph, { ...picked.graph, results }), [...picked.rewrites, ...dropped])
  },
}

function keptUpdates(graph: Graph): Record<string, string> {
  return Object.fromEntries(Object.entries(graph.results.updates).filter(([name]) => graph.variables[name]?.kind === 'state'))
}

function trainingResults(graph: Graph): Rewrite[] {
  const { losses, updates } = graph.results
  const kept = keptUpdates(graph)
  const rewrites: Rewrite[] = []
  if (losses.length > 0) rewrites.push({ rule: 'dropLosses', origin: [], removed: losses.map(loss => loss.name), added: [] })
  const gone = Object.keys(updates).filter(name => !Object.hasOwn(kept, name))
  if (gone.length > 0) rewrites.push({ rule: 'dropUpdates', origin: [], removed: gone, added: [] })
  return rewrites
}
