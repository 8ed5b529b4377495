// What the jit prints of its stages: maps in which every buffer has one place, schedules that tell every call, numbers as text.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Labels } from '../../backends/jit/print/labels.js'
import { showMemory } from '../../backends/jit/print/memory.js'
import { showFloat, showLanes } from '../../backends/jit/print/numbers.js'
import { showSchedule } from '../../backends/jit/print/schedule.js'
import type { Compiled, JitSession } from '../../backends/jit/session.js'
import { inspect, layers, loadModel, type Stages, sequential } from '../../lib/index.js'
import type { Graph } from '../../lib/ir/graph.js'
import { specialise } from '../../lib/ops/specialise.js'
import { arbGraph, arbImageGraph } from '../support/arbGraph.js'
import { watchedSession } from './jitHarness.js'
import { graphFromText, mlp, optimised } from './jitModels.js'

interface Row {
  readonly label: string
  readonly from: number
  readonly to: number
  /** The steps in which its bytes are its own. */
  readonly first: number
  readonly last: number
  readonly inPlaceOf: string | undefined
}

interface MemoryMap {
  readonly bytes: number
  readonly sections: ReadonlyMap<string, readonly Row[]>
  readonly unplaced: readonly string[]
}

/** A label has single spaces only, but for names in quotes. */
const rowPattern = /^ +(\d+|–) +(\d+) {2}((?:[^" ]|"(?:[^"\\]|\\.)*"| (?! ))*)(?: {2}(.*))?$/

/** Reads a printed map. */
function read(text: string): MemoryMap {
  const [head = '', ...parts] = text.trimEnd().split('\n\n')
  const unplaced: string[] = []
  const sections = parts.map(part => {
    const [title = '', ...lines] = part.split('\n')
    const rows = lines.flatMap((line): Row[] => {
      const [, at = '', bytes = '', label = '', note = ''] = rowPattern.exec(line) ?? assert.fail(line)
      if (at === '–') {
        assert.equal(note, 'needs no memory of its own')
        unplaced.push(label)
        return []
      }
      const [, first = 0, last = Infinity, inPlaceOf] =
        /^(?:steps (\d+)–(\d+))?(?:, in place of (.*))?$/.exec(note.replace(/^from step (\d+)/, 'steps $1–999999')) ?? assert.fail(line)
      return [
        {
          label: label.replace(/^(constant \d+) = .*/, '$1'),
          from: Number(at),
          to: Number(at) + Number(bytes),
          first: Number(first),
          last: Number(last),
          inPlaceOf,
        },
      ]
    })
    return [title, rows] as const
  })
  return { bytes: Number(/^memory: (\d+) bytes/.exec(head)?.[1]), sections: new Map(sections), unplaced }
}

/** Compiles graphs in one session; gives their printed map, and what was printed. */
function mapOf(...graphs: readonly Graph[]): { map: MemoryMap; made: readonly Compiled[]; session: JitSession } {
  const { session, made } = watchedSession()
  for (const graph of graphs) session.compile(graph)
  const programs = made.map((compiled, k) => ({ name: `program ${k}`, compiled }))
  return { map: read(showMemory(programs, new Labels(), session.heap)), made, session }
}

/** Where bytes of two rows are one, in steps in which both are needed. */
function assertApart(rows: readonly Row[]): void {
  for (const a of rows) {
    for (const b of rows) {
      if (a === b || a.from >= b.to || b.from >= a.to || a.first > b.last || b.first > a.last) continue
      const handed = (b.inPlaceOf === a.label && b.first === a.last) || (a.inPlaceOf === b.label && a.first === b.last)
      assert.ok(handed, `${a.label} and ${b.label} lie over each other`)
    }
  }
}

function assertSound({ map, made, session }: ReturnType<typeof mapOf>): void {
  const { bytes, sections, unplaced } = map
  assert.equal(bytes, session.heap.bytes)
  const labels = new Labels()
  const fixed: Row[] = []
  for (const [title, rows] of sections) if (!title.startsWith('arena')) fixed.push(...rows)
  assertApart(fixed)
  const expectedShared = new Set<string>()
  const shared = sections.get('shared by all programs') ?? []
  made.forEach((compiled, k) => {
    const { schedule, plan, addressOf } = compiled
    const label = labels.of(schedule)
    assert.equal(new Set(label).size, label.length)
    const titleOf = (start: string) =>
      [...sections.keys()].find(title => title.startsWith(`${start} of program ${k}:`)) ?? assert.fail(start)
    const [own, arena] = [sections.get(titleOf('own')) ?? [], sections.get(titleOf('arena')) ?? []]
    const placed = new Map<string, Row>()
    for (const row of [...shared, ...own, ...arena]) {
      assert.ok(!placed.has(row.label), `${row.label} is there twice`)
      placed.set(row.label, row)
      assert.ok(row.from >= 64 && row.to <= bytes - 64, row.label)
    }
    assertApart(arena)
    for (const row of arena)
      for (const other of fixed) assert.ok(row.from >= other.to || other.from >= row.to, `${row.label}, ${other.label}`)
    let unseen = 0
    for (const { id, kind, elements } of schedule.buffers) {
      const name = label[id] as string
      if (kind === 'variable' || kind === 'packed' || kind === 'constant') expectedShared.add(name)
      const row = placed.get(name)
      if (!row) {
        assert.ok(unplaced.includes(name), `${name} is not there`)
        unseen++
        continue
      }
      const { base, bytes: at } = addressOf(id)
      assert.equal(row.from, at + (base === 'arena' ? session.heap.arena : 0))
      assert.ok(row.to - row.from >= 4 * elements)
    }
    assert.ok(own.length + arena.length + unseen <= schedule.buffers.length)
    const [, arenaBytes, bound] = /(\d+) bytes; (\d+) are needed at once$/.exec(titleOf('arena')) ?? assert.fail()
    assert.deepEqual([Number(arenaBytes), Number(bound)], [plan.arenaBytes, plan.boundBytes])
    assert.ok(arena.every(({ to }) => to <= session.heap.arena + plan.arenaBytes))
  })
  assert.deepEqual(new Set(shared.map(({ label }) => label)), expectedShared)
}

const scan = graphFromText(
  'var "w" : float32[3,3] weight',
  '%x = input() {name: "x"} : float32[5,2,3]',
  '%w = variable() {name: "w"} : float32[3,3]',
  '%e = exp(%x) : float32[5,2,3]',
  '%r = reverse(%e) {axes: [0]} : float32[5,2,3]',
  '%t = transpose(%r) {perm: [1, 0, 2]} : float32[2,5,3]',
  '%s = softmax(%t) {axis: 1} : float32[2,5,3]',
  '%y = matmul(%s, %w) : float32[2,5,3]',
  'output "y" = %y',
)

describe('printed stages of the jit', () => {
  it('have one place for each buffer, apart from all that is needed at the same time', () => {
    assertSound(mapOf(optimised(mlp(3, [5, 7, 2])), optimised(mlp(1, [5, 7, 2]))))
    assertSound(mapOf(scan))
    const graphs = fc.oneof(arbGraph, arbImageGraph)
    fc.assert(
      fc.property(graphs, graphs, (one, other) => {
        const bound = specialise(one.graph, one.sizes)
        assertSound(mapOf(bound))
        assertSound(mapOf(optimised(bound), optimised(specialise(other.graph, other.sizes))))
      }),
      { numRuns: 250 },
    )
  }).timeout(120_000)

  it('would be seen to lie', () => {
    const { map, ...rest } = mapOf(scan)
    const change = (edit: (row: Row) => readonly Row[]): MemoryMap => ({
      ...map,
      sections: new Map([...map.sections].map(([title, rows]) => [title, rows.flatMap(edit)])),
    })
    assertSound({ map, ...rest })
    const temporaries = (row: Row): boolean => row.label.startsWith('%')
    assert.throws(() => assertSound({ map: change(row => (temporaries(row) ? [] : [row])), ...rest }), /is not there/)
    assert.throws(() => assertSound({ map: change(row => [row, row]), ...rest }))
    assert.throws(() => assertSound({ map: change(row => [{ ...row, first: 0, last: 99 }]), ...rest }), /over each other/)
    assert.throws(() => assertSound({ map: change(row => [{ ...row, to: row.to + 4096 }]), ...rest }))
  })

  it('number the calls of a schedule as the map does, and tell where results are', () => {
    const { made } = mapOf(scan)
    const text = showSchedule((made[0] as Compiled).schedule)
    assert.deepEqual(
      [...text.matchAll(/^ +(\d+) {2}\S/gm)].map(match => Number(match[1])),
      (made[0] as Compiled).schedule.steps.map((_, k) => k),
    )
    assert.match(text, /\noutput "y" = output y : float32\[2,5,3\]$/)
  })

  it('write floats so that they read back, and vectors as what they are', () => {
    const bits = new DataView(new ArrayBuffer(4))
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.float().map(bitsOf)), word => {
        bits.setInt32(0, word)
        const value = bits.getFloat32(0)
        const text = showFloat(word)
        if (Number.isNaN(value)) assert.match(text, /^-?nan:0x[0-9a-f]+$/)
        else if (Number.isFinite(value)) assert.ok(Object.is(Math.fround(Number(text)), value), text)
        else assert.equal(text, value > 0 ? 'inf' : '-inf')
      }),
    )
    assert.equal(showLanes([1, 2, 3, 4]), 'i32x4 0x1 0x2 0x3 0x4')
    assert.equal(showLanes([bitsOf(0.1), bitsOf(-1), 0, bitsOf(3)]), 'f32x4 0.1 -1 0 3')
  })

  function bitsOf(value: number): number {
    const view = new DataView(new ArrayBuffer(4))
    view.setFloat32(0, value)
    return view.getInt32(0)
  }
})

