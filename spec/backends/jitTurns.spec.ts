// Weights larger than a cache are read forwards in one run and backwards in the next: the same results, no column left out.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Local } from '../../backends/jit/assembler.js'
import { emitModule } from '../../backends/jit/emit.js'
import type { Kernel } from '../../backends/jit/kernel.js'
import { kernelType } from '../../backends/jit/kernels/loops.js'
import type { Graph } from '../../lib/ir/graph.js'
import type { Feeds } from '../../lib/ops/evaluate.js'
import { makeFeeds } from '../support/feeds.js'
import { assertWholeResults } from '../support/wholeNumbers.js'
import { assertRoundTrip, compileOnce, disassemble, watchedCompiler } from './jitHarness.js'
import { runProgram } from './programs.js'
import { graphFromText } from './tfjsGraphs.js'

const enough = 1 << 18
const variables = /\(mut i32\)/g

function product(rows: number, k: number, n: number): Graph {
  return graphFromText(
    `var "w" : float32[${k},${n}] weight`,
    `%x = input() {name: "x"} : float32[${rows},${k}]`,
    `%w = variable() {name: "w"} : float32[${k},${n}]`,
    `%y = matmul(%x, %w) : float32[${rows},${n}]`,
    'output "y" = %y',
  )
}

/** Runs a program often, on changing inputs and the same weights. */
function assertWholeRuns(graph: Graph, seed: number, runs: number): void {
  const program = watchedCompiler(true).compile(graph)
  const { variables: weights } = makeFeeds(graph, seed, 'integer')
  for (let k = 0; k < runs; k++) {
    const feeds: Feeds = { inputs: makeFeeds(graph, seed + 1 + (k % 3), 'integer').inputs, variables: weights }
    assert.ok(assertWholeResults(runProgram(program, graph, feeds), graph, feeds) > 0)
  }
  program.dispose()
}

describe('weights larger than a cache', () => {
  it('give the same products in whatever direction they are read, the last columns and short parts included', () => {
    const sizes = fc
      .record({ rows: fc.integer({ min: 1, max: 4 }), k: fc.constantFrom(16, 33, 257, 1024), spare: fc.integer({ min: 0, max: 40 }) })
      .map(({ rows, k, spare }) => ({ rows, k, n: Math.ceil(enough / (4 * k)) + spare }))
    fc.assert(
      fc.property(sizes, fc.nat(1000), ({ rows, k, n }, seed) => assertWholeRuns(product(rows, k, n), seed, 4)),
      { numRuns: 40 },
    )
  })

  it('turn within a loop, which reads them in every step', () => {
    const n = 257
    const graph = graphFromText(
      `var "w" : float32[${n},${n}] weight`,
      `%h = input() {name: "h"} : float32[1,${n}]`,
      `%x = input() {name: "x"} : float32[3,1,${n}]`,
      `%w = variable() {name: "w"} : float32[${n},${n}]`,
      '%s = scan(%h, %x, %w) {carries: 1, sequences: 1, reverse: false} {',
      `%h = input() {name: "h"} : float32[1,${n}]`,
      `%e = input() {name: "e"} : float32[1,${n}]`,
      `%v = input() {name: "v"} : float32[${n},${n}]`,
      `%m = matmul(%e, %v) : float32[1,${n}]`,
      `%a = add(%m, %h) : float32[1,${n}]`,
      'output "a" = %a',
      `} : (float32[1,${n}])`,
      `%y = get(%s) {index: 0} : float32[1,${n}]`,
      'output "y" = %y',
    )
    assert.equal(disassemble(compileOnce(graph).bytes).match(variables)?.length, 1)
    assertWholeRuns(graph, 5, 4)
  })

  it('are read from the first part to the last and back', () => {
    const extent = 9
    /** A kernel that appends where it begins and ends to a list in memory: its length first. */
    const witness: Kernel = {
      key: 'witness',
      extent,
      streamed: enough / 8,
      define: (module, name) =>
        module.function(name, kernelType(1), f => {
          const [list, begin, end] = f.params as [Local, Local, Local]
          const next = f.local('i32')
          f.get(list)
          f.get(list)
          f.op('i32.load')
          f.i32(8)
          f.op('i32.add')
          f.tee(next)
          f.op('i32.store')
          for (const [k, value] of [begin, end].entries()) {
            f.get(list)
            f.get(next)
            f.op('i32.add')
            f.get(value)
            f.op('i32.store', 4 * k)
          }
        }),
    }
    const step = { kernel: witness, places: [{ buffer: 0, offset: 0 }], node: 'y', origin: [], work: { flops: 0, bytes: 0 } }
    const bytes = emitModule({ prepare: [], steps: [step] }, () => ({ base: 'fixed', bytes: 0 }), { checked: true })
    const memory = new WebAssembly.Memory({ initial: 1 })
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports as { run: (arena: number) => void }
    const parts = Array.from({ length: extent }, (_, k) => [k, k + 1])
    const orders = [parts, parts.toReversed(), parts, parts.toReversed()].map(order => {
      const list = new Int32Array(memory.buffer)
      list.fill(0)
      run(0)
      return [[...list.subarray(2, 2 + 2 * extent)], order.flat()]
    })
    for (const [found, wanted] of orders) assert.deepEqual(found, wanted)
  })

  it('keep where they were, in a number for each product that is large enough', () => {
    const turning = (k: number, n: number) => disassemble(compileOnce(product(1, k, n)).bytes).match(variables)?.length ?? 0
    assertRoundTrip(compileOnce(product(1, 1024, 64)).bytes)
    assert.equal(turning(1024, 64), 1)
    assert.equal(turning(1024, 48), 0)
    assert.equal(turning(65536, 1), 0) // a single part
  })
})
