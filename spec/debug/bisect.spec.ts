// bisect: names the pass, the rule and the node that were made wrong, the kernel likewise, and nobody who is innocent.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Backend, Program, Session } from '../../backends/backend.js'
import { jit } from '../../backends/jit/jit.js'
import { parseReproducer, printReproducer } from '../../lib/debug/bisect/reproducer.js'
import { bisect, FileError, type Graph, input, KerafoldError, layers, loadModel, model, reproduce, type Suspect } from '../../lib/index.js'
import { editGraph, type GraphDraft, makeNode, type Node, nodeAt } from '../../lib/ir/graph.js'
import type { OpName } from '../../lib/ir/vocabulary.js'
import { dce, type Pass, type Pipeline, pipelines, type Rule, rewriteGraph, simplify } from '../../passes/index.js'
import { digits } from '../cli/program.js'
import { arbModel, modelFeeds } from '../support/arbModel.js'

/** A rule that puts another op in the place of one node's. */
function wrongRule(id: string, from: OpName, to: 'negate' | 'tanh'): Rule {
  const lesson = { name: 'wrongRule', formula: 'x → −x', why: 'it is not', numerics: 'exact', before: '', after: '', nearMiss: '' } as const
  return { ...lesson, ops: [from], rewrite: (node, view) => (node.id === id ? view.emit(to, node.inputs.slice(0, 1), {}) : undefined) }
}

const isRule = (lesson: object): lesson is Rule => 'rewrite' in lesson

/** The passes of prediction with a rule more in simplify. */
function sabotaged(rule: Rule): { readonly pipeline: Pipeline; readonly pass: Pass } {
  const rules = [...simplify.rules.filter(isRule), rule]
  const pass: Pass = { ...simplify, rules, run: (graph, context) => rewriteGraph(graph, rules, context) }
  const swap = (passes: readonly Pass[]) => passes.map(each => (each.name === pass.name ? pass : each))
  const { beforeSpecialise, afterSpecialise, prepare } = pipelines.infer
  return { pipeline: { beforeSpecialise: swap(beforeSpecialise), afterSpecialise: swap(afterSpecialise), prepare: swap(prepare) }, pass }
}

function network() {
  const x = input({ shape: [6], name: 'x' })
  const first = layers.dense({ units: 5, activation: 'relu', name: 'first' }).apply(x)
  const norm = layers.batchNormalization({ name: 'norm' }).apply(layers.dense({ units: 4, name: 'second' }).apply(first))
  const y = layers.softmax({ name: 'last' }).apply(layers.activation({ activation: 'tanh', name: 'bend' }).apply(norm))
  return model({ inputs: x, outputs: y })
}

const data = Float32Array.from({ length: 18 }, (_, k) => Math.sin(k + 1))

/** The jit, compiling another graph than it was given. */
function wrongJit(change: (graph: Graph) => Graph): Backend {
  const wrap = (session: Session): Session => ({
    compile: graph => session.compile(change(graph)),
    compileAsync: graph => session.compileAsync(change(graph)),
    compilePrepare: graph => session.compilePrepare(change(graph)),
    dispose: () => session.dispose(),
  })
  return {
    ...jit,
    async load() {
      const compiler = await jit.load()
      return { ...compiler, open: options => wrap((compiler.open as NonNullable<typeof compiler.open>)(options)) }
    },
  }
}

/** Puts another op in the place of one, in regions too. */
function replaceOp(graph: Graph, from: OpName, to: OpName): Graph {
  const changed = (node: Node): Node =>
    makeNode({ ...node, op: node.op === from ? to : node.op, body: node.body && replaceOp(node.body, from, to) })
  return { ...graph, nodes: Object.fromEntries(Object.entries(graph.nodes).map(([id, node]) => [id, changed(node)])) }
}

