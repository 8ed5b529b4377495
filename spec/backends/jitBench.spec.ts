// What the jit makes of every row of the bench: memory near its bound, lanes everywhere, modules that another tool reads.

import assert from 'node:assert/strict'
import { jit } from '../../backends/jit/jit.js'
import type { Compiled } from '../../backends/jit/session.js'
import { kerafoldModel } from '../../bench/peers/kerafold.js'
import { type WorkloadName, workloads } from '../../bench/workloads.js'
import { specialise } from '../../lib/ops/specialise.js'
import { optimise } from '../../lib/runtime/optimise.js'
import { assertRoundTrip, compileOnce, disassemble } from './jitHarness.js'

/** The programs of one row: what weights alone decide, where there is any of it, and what every run computes. */
async function programsOf(name: WorkloadName): Promise<Compiled[]> {
  const workload = workloads[name](name)
  const { prepare, run, finish } = await optimise(kerafoldModel(workload).trace().graph, jit)
  const graphs = prepare.results.outputs.length > 0 ? [prepare, run] : [run]
  return graphs.map(graph => compileOnce(finish(specialise(graph, { batch: workload.batch })).graph))
}

/** What a module of dense layers may take. */
const denseBytes = 8192
const denseRows: ReadonlySet<string> = new Set<WorkloadName>([
  'mlp16',
  'mlp784-b1',
  'mlp784-b32',
  'matmul512',
  'softmax64x1000',
  'gelu64k',
  'shapes',
])

/** None of the rows has any: sums of a few elements, tails and thresholds are lanes too. */
const scalarArithmetic = /^f32\.(add|sub|mul|div|min|max|sqrt|abs|neg|copysign|floor|ceil|nearest|trunc)$/

/** The scalar f32 arithmetic of loops without a loop inside. */
function scalarsInInnermostLoops(text: string): string[] {
  const found: string[] = []
  /** What is open, outermost first; of a loop, what it holds so far, until another loop begins in it. */
  const open: (string[] | undefined)[] = []
  for (const line of text.split('\n')) {
    const [word = ''] = line.trim().split(/[\s()]+/)
    if (word === 'loop') {
      open.fill(undefined)
      open.push([])
    } else if (word === 'block' || word === 'if') open.push(undefined)
    else if (word === 'end') found.push(...(open.pop() ?? []))
    else if (scalarArithmetic.test(word)) open.findLast(held => held)?.push(word)
  }
  return found
}

describe('jit programs of the bench', () => {
  it('are searched for scalar arithmetic as deep as their loops go', () => {
    const text = [
      'loop',
      'f32.add',
      'block',
      'f32.sub',
      'loop',
      'i32.add',
      'f32.mul',
      'if',
      'f32.div',
      'end',
      'end',
      'end',
      'end',
      'f32.neg',
    ]
    assert.deepEqual(scalarsInInnermostLoops(text.join('\n')), ['f32.mul', 'f32.div'])
  })

  for (const name of Object.keys(workloads) as WorkloadName[]) {
    it(`${name}: an arena within 1.15 of its bound, no scalar arithmetic in an innermost loop, bytes that wabt writes again`, async () => {
      const again = await programsOf(name)
      ;(await programsOf(name)).forEach(({ plan, bytes }, k) => {
        assert.deepEqual(Buffer.from(again[k]?.bytes ?? []), Buffer.from(bytes))
        assert.ok(plan.arenaBytes <= 1.15 * plan.boundBytes, `${plan.arenaBytes} of ${plan.boundBytes} bytes`)
        const text = disassemble(bytes)
        assert.match(text, /\bloop\b/)
        assert.deepEqual(scalarsInInnermostLoops(text), [])
        if (denseRows.has(name)) assert.ok(bytes.length <= denseBytes, `${bytes.length} bytes`)
        assertRoundTrip(bytes)
        assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), [{ module: 'env', name: 'memory', kind: 'memory' }])
      })
    }).timeout(120_000)
  }
})
