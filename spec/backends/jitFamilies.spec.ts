// Kernels that are loaded on demand: lower() loads all that a model can come to need, lowerSync() says what it lacks.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { jit } from '../../backends/jit/jit.js'
import { neededBy } from '../../backends/jit/lowerings/families.js'
import { hasKernel } from '../../backends/jit/lowerings/table.js'
import { OnDemand } from '../../backends/onDemand.js'
import { BackendError } from '../../lib/ir/errors.js'
import type { Graph } from '../../lib/ir/graph.js'
import { specialise } from '../../lib/ops/specialise.js'
import { pipelines, runPasses } from '../../passes/index.js'
import { arbGraph } from '../support/arbGraph.js'
import { runChild } from '../support/child.js'

const needed = (graph: Graph) => new Set(neededBy(graph, hasKernel))

describe('kernels on demand', () => {
  it('are known before sizes are bound: no later pass asks for more', () => {
    fc.assert(
      fc.property(arbGraph, fc.constantFrom('infer' as const, 'train' as const), ({ graph, sizes }, mode) => {
        const context = { mode, fusible: jit.fusible }
        const early = runPasses(graph, pipelines[mode].beforeSpecialise, context).graph
        const late = runPasses(specialise(early, sizes), pipelines[mode].afterSpecialise, context).graph
        const before = needed(early)
        for (const part of needed(late)) assert.ok(before.has(part), part.name)
      }),
      { numRuns: 300 },
    )
  })

  it('are fetched once, and named while they are missing', async () => {
    let fetched = 0
    const part = new OnDemand('kernels of a test', async () => ++fetched)
    assert.equal(part.isLoaded, false)
    assert.throws(
      () => part.get(),
      (error: unknown) => error instanceof BackendError && /kernels of a test/.test(error.message),
    )
    await part.load()
    await part.load()
    assert.deepEqual([part.isLoaded, part.get(), fetched], [true, 1, 1])
    const lost = new OnDemand('lost kernels', () => Promise.reject(new TypeError('Failed to fetch')))
    await assert.rejects(
      lost.load(),
      (error: unknown) => error instanceof BackendError && /lost kernels: Failed to fetch/.test(error.message),
    )
  })

  it('are what lowerSync() of a fresh process asks for, until lower() has loaded them', async () => {
    const { before, after, plain, flatBefore, flatAfter } = JSON.parse(await runChild('backends/children/onDemand.ts'))
    assert.match(
      before,
      /^BackendError: Model "net".*: lowerSync\(\): the backend jit has not loaded its elementwise functions yet\s.*await lower\(\) once/,
    )
    assert.equal(after, 'jit')
    assert.equal(plain, 'jit')
    assert.match(
      flatBefore,
      /^BackendError: Model "flat".*: lowerSync\(\): the compiler has not loaded its passes .* yet\s.*await lower\(\) once/,
    )
    assert.equal(flatAfter, 'reference')
  })

  it('are loaded by an export in a fresh process', async () => {
    assert.equal((await runChild('backends/children/exportFresh.ts')).trim(), '[[1,3]]')
  })
})
