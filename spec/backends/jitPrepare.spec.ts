// What weights alone decide, on the jit: prepared in the session's own variables, over copies of weights that nothing else reads.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { evaluateGraph, type Feeds } from '../../lib/ops/evaluate.js'
import { splitPrepare } from '../../passes/index.js'
import { makeFeeds } from '../support/feeds.js'
import { watchedSession } from './jitHarness.js'
import { graphFromText } from './jitModels.js'
import { assertNearReference, runProgram, stateOf } from './programs.js'

const square = 'float32[9,9]'
const line = 'float32[9]'
const input = 'float32[6,9]'

/** Six rows of a square. */
const rows = (from: number) => `{begin: [${from}, 0], end: [${from + 6}, 9], strides: [1, 1]}`

/** What may become of the weight `w` before a product (of `p`) or a sum (with `a`) reads it; some of it leaves `w` to be read again. */
const uses = {
  scaled: [`%p0 = multiply(%w, %s) : ${square}`],
  twice: [`%p0 = multiply(%w, %w) : ${square}`],
  chained: [`%q = multiply(%w, %s) : ${square}`, `%p0 = add(%q, %w) : ${square}`],
  'and read by the run too': [`%q = multiply(%w, %s) : ${square}`, `%m = matmul(%x, %w) : ${input}`, `%p0 = add(%q, %s) : ${square}`],
  'of another type': [`%p0 = cast(%n) {dtype: "float32"} : ${square}`],
  transposed: [`%p0 = transpose(%w) {perm: [1, 0]} : ${square}`],
  shared: [`%p0 = multiply(%w, %s) : ${square}`, `%p1 = multiply(%s, %w) : ${square}`],
  'under two names': [`%p0 = multiply(%w, %s) : ${square}`, `%p1 = reshape(%p0) {shape: [9, 9]} : ${square}`],
  'scaled, and rows of it read': [`%q = multiply(%w, %s) : ${square}`, `%a0 = slice(%q) ${rows(2)} : ${input}`],
  'of which rows are scaled': [`%q = slice(%w) ${rows(0)} : ${input}`, `%a0 = multiply(%q, %s) : ${input}`],
} as const

function model(use: keyof typeof uses): Graph {
  const lines = uses[use]
  const sources = lines.map(text => text.slice(0, text.indexOf(' =')))
  const results = sources.filter(name => /^%[pa]/.test(name)).map((name, k) => [`%r${k}`, name] as const)
  return graphFromText(
    `var "w" : ${square} weight`,
    `var "s" : ${line} weight`,
    `var "n" : int32[9,9] weight`,
    `%x = input() {name: "x"} : ${input}`,
    `%w = variable() {name: "w"} : ${square}`,
    `%s = variable() {name: "s"} : ${line}`,
    `%n = variable() {name: "n"} : int32[9,9]`,
    ...lines,
    ...results.map(([name, from]) => `${name} = ${from.startsWith('%p') ? 'matmul' : 'add'}(%x, ${from}) : ${input}`),
    ...(sources.includes('%m') ? ['output "m" = %m'] : []),
    ...results.map(([name]) => `output "${name.slice(1)}" = ${name}`),
  )
}

describe('prepared weights on the jit', () => {
  const someUse = fc.constantFrom(...(Object.keys(uses) as (keyof typeof uses)[]))

  it('equal the reference after every change of weights, whichever program was compiled first', () => {
    fc.assert(
      fc.property(
        someUse,
        fc.boolean(),
        fc.array(fc.record({ seed: fc.integer({ min: 1, max: 3 }), stale: fc.boolean() }), { minLength: 1, maxLength: 5 }),
        (use, runFirst, turns) => {
          const graph = model(use)
          const { prepare, run } = splitPrepare(graph)
          const { session } = watchedSession()
          const early = runFirst ? session.compile(run) : undefined
          const prepared = session.compilePrepare(prepare)
          const program = early ?? session.compile(run)
          turns.forEach(({ seed, stale }, turn) => {
            const feeds = makeFeeds(graph, seed, 'real')
            if (stale) runProgram(program, run, feeds, turn) // packs what was prepared before
            prepared.run(stateOf(feeds.variables, turn))
            assertNearReference(runProgram(program, run, feeds, turn), run, withPrepared(feeds, prepare))
          })
          session.dispose()
        },
      ),
      { numRuns: 150 },
    )
  })

  it('take no memory for a copy of weights that are only scaled', () => {
    const size = 512
    const bytes = 4 * size * size
    const type = `float32[${size},${size}]`
    const graph = graphFromText(
      `var "w" : ${type} weight`,
      `var "s" : float32[${size}] weight`,
      `%x = input() {name: "x"} : float32[1,${size}]`,
      `%w = variable() {name: "w"} : ${type}`,
      `%s = variable() {name: "s"} : float32[${size}]`,
      `%p = multiply(%w, %s) : ${type}`,
      `%y = matmul(%x, %p) : float32[1,${size}]`,
      'output "y" = %y',
    )
    const { prepare, run } = splitPrepare(graph)
    const { session } = watchedSession()
    session.compile(run)
    session.compilePrepare(prepare).run(stateOf(makeFeeds(graph, 1, 'real').variables))
    // the scaled weights and their panels
    assert.ok(session.heap.bytes < 2.25 * bytes, `${session.heap.bytes} bytes`)
  })
})

/** Feeds of a run graph: the weights, and what the reference prepares of them. */
function withPrepared(feeds: Feeds, prepare: Graph): Feeds {
  return { ...feeds, variables: { ...feeds.variables, ...evaluateGraph(prepare, { ...feeds, inputs: {} }).outputs } }
}
