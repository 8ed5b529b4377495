// The reference backend: the ops' own evaluation. A page that runs on another one does not download it.

import * as eager from '#eager/backends/reference/program'
import type { Graph } from '../../lib/ir/graph.js'
import type { Precision } from '../../lib/ops/evaluate.js'
import { nothingFusible } from '../../lib/ops/fusible.js'
import type { Backend, Compiler, Program } from '../backend.js'
import { OnDemand } from '../onDemand.js'

const evaluation = new OnDemand<{ readonly referenceProgram: (graph: Graph, precision: Precision) => Program }>(
  'evaluation of ops',
  () => import('./program.js'),
  { eager, owner: 'the reference backend' },
)

const compiler: Compiler = {
  compile: graph => evaluation.get().referenceProgram(graph, 'float64'),
  absent: () => (evaluation.isLoaded ? [] : [evaluation.name]),
}

export const reference: Backend = {
  name: 'reference',
  description: "the ops' own definitions, in double precision",
  fusible: nothingFusible,
  missing: () => undefined,
  async load() {
    await evaluation.load()
    return compiler
  },
  loaded: () => compiler,
}
