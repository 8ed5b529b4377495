// Kernels that are loaded on demand: lower() loads all that a model can come to need, lowerSync() says what it lacks.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { jit } from '../../backends/jit/jit.js'
import { families, loadable, neededBy } from '../../backends/jit/lowerings/families.js'
import { hasKernel } from '../../backends/jit/lowerings/table.js'
import { OnDemand } from '../../backends/onDemand.js'
import { bundle } from '../../bench/bundle.js'
import { BackendError } from '../../lib/ir/errors.js'
import type { Graph } from '../../lib/ir/graph.js'
import { specialise } from '../../lib/ops/specialise.js'
import { pipelines, runPasses } from '../../passes/index.js'
import { arbGraph, arbImageGraph } from '../support/arbGraph.js'
import { runChild } from '../support/child.js'
import { root } from '../support/house.js'
import { compileOnce } from './jitHarness.js'
import { graphFromText } from './jitModels.js'

const needed = (graph: Graph) => new Set(neededBy(graph, hasKernel))

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assert.equal(actual.length, expected.length)
  for (const [k, value] of expected.entries()) assert.ok(Math.abs((actual[k] ?? Number.NaN) - value) < 1e-5, `${actual} and ${expected}`)
}

/** Parts that only the body of a loop needs. */
const loop = {
  graph: graphFromText(
    '%h = input() {name: "h"} : float32[batch,4]',
    '%x = input() {name: "x"} : float32[6,batch,4]',
    '%s = scan(%h, %x) {carries: 1, sequences: 1, reverse: false} {',
    '%h = input() {name: "h"} : float32[batch,4]',
    '%x = input() {name: "x"} : float32[batch,4]',
    '%a = add(%h, %x) : float32[batch,4]',
    '%t = tanh(%a) : float32[batch,4]',
    '%y = softmax(%t) {axis: 0} : float32[batch,4]',
    'output "y" = %y',
    '} : (float32[batch,4])',
    '%y = get(%s) {index: 0} : float32[batch,4]',
    'output "y" = %y',
  ),
  sizes: { batch: 3 },
}

/** The parts that are used from now on, until the end. */
function watchParts(): { readonly parts: Set<OnDemand<object>>; readonly end: () => void } {
  const parts = new Set<OnDemand<object>>()
  const { get } = OnDemand.prototype
  OnDemand.prototype.get = function (this: OnDemand<object>) {
    parts.add(this)
    return get.call(this)
  }
  return {
    parts,
    end: () => {
      OnDemand.prototype.get = get
    },
  }
}

describe('kernels on demand', () => {
  it('are known before sizes are bound: no later pass and no compiling asks for more', async () => {
    await Promise.all(loadable.map(part => part.load()))
    const asked = watchParts()
    try {
      fc.assert(
        fc.property(
          fc.oneof({ weight: 20, arbitrary: fc.oneof(arbGraph, arbImageGraph) }, { weight: 1, arbitrary: fc.constant(loop) }),
          fc.constantFrom('infer' as const, 'train' as const),
          fc.boolean(),
          ({ graph, sizes }, mode, passes) => {
            const context = { mode, fusible: jit.fusible }
            const early = passes ? runPasses(graph, pipelines[mode].beforeSpecialise, context).graph : graph
            const bound = specialise(early, sizes)
            const late = passes ? runPasses(bound, pipelines[mode].afterSpecialise, context).graph : bound
            const before = needed(early)
            asked.parts.clear()
            compileOnce(late)
            for (const part of [...needed(late), ...asked.parts]) assert.ok(before.has(part), part.name)
          },
        ),
        { numRuns: 300 },
      )
    } finally {
      asked.end()
    }
  })

  it('are fetched once, and named while they are missing', async () => {
    let fetched = 0
    const part = new OnDemand('kernels of a test', async () => ({ fetched: ++fetched }))
    assert.equal(part.isLoaded, false)
    assert.throws(
      () => part.get(),
      (error: unknown) => error instanceof BackendError && /kernels of a test/.test(error.message),
    )
    await part.load()
    await part.load()
    assert.deepEqual([part.isLoaded, part.get(), fetched], [true, { fetched: 1 }, 1])
    const lost = new OnDemand('lost kernels', () => Promise.reject(new TypeError('Failed to fetch')))
    await assert.rejects(
      lost.load(),
      (error: unknown) => error instanceof BackendError && /lost kernels: Failed to fetch/.test(error.message),
    )
  })

  it('are there from the start where the module is, and not where a bundle has an empty one', () => {
    const part = { kernels: 1 }
    const fetch = () => Promise.reject(new Error('not needed'))
    assert.equal(new OnDemand<{ kernels: number }>('kernels', fetch, { eager: part }).get(), part)
    assert.equal(new OnDemand<{ kernels: number }>('kernels', fetch, { eager: {} }).isLoaded, false)
  })

  it('lowerSync() of a fresh Node process asks for families only: every model on the reference, dense ones on the jit', async () => {
    const { missing, dense, conv, before, after } = JSON.parse(await runChild('backends/children/onDemand.ts'))
    assert.deepEqual(
      missing,
      Object.values(families).map(family => family.name),
    )
    assertClose(dense.jit, dense.reference)
    assert.match(
      before,
      /^BackendError: Model "conv".*: lowerSync\(\): the backend jit has not loaded its convolutions and pools yet\s.*await lower\(\) once.*"reference"/,
    )
    assertClose(after, conv)
  })

  it('lowerSync() of a page asks for all that its network needs, until lower() has loaded it', async () => {
    await bundle({
      stdin: { contents: "export * from './lib/index.js'", resolveDir: root },
      use: `
        const { default: assert } = await import('node:assert/strict')
        const { input, layers, sequential } = page
        const net = activation => sequential({ layers: [input({ shape: [3] }), layers.dense({ units: 2, activation })] })
        const flat = sequential({ layers: [input({ shape: [3, 2] }), layers.flatten()] })
        const jit = { backend: 'jit' }, reference = { backend: 'reference' }
        assert.equal(net('softmax').lowerSync(jit).backend, 'jit')
        assert.throws(() => net('tanh').lowerSync(jit), /the backend jit has not loaded its elementwise functions yet\\s.*await lower\\(\\) once/)
        assert.throws(() => flat.lowerSync(reference), /the compiler has not loaded its passes .* yet\\s.*await lower\\(\\) once/)
        await net('tanh').lower(jit)
        await flat.lower(reference)
        assert.equal(net('tanh').lowerSync(jit).backend, 'jit')
        assert.equal(flat.lowerSync(reference).backend, 'reference')`,
    })
  })

  it('are loaded by an export in a fresh process', async () => {
    assert.equal((await runChild('backends/children/exportFresh.ts')).trim(), '[[1,3]]')
  })
})