describe('bisect', () => {
  it('names a wrong rule among right ones, the node it changed, and a graph of a few nodes that shows it', async () => {
    const { pipeline, pass } = sabotaged(wrongRule('first/relu', 'relu', 'negate'))
    const { suspect, reproducer, passes } = await bisect(network(), data, { backend: 'jit', pipeline })
    assert.deepEqual(
      [suspect?.kind, suspect?.name, suspect?.rule, suspect?.node, suspect?.op, suspect?.origin],
      ['pass', 'simplify', 'wrongRule', 'first/relu', 'relu', ['first#0']],
    )
    assert.equal(passes, 1 + pipelines.infer.beforeSpecialise.findIndex(({ name }) => name === 'simplify'))
    assert.match(suspect?.problem ?? '', /^output "last": value \d+ is -?\d.* instead of \d/)
    assert.ok(Object.keys(suspect?.reproduction.graph.nodes ?? {}).length <= 3)
    assert.match(reproducer ?? '', /^\/\/ pass simplify, rule wrongRule, at first\/relu \(relu\) from first#0\n/)
    const again = await reproduce(reproducer ?? '', 'file', { passes: [pass] })
    assert.match(again.problem ?? '', /output "y"/)
    assert.deepEqual(await reproduce(reproducer ?? '', 'file'), { what: 'pass simplify', problem: undefined })
  })

  it('names rules of late passes too, on the graph with its sizes bound', async () => {
    const { pipeline, pass } = sabotaged(wrongRule('bend/tanh', 'tanh', 'negate'))
    const late = { ...pipeline, beforeSpecialise: pipelines.infer.beforeSpecialise }
    const { suspect, reproducer } = await bisect(network(), data, { backend: 'jit', pipeline: late })
    assert.deepEqual([suspect?.name, suspect?.rule, suspect?.node], ['simplify', 'wrongRule', 'bend/tanh'])
    assert.ok((await reproduce(reproducer ?? '', 'file', { passes: [pass] })).problem)
  })

  it('names the node where a pass asks nobody, breaks an invariant, or throws', async () => {
    const withRun = (run: Pass['run']): Pipeline => ({ ...pipelines.infer, beforeSpecialise: [{ ...dce, run }] })
    const silent = withRun(graph => {
      const old = nodeAt(graph, 'bend/tanh')
      const rewrites = [{ rule: 'silently', origin: old.origin, removed: [old.id], added: [old.id] }]
      const recipe = (draft: GraphDraft): void => {
        draft.nodes[old.id] = makeNode({ ...old, op: 'sigmoid' })
      }
      return editGraph(graph, recipe, rewrites)
    })
    const changed = await bisect(network(), data, { backend: 'jit', pipeline: silent })
    assert.deepEqual([changed.suspect?.name, changed.suspect?.rule, changed.suspect?.node], ['dce', 'silently', 'bend/tanh'])
    const broken = withRun(graph => editGraph(graph, draft => void delete draft.nodes['bend/tanh']))
    assert.match((await bisect(network(), data, { backend: 'jit', pipeline: broken })).suspect?.problem ?? '', /it fails: .*bend\/tanh/)
    const throwing = withRun(() => {
      throw new Error('no idea')
    })
    const thrown = await bisect(network(), data, { backend: 'jit', pipeline: throwing })
    assert.deepEqual([thrown.suspect?.name, thrown.suspect?.problem], ['dce', 'it fails: no idea'])
  })

  it('names the first kernel that is wrong on its own', async () => {
    const among = { jit: wrongJit(graph => replaceOp(graph, 'tanh', 'sigmoid')) }
    const { suspect, reproducer } = await bisect(network(), data, { backend: 'jit', among })
    assert.deepEqual([suspect?.kind, suspect?.name, suspect?.node], ['kernel', 'jit', 'bend/tanh'])
    assert.ok(suspect?.origin.includes('bend#0'))
    assert.match((await reproduce(reproducer ?? '', 'file', { among })).problem ?? '', /output "y"/)
    assert.equal((await reproduce(reproducer ?? '', 'file')).problem, undefined)
  })

  it('names the node where kernels are right one by one, but not together', async () => {
    const products = (graph: Graph): number =>
      Object.values(graph.nodes).reduce((sum, { op, body }) => sum + (body ? products(body) : Number(op === 'matmul')), 0)
    const among = { jit: wrongJit(graph => (products(graph) > 1 ? replaceOp(graph, 'relu', 'negate') : graph)) }
    const { suspect, reproducer } = await bisect(network(), data, { backend: 'jit', among })
    assert.deepEqual([suspect?.kind, suspect?.name, suspect?.node], ['program', 'jit', 'bend/tanh'])
    assert.ok((await reproduce(reproducer ?? '', 'file', { among })).problem)
    assert.equal((await reproduce(reproducer ?? '', 'file')).problem, undefined)
  })

  it('tells how a backend that fails, fails', async () => {
    const failing: Program['run'] = () => {
      throw new Error('out of luck')
    }
    const compile = (): Program => ({ run: failing, dispose() {} })
    const among = { jit: { ...jit, load: async () => ({ compile }), loaded: () => undefined } }
    assert.equal((await bisect(network(), data, { backend: 'jit', among })).suspect?.problem, 'it fails: out of luck')
  })

  it('finds nothing in what is right, and tells what it looked at', async () => {
    const seen: string[] = []
    const { suspect, reproducer, passes, kernels } = await bisect(await loadModel(digits), new Float32Array(128).fill(0.5), {
      backend: 'jit',
      onProgress: what => void seen.push(what),
    })
    assert.deepEqual([suspect, reproducer], [undefined, undefined])
    assert.equal(seen.filter(what => what.startsWith('pass ')).length, passes)
    assert.equal(seen.filter(what => what.startsWith('kernel ')).length, kernels)
    assert.ok(seen.some(what => /^pass \d+: foldShapes$/.test(what)) && seen.some(what => what.endsWith(': digit/softmax')))
  })

  it('finds nothing in any model, on any backend', async () => {
    await fc.assert(
      fc.asyncProperty(arbModel, fc.constantFrom('jit', 'wasm', 'cpu'), async (value, backend) => {
        const { suspect } = await bisect(value.net, modelFeeds(value, 'integer'), { backend })
        if (suspect) assert.fail(`${suspect.kind} ${suspect.name} at ${suspect.node}: ${suspect.problem}`)
      }),
      { numRuns: 30 },
    )
  }).timeout(300_000)

  it('finds whichever node of any model a rule makes wrong', async () => {
    let found = 0
    await fc.assert(
      fc.asyncProperty(arbModel, fc.nat(), async (value, pick) => {
        const { graph } = value.net.trace()
        const candidates = Object.values(graph.nodes).filter(({ op, type }) => op === 'add' && 'dtype' in type && type.dtype === 'float32')
        const target = candidates[pick % Math.max(1, candidates.length)]
        if (!target) return
        const { pipeline, pass } = sabotaged(wrongRule(target.id, 'add', 'tanh'))
        const { suspect, reproducer } = await bisect(value.net, modelFeeds(value, 'real'), { backend: 'reference', pipeline })
        if (!suspect) return // dead, or its effect does not reach an output
        found++
        assert.deepEqual([suspect.name, suspect.rule, suspect.node], ['simplify', 'wrongRule', target.id])
        assert.ok((await reproduce(reproducer ?? '', 'file', { passes: [pass] })).problem)
      }),
      { numRuns: 30 },
    )
    assert.ok(found >= 3, `${found} found`)
  }).timeout(300_000)
})

describe('reproducers', () => {
  const text = async (): Promise<string> => {
    const among = { jit: wrongJit(graph => replaceOp(graph, 'tanh', 'sigmoid')) }
    return (await bisect(network(), data, { backend: 'jit', among })).reproducer ?? ''
  }

  it('read back to what was written', async () => {
    const written = await text()
    const { kind, name, backend, given } = parseReproducer(written, 'file')
    const suspect: Suspect = { kind, name, rule: undefined, node: 'n', op: 'o', origin: [], problem: '', reproduction: given }
    const body = (all: string) => all.split('\n').slice(3)
    assert.deepEqual(body(printReproducer(suspect, backend)), body(written))
    assert.deepEqual([kind, name, backend], ['kernel', 'jit', 'jit'])
  })

  it('are refused where they are damaged, with the line', async () => {
    const written = await text()
    const cases: [string, string, RegExp][] = [
      ['graph {', 'chart {', /it has no graph/],
      ['run kernel', 'run away', /line 4: expected: run pass/],
      ['float32[', 'float31[', /^file: /],
      [' = [', ' = [x, ', /line \d+: "x" is no number/],
      ['] = [', '] = [1, ', /line \d+: \[[\d,]+\] needs \d+ numbers, got \d+/],
      ['input "', 'inputs "', /line \d+: expected: input/],
    ]
    for (const [from, to, reason] of cases) {
      const at = written.lastIndexOf(from)
      assert.ok(at >= 0, from)
      const damaged = written.slice(0, at) + to + written.slice(at + from.length)
      assert.throws(
        () => parseReproducer(damaged, 'file'),
        (error: unknown) => error instanceof FileError && reason.test(error.message),
        to,
      )
    }
    const without = written.replace(/^input .*$/m, '')
    assert.throws(() => parseReproducer(without, 'file'), /there is no value for/)
    await assert.rejects(reproduce(written.replace('run kernel "jit"', 'run pass "magic"'), 'file'), /there is no pass "magic"/)
  })

  it('never do more than fail, however they are damaged', async () => {
    const written = await text()
    fc.assert(
      fc.property(fc.nat({ max: written.length }), fc.nat({ max: 8 }), fc.string({ maxLength: 4 }), (at, cut, put) => {
        try {
          parseReproducer(written.slice(0, at) + put + written.slice(at + cut), 'file')
        } catch (error) {
          if (!(error instanceof KerafoldError)) throw error
        }
      }),
      { numRuns: 300 },
    )
  })
})
