// The jit backend: one small WebAssembly module made for each model and its shapes.

import type { Graph } from '../../lib/ir/graph.js'
import type { OpName } from '../../lib/ir/vocabulary.js'
import { elementwiseOps } from '../../lib/ops/commonOps.js'
import type { Epilogue, Fusible } from '../../lib/ops/fusible.js'
import { beyondWebAssembly } from '../addressing.js'
import type { Backend, Compiler } from '../backend.js'
import { hasRelaxedSimd } from './features.js'
import { neededBy } from './lowerings/families.js'
import { hasKernel } from './lowerings/table.js'
import { JitSession } from './session.js'

const elementwise: readonly OpName[] = [...elementwiseOps].sort()

const followed: Epilogue = { bias: true, ops: elementwise, limit: 16 }

const fusible: Fusible = {
  anchors: {
    matmul: followed,
    conv: followed,
    window_max: followed,
    window_sum: followed,
    avg_pool: followed,
    normalize: followed,
    rms_normalize: followed,
    l2_normalize: followed,
  },
  elementwise,
}

const compiler: Compiler = {
  open: ({ numerics }) => new JitSession({ fma: numerics === 'fast' && hasRelaxedSimd() }),
  compile: (graph: Graph) => new JitSession().compile(graph),
  absent: graph => neededBy(graph, hasKernel).flatMap(part => (part.isLoaded ? [] : [part.name])),
  async load(graph) {
    await Promise.all(neededBy(graph, hasKernel).map(part => part.load()))
  },
}

export const jit: Backend = {
  name: 'jit',
  description: 'one WebAssembly module made for this model',
  fusible,
  missing({ webAssembly, simd }) {
    if (!webAssembly) return 'this platform has no WebAssembly, or a policy forbids to compile it'
    return simd ? undefined : 'this platform has no WebAssembly SIMD'
  },
  lacks: beyondWebAssembly,
  load: async () => compiler,
  loaded: () => compiler,
}