describe('inspect()', () => {
  const names = (stages: Stages) => Object.keys(stages).sort()

  it('gives every stage of a model, prepared weights included', async () => {
    const stages = await inspect(await loadModel<unknown>('examples/digits/digits.keras'), { sizes: { batch: 2 } })
    assert.deepEqual(names(stages), ['memory', 'prepare', 'run', 'schedule'])
    assert.match(stages.schedule, /gemm 2x64x64/)
    assert.match(stages.memory, /\n +\d+ +512 {2}input pixels\n/)
    assert.match(stages.memory, /packed variable digit\/kernel/)
    for (const module of [stages.run, stages.prepare]) {
      assert.ok(module && WebAssembly.validate(module.wasm))
      assert.match(module.wat, /^\(module\n[\s\S]*\(export "run" \(func \d+\)\)\n\)\n$/)
    }
  })

  it('takes the batch of 1 or what inputs fix, and says which sizes are missing', async () => {
    const net = sequential([layers.dense({ units: 2, inputShape: [3] })])
    const { schedule, prepare, run } = await inspect(net, { numerics: 'strict', training: true })
    assert.match(schedule, /gemm 1x3x2/)
    assert.equal(prepare, undefined)
    assert.doesNotMatch(run.wat, /relaxed/)
    const open = sequential([layers.dense({ units: 2, inputShape: [null, 3] })])
    await assert.rejects(inspect(open), { name: 'ArgumentError', message: /has fixed sizes; unknown are / })
    await assert.rejects(inspect(net, { sizes: { rows: 1 } }), { name: 'ArgumentError', message: /no size named "rows"/ })
    const misplaced: object = { batch: 1 }
    await assert.rejects(inspect(net, misplaced), { name: 'ArgumentError', message: /inspect\(\)/ })
  })
})
