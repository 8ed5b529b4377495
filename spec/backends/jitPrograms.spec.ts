// Programs of the jit: whole graphs, regions as one kernel, loops, memory plans, sessions and what they give back.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { jit } from '../../backends/jit/jit.js'
import { showPlan } from '../../backends/jit/plan.js'
import { type KernelStep, type Step, showSchedule } from '../../backends/jit/schedule.js'
import type { Compiled } from '../../backends/jit/session.js'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { specialise } from '../../lib/ops/specialise.js'
import { opTable } from '../../lib/ops/table.js'
import { pipelines, runPasses } from '../../passes/index.js'
import { arbGraph, arbSmoothGraph, type GraphCase } from '../support/arbGraph.js'
import { makeFeeds } from '../support/feeds.js'
import { assertNearGraph, assertRoundTrip, compileOnce, disassemble, watchedCompiler, watchedSession } from './jitHarness.js'
import { assertNearReference, evaluateOn, runProgram } from './programs.js'

const compilers = [watchedCompiler(false), watchedCompiler(true)]

function graphFromText(...lines: readonly string[]): Graph {
  return parseGraphText(`graph {\n${lines.join('\n')}\n}\n`, opTable)
}

/** A graph as the passes leave it for the jit. */
function optimised(graph: Graph): Graph {
  return runPasses(graph, pipelines.infer.afterSpecialise, { mode: 'infer', fusible: jit.fusible }).graph
}

/** A graph with its sizes bound: as it is, and after all passes of either mode. */
function formsOf({ graph, sizes }: GraphCase): Graph[] {
  const passed = (['infer', 'train'] as const).map(mode => {
    const context = { mode, fusible: jit.fusible }
    const early = runPasses(graph, pipelines[mode].beforeSpecialise, context).graph
    return runPasses(specialise(early, sizes), pipelines[mode].afterSpecialise, context).graph
  })
  return [specialise(graph, sizes), ...passed]
}

/** A chain of dense layers, relu between them and softmax at the end. */
function mlp(batch: number | string, widths: readonly number[]): Graph {
  const lines = [`%x0 = input() {name: "x"} : float32[${batch},${widths[0]}]`]
  const variables: string[] = []
  widths.slice(1).forEach((units, k) => {
    const inner = widths[k]
    variables.push(`var "k${k}" : float32[${inner},${units}] weight`, `var "b${k}" : float32[${units}] weight`)
    const y = `float32[${batch},${units}]`
    const last = k === widths.length - 2
    lines.push(
      `%k${k} = variable() {name: "k${k}"} : float32[${inner},${units}]`,
      `%b${k} = variable() {name: "b${k}"} : float32[${units}]`,
      `%m${k} = matmul(%x${k}, %k${k}) : ${y}`,
      `%a${k} = add(%m${k}, %b${k}) : ${y}`,
      `%x${k + 1} = ${last ? `softmax(%a${k}) {axis: -1}` : `relu(%a${k})`} : ${y}`,
    )
  })
  return graphFromText(...variables, ...lines, `output "y" = %x${widths.length - 1}`)
}

function kernelsOf(steps: readonly Step[]): KernelStep[] {
  return steps.flatMap(step => ('kernel' in step ? [step] : kernelsOf(step.body)))
}

/** The first word of each kernel's key. */
function kinds({ schedule }: Compiled): string[] {
  return kernelsOf(schedule.steps).map(step => step.kernel.key.split(' ')[0] as string)
}

/** Runs with and without bands; gives what was made. */
function check(graph: Graph, seed = 1): Compiled {
  const feeds = makeFeeds(graph, seed, 'real')
  for (const compiler of compilers) assertNearReference(evaluateOn(compiler, graph, feeds), graph, feeds)
  const compiled = compileOnce(graph)
  assertRoundTrip(compiled.bytes)
  return compiled
}

