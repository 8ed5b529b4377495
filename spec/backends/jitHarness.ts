// The jit under watch: checked assembly, bands around every buffer, every module kept and validated.

import assert from 'node:assert/strict'
import wabtInit from 'wabt'
import type { Compiler } from '../../backends/backend.js'
import { loadable } from '../../backends/jit/lowerings/families.js'
import { paddedBytes } from '../../backends/jit/plan.js'
import { disassemble as printModule } from '../../backends/jit/print/wat.js'
import { type Compiled, type JitOptions, JitSession } from '../../backends/jit/session.js'
import type { Graph } from '../../lib/ir/graph.js'
import { type Evaluation, evaluateGraph, type Feeds } from '../../lib/ops/evaluate.js'
import { largestTerms, valuesOf } from '../support/compare.js'

// sessions compile here without asking what has to be loaded
for (const part of loadable) await part.load()

const band = 64
const pattern = 0xa5

/** A session whose modules are recorded. */
export function watchedSession(options: JitOptions = {}): { session: JitSession; made: Compiled[] } {
  const made: Compiled[] = []
  return { session: new JitSession({ checked: true, ...options, watch: compiled => made.push(compiled) }), made }
}

/** What is made of one graph. */
export function compileOnce(graph: Graph, options: JitOptions = {}): Compiled {
  const { session, made } = watchedSession(options)
  session.compile(graph)
  return made[0] as Compiled
}

/** Compiles each graph in a session of its own; with bands, every run checks that they are untouched. */
export function watchedCompiler(withBands: boolean, options: JitOptions = {}): Compiler {
  return {
    compile(graph) {
      const { session, made } = watchedSession(withBands ? { ...options, band } : options)
      const program = session.compile(graph)
      const [compiled] = made as [Compiled]
      assert.ok(WebAssembly.validate(compiled.bytes))
      if (!withBands) return program
      paint(session, compiled)
      return {
        run(inputs, state) {
          const results = program.run(inputs, state)
          checkBands(session, compiled)
          return results
        },
        dispose: () => program.dispose(),
      }
    },
  }
}

/** The bands of a program's buffers, as views of memory. */
function* bandsOf(session: JitSession, { schedule, addressOf }: Compiled): Generator<readonly [string, Uint8Array]> {
  for (const { id, name, kind, elements } of schedule.buffers) {
    const { base, bytes } = addressOf(id)
    if (bytes === 0) continue // a buffer that nothing reads or writes has no place
    const start = bytes + (base === 'arena' ? session.heap.arena : 0)
    for (const at of [start - band, start + paddedBytes(elements)]) {
      yield [`${kind} ${name}, ${at < start ? 'before' : 'behind'}`, new Uint8Array(session.heap.memory.buffer, at, band)]
    }
  }
}

function paint(session: JitSession, compiled: Compiled): void {
  for (const [, bytes] of bandsOf(session, compiled)) bytes.fill(pattern)
}

function checkBands(session: JitSession, compiled: Compiled): void {
  for (const [where, bytes] of bandsOf(session, compiled)) {
    const at = bytes.findIndex(byte => byte !== pattern)
    if (at >= 0) assert.fail(`something was written at ${where}, byte ${at}`)
  }
}

/**
 * Asserts that each result is as near to the exact one as float32 allows: 16 · max|ref32 − ref64| + 2⁻²⁰ · the largest
 * term that it is computed from. What overflows float32 in the reference has no error to compare with.
 */
export function assertNearGraph(actual: Evaluation, graph: Graph, feeds: Feeds): void {
  const [values, rounded] = [valuesOf(actual), valuesOf(evaluateGraph(graph, feeds, { precision: 'float32' }))]
  const terms = largestTerms(graph, feeds)
  for (const [name, exact] of valuesOf(evaluateGraph(graph, feeds))) {
    const [got, near] = [values.get(name)?.data, rounded.get(name)?.data]
    assert.ok(got && near, name)
    const error = Math.max(0, ...exact.data.map((value, k) => Math.abs((near[k] as number) - value)))
    if (!Number.isFinite(error)) continue
    const tolerance = 16 * error + 2 ** -20 * (terms.get(name) ?? 0)
    exact.data.forEach((value, k) => {
      if (!(Math.abs((got[k] as number) - value) <= tolerance))
        assert.fail(`${name}[${k}]: expected ${value} ± ${tolerance}, got ${got[k]}`)
    })
  }
}

const wabt = await wabtInit()
const features = { simd: true, relaxed_simd: true }

/** The text of a module, one instruction per line. */
export function disassemble(bytes: Uint8Array): string {
  const module = wabt.readWasm(bytes, { readDebugNames: false, ...features })
  try {
    return module.toText({ foldExprs: false, inlineExport: false })
  } finally {
    module.destroy()
  }
}

/**
 * Asserts that wabt reads a module and writes the same bytes again, from its own text and from the one that we print; our
 * name section comes last and stays out.
 */
export function assertRoundTrip(bytes: Uint8Array): void {
  for (const text of [disassemble(bytes), printModule(bytes)]) {
    const module = wabt.parseWat('module.wat', text, features)
    try {
      const again = module.toBinary({}).buffer
      assert.deepEqual(Buffer.from(bytes.subarray(0, again.length)), Buffer.from(again))
    } finally {
      module.destroy()
    }
  }
}
