// Programs of the jit: regions as one kernel, loops, memory plans, and what they give back.

import assert from 'node:assert/strict'
import { Labels } from '../../backends/jit/print/labels.js'
import { showMemory } from '../../backends/jit/print/memory.js'
import { showSchedule } from '../../backends/jit/print/schedule.js'
import type { KernelStep, Step } from '../../backends/jit/schedule.js'
import type { Compiled } from '../../backends/jit/session.js'
import type { Graph } from '../../lib/ir/graph.js'
import { specialise } from '../../lib/ops/specialise.js'
import { makeFeeds } from '../support/feeds.js'
import { assertRoundTrip, compileOnce, disassemble, watchedCompiler } from './jitHarness.js'
import { graphFromText, mlp, optimised } from './jitModels.js'
import { assertNearReference, evaluateOn } from './programs.js'

const compilers = [watchedCompiler(false), watchedCompiler(true)]

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
    assert.deepEqual(kinds(made), ['gemm', 'line']) // there and back is no way at all
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

  it('print their schedule and their memory', () => {
    const compiled = compileOnce(optimised(mlp(2, [3, 5, 2])))
    const { schedule } = compiled
    assert.match(showSchedule(schedule), /^prepare packed .* = pack 3x5 \(variable k0\)/)
    assert.match(showSchedule(schedule), /%x1 = gemm 2x3x5 .*\(input x0, packed/)
    assert.match(
      showMemory([{ name: 'run', compiled }], new Labels(), { arena: 0, bytes: 0 }),
      /^arena of run: from 0, \d+ bytes; \d+ are needed at once$/m,
    )
  })
})