describe('jit programs', () => {
  const agree = (value: GraphCase, compare: boolean) => {
    for (const graph of formsOf(value)) {
      assertRoundTrip(compileOnce(graph).bytes)
      for (const kind of ['real', 'integer'] as const) {
        const feeds = makeFeeds(graph, value.seed, kind)
        const results = compilers.map(compiler => evaluateOn(compiler, graph, feeds))
        if (compare) for (const result of results) assertNearGraph(result, graph, feeds)
      }
    }
  }

  it('compute what the reference computes, before and after the passes of either mode', () => {
    fc.assert(
      fc.property(arbSmoothGraph, value => agree(value, true)),
      { numRuns: 60 },
    )
  }).timeout(180_000)

  it('run any graph, in modules that wabt writes again', () => {
    fc.assert(
      fc.property(arbGraph, value => agree(value, false)),
      { numRuns: 60 },
    )
  }).timeout(180_000)

  it('run a dense network as one kernel per layer, weights packed beforehand', () => {
    for (const batch of [0, 1, 3, 17]) {
      const made = check(optimised(specialise(mlp('batch', [16, 33, 4]), { batch })))
      assert.deepEqual(kinds(made), batch === 0 ? [] : ['gemm', 'gemm', 'softmax'])
      if (batch > 0)
        assert.deepEqual(
          made.schedule.prepare.map(step => step.kernel.key),
          ['pack 16x33', 'pack 33x4'],
        )
    }
  })

  it('share a kernel between layers of one shape', () => {
    const made = check(optimised(specialise(mlp('batch', [8, 8, 8, 8, 8]), { batch: 2 })))
    const keys = kernelsOf(made.schedule.steps).map(step => step.kernel.key)
    assert.equal(keys[0], keys[1])
    const functions = disassemble(made.bytes).match(/^ {2}\(func /gm)?.length ?? 0
    assert.ok(functions < keys.length + made.schedule.prepare.length, `${functions} functions`)
  })

  const region = (...body: readonly string[]) =>
    graphFromText(
      'var "k" : float32[5,6] weight',
      '%x = input() {name: "x"} : float32[3,5]',
      '%r = input() {name: "r"} : float32[3,6]',
      '%c = input() {name: "c"} : float32[3,1]',
      '%s = input() {name: "s"} : float32[]',
      '%k = variable() {name: "k"} : float32[5,6]',
      '%y = fused(%x, %k, %r, %c, %s) {kind: "test"} {',
      '%x = input() {name: "x"} : float32[3,5]',
      '%k = input() {name: "k"} : float32[5,6]',
      '%r = input() {name: "r"} : float32[3,6]',
      '%c = input() {name: "c"} : float32[3,1]',
      '%s = input() {name: "s"} : float32[]',
      '%m = matmul(%x, %k) : float32[3,6]',
      ...body,
      'output "o" = %o',
      '} : float32[3,6]',
      'output "y" = %y',
    )

  it('take residuals, columns and scalars into the end of a product', () => {
    const made = check(
      region(
        '%a = add(%m, %r) : float32[3,6]',
        '%b = multiply(%a, %c) : float32[3,6]',
        '%d = tanh(%b) : float32[3,6]',
        '%o = subtract(%s, %d) : float32[3,6]',
      ),
    )
    assert.deepEqual(kinds(made), ['gemm'])
  })

  it('take what a reduction is of into its kernel, where nothing else reads it', () => {
    const graph = (...outputs: readonly string[]) =>
      graphFromText(
        '%x = input() {name: "x"} : float32[5,7]',
        '%c = input() {name: "c"} : float32[5,1]',
        '%d = subtract(%x, %c) : float32[5,7]',
        '%q = multiply(%d, %d) : float32[5,7]',
        '%s = reduce_sum(%q) {axes: [1], keepdims: false} : float32[5]',
        '%m = reduce_max(%q) {axes: [0], keepdims: true} : float32[1,7]',
        ...outputs.map(id => `output "${id}" = %${id}`),
      )
    for (const form of [(made: Graph) => made, optimised]) {
      assert.deepEqual(kinds(check(form(graph('s')))), ['reduce_sum'])
      assert.deepEqual(kinds(check(form(graph('m')))), ['reduce_max'])
      assert.equal(kinds(check(form(graph('s', 'm')))).length, 3)
      assert.equal(kinds(check(form(graph('s', 'q')))).length, 2)
    }
  })

  it('leave a region that an elementwise node reads a kernel of its own', () => {
    const graph = graphFromText(
      '%x = input() {name: "x"} : float32[5,7]',
      '%r = fused(%x) {kind: "exp+negate"} {',
      '%a = input() {name: "a"} : float32[5,7]',
      '%e = exp(%a) : float32[5,7]',
      '%n = negate(%e) : float32[5,7]',
      'output "n" = %n',
      '} : float32[5,7]',
      '%y = tanh(%r) : float32[5,7]',
      'output "y" = %y',
    )
    assert.equal(kinds(check(graph)).length, 2)
  })

  it('run a region that is no product with an end, node by node', () => {
    const made = check(
      region(
        '%t = transpose(%m) {perm: [1, 0]} : float32[6,3]',
        '%u = transpose(%t) {perm: [1, 0]} : float32[3,6]',
        '%o = add(%u, %r) : float32[3,6]',
      ),
    )
    assert.deepEqual(kinds(made), ['gemm', 'transpose', 'transpose', 'line'])
  })

  it('take no copy for reshapes and straight slices', () => {
    const made = check(
      graphFromText(
        '%x = input() {name: "x"} : float32[4,6]',
        '%a = reshape(%x) {shape: [2, 12]} : float32[2,12]',
        '%b = slice(%a) {begin: [1, 0], end: [2, 12], strides: [1, 1]} : float32[1,12]',
        '%c = transpose(%b) {perm: [1, 0]} : float32[12,1]',
        'output "y" = %c',
      ),
    )
    assert.deepEqual(kinds(made), [])
  })

  it('give the parts of a region with several results', () => {
    check(
      graphFromText(
        '%x = input() {name: "x"} : float32[2,3]',
        '%f = fused(%x) {kind: "pair"} {',
        '%p = input() {name: "p"} : float32[2,3]',
        '%s = exp(%p) : float32[2,3]',
        '%m = reduce_max(%p) {axes: [1], keepdims: false} : float32[2]',
        'output "s" = %s',
        'output "m" = %m',
        '} : (float32[2,3], float32[2])',
        '%a = get(%f) {index: 1} : float32[2]',
        '%b = get(%f) {index: 0} : float32[2,3]',
        'output "a" = %a',
        'output "b" = %b',
      ),
    )
  })

  /** Two carries of which one becomes the other, a sequence, a constant operand; `inner` runs a loop in the loop. */
  const loop = (length: number, reverse: boolean, inner = false) =>
    graphFromText(
      '%h = input() {name: "h"} : float32[5]',
      '%g = input() {name: "g"} : float32[5]',
      `%x = input() {name: "x"} : float32[${length},3,5]`,
      '%w = input() {name: "w"} : float32[5]',
      `%s = scan(%h, %g, %x, %w) {carries: 2, sequences: 1, reverse: ${reverse}} {`,
      '%h = input() {name: "h"} : float32[5]',
      '%g = input() {name: "g"} : float32[5]',
      '%e = input() {name: "e"} : float32[3,5]',
      '%w = input() {name: "w"} : float32[5]',
      ...(inner
        ? [
            `%i = scan(%h, %e, %w) {carries: 1, sequences: 1, reverse: ${!reverse}} {`,
            '%h = input() {name: "h"} : float32[5]',
            '%e = input() {name: "e"} : float32[5]',
            '%w = input() {name: "w"} : float32[5]',
            '%p = multiply(%h, %w) : float32[5]',
            '%q = add(%p, %e) : float32[5]',
            '%t = tanh(%q) : float32[5]',
            'output "t" = %t',
            'output "q" = %q',
            '} : (float32[5], float32[3,5])',
            '%n = get(%i) {index: 0} : float32[5]',
            '%j = get(%i) {index: 1} : float32[3,5]',
            '%o = reduce_sum(%j) {axes: [0], keepdims: false} : float32[5]',
          ]
        : [
            '%r = reduce_sum(%e) {axes: [0], keepdims: false} : float32[5]',
            '%p = multiply(%h, %w) : float32[5]',
            '%q = add(%p, %r) : float32[5]',
            '%n = tanh(%q) : float32[5]',
            '%o = negate(%q) : float32[5]',
          ]),
      'output "n" = %n',
      'output "h" = %h',
      'output "o" = %o',
      `} : (float32[5], float32[5], float32[${length},5])`,
      '%a = get(%s) {index: 0} : float32[5]',
      '%b = get(%s) {index: 1} : float32[5]',
      `%c = get(%s) {index: 2} : float32[${length},5]`,
      'output "a" = %a',
      'output "b" = %b',
      'output "c" = %c',
    )

  for (const reverse of [false, true]) {
    for (const length of [0, 1, 2, 7]) {
      it(`run ${length} steps of a loop ${reverse ? 'backwards' : 'forwards'}`, () => check(loop(length, reverse)))
    }
    it(`run a loop in a loop ${reverse ? 'backwards' : 'forwards'}`, () => check(loop(4, reverse, true)))
  }

  it('give losses and updates', () => {
    check(
      graphFromText(
        'var "n" : int32[] counter',
        '%x = input() {name: "x"} : float32[3]',
        '%unused = input() {name: "unused"} : bool[2]',
        '%n = variable() {name: "n"} : int32[]',
        '%one = constant() {data: [1]} : int32[]',
        '%next = add(%n, %one) : int32[]',
        '%loss = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]',
        'output "x" = %x',
        'output "again" = %x',
        'output "flag" = %unused',
        'loss "sum" = %loss',
        'update "n" = %next',
      ),
    )
  })
})

describe('jit memory plans', () => {
  it('take the best of several packings: the largest block first is not always it', () => {
    const graph = graphFromText(
      'var "k" : float32[3,2,4] weight',
      '%x = input() {name: "x"} : float32[3,4,2]',
      '%fill = constant() {data: [-inf]} : float32[]',
      '%pad = pad(%x, %fill) {low: [0, 1, 0], high: [0, 1, 0]} : float32[3,6,2]',
      '%max = window_max(%pad) {padding: [[0, 0]], strides: [1], window: [2]} : float32[3,5,2]',
      '%k = variable() {name: "k"} : float32[3,2,4]',
      '%conv = conv(%max, %k) {groups: 1, inputDilation: [1], kernelDilation: [1], padding: [[1, 1]], strides: [1]} : float32[3,5,4]',
      '%y = reduce_sum(%conv) {axes: [1], keepdims: false} : float32[3,4]',
      'output "y" = %y',
    )
    const { plan } = compileOnce(graph)
    assert.equal(plan.arenaBytes, plan.boundBytes)
  })

  it('keep arenas of any graph near their bounds', () => {
    fc.assert(
      fc.property(arbGraph, ({ graph, sizes }) => {
        const { plan } = compileOnce(optimised(specialise(graph, sizes)))
        assert.ok(plan.arenaBytes <= 1.15 * plan.boundBytes + 64, `arena ${plan.arenaBytes}, bound ${plan.boundBytes}`)
      }),
      { numRuns: 150 },
    )
  })

  it('print their schedule and their memory', () => {
    const { schedule, plan } = compileOnce(optimised(mlp(2, [3, 5, 2])))
    assert.match(showSchedule(schedule), /^prepare packed .* = pack 3x5 \(variable k0\)/)
    assert.match(showSchedule(schedule), /%x1 = gemm 2x3x5 .*\(input x0, packed/)
    assert.match(showPlan(plan, schedule.buffers), /arena \d+, bound \d+, inputs and outputs \d+$/)
  })
})

describe('jit sessions', () => {
  const model = mlp('batch', [6, 7, 3])
  /** The same weights for one seed, whatever the batch. */
  const feedsOf = (graph: Graph, seed: number) => ({
    inputs: makeFeeds(graph, seed, 'real').inputs,
    variables: makeFeeds({ ...graph, inputs: [] }, seed, 'real').variables,
  })

  it('share weights and packed panels among batches, in any order of compiling and running', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 12 }),
        turns => {
          const { session, made } = watchedSession()
          const programs = new Map<number, { program: ReturnType<typeof session.compile>; graph: Graph }>()
          for (const [batch, seed] of turns) {
            const known = programs.get(batch)
            const graph = known?.graph ?? optimised(specialise(model, { batch }))
            const program = known?.program ?? session.compile(graph)
            programs.set(batch, { program, graph })
            const feeds = feedsOf(graph, seed)
            assertNearReference(runProgram(program, graph, feeds, seed), graph, feeds)
          }
          const packs = made.flatMap(compiled => compiled.schedule.prepare.map(step => step.kernel.key))
          assert.equal(packs.length, new Set(packs).size)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('read a variable again when its version changes, and only then', () => {
    const { session } = watchedSession()
    const graph = optimised(specialise(model, { batch: 2 }))
    const program = session.compile(graph)
    const feeds = feedsOf(graph, 1)
    const old = runProgram(program, graph, feeds)
    const changed = { ...feeds, variables: feedsOf(graph, 2).variables }
    assert.deepEqual(runProgram(program, graph, changed), old)
    assertNearReference(runProgram(program, graph, changed, 1), graph, changed)
  })

  it('give back the memory of programs that are disposed of', () => {
    const { session } = watchedSession()
    const cycle = (batch: number) => {
      const graph = specialise(model, { batch })
      const program = session.compile(graph)
      runProgram(program, graph, feedsOf(graph, 1))
      program.dispose()
      program.dispose()
    }
    for (let k = 1; k < 30; k++) cycle(k)
    const { bytes } = session.heap
    for (let turn = 0; turn < 10; turn++) for (let k = 1; k < 30; k++) cycle(k)
    assert.equal(session.heap.bytes, bytes)
  })

  it('keep windows valid when the memory grows', () => {
    const { session } = watchedSession()
    const small = optimised(specialise(model, { batch: 1 }))
    const program = session.compile(small)
    const feeds = feedsOf(small, 1)
    const before = runProgram(program, small, feeds)
    const { bytes } = session.heap
    session.compile(specialise(model, { batch: 30_000 }))
    assert.ok(session.heap.bytes > bytes)
    assert.deepEqual(runProgram(program, small, feeds), before)
  })

  it('compile without blocking, several at once', async () => {
    const { session } = watchedSession()
    const graphs = [1, 5, 64].map(batch => optimised(specialise(model, { batch })))
    const programs = await Promise.all(graphs.map(graph => session.compileAsync(graph)))
    programs.forEach((program, k) => {
      const graph = graphs[k] as Graph
      const feeds = feedsOf(graph, 1)
      assertNearReference(runProgram(program, graph, feeds), graph, feeds)
    })
  })

  it('emit fused multiply-add only when asked to', () => {
    const graph = optimised(specialise(model, { batch: 8 }))
    assert.doesNotMatch(disassemble(compileOnce(graph).bytes), /relaxed/)
    assert.deepEqual(Buffer.from(compileOnce(graph, { fma: false }).bytes), Buffer.from(compileOnce(graph).bytes))
  })
})
