// The bench's harness: what it times, what it compares, and what it does with peers that cannot or should not be timed.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { largestDifference } from '../bench/compare.js'
import { defaultOptions, type HarnessOptions, measure, median } from '../bench/harness.js'
import { writeModel } from '../bench/onnx.js'
import { onnxModel } from '../bench/onnxModel.js'
import { readOptions } from '../bench/options.js'
import type { Peer, PeerName, Runner } from '../bench/peer.js'
import { kerafoldPeer } from '../bench/peers/kerafold.js'
import { toJson } from '../bench/report.js'
import { compare, runRow, withGflops } from '../bench/row.js'
import { productFlops, workloads } from '../bench/workloads.js'

const small = workloads.mlp16('mlp16')
const answer = Float32Array.of(0.25, 0.75)

/** A clock that only the runs of fake peers move. */
class Clock {
  ms = 0
  readonly log: PeerName[] = []
  readonly options: HarnessOptions = { ...defaultOptions, rounds: 5, now: () => this.ms }

  /** A peer that takes `cost(call)` ms for its nth call. */
  peer(name: PeerName, cost: (call: number) => number, values = answer, kind: 'sync' | 'async' = 'sync'): Peer {
    let call = 0
    const run = (): Float32Array => {
      this.ms += cost(call++)
      this.log.push(name)
      return values
    }
    const runner: Runner = kind === 'sync' ? run : async () => run()
    return { name, model: async () => async () => runner }
  }
}

describe('the bench', () => {
  it('gives medians of rounds, and ratios within rounds', async () => {
    const clock = new Clock()
    const peers = [clock.peer('kerafold', () => 2), clock.peer('tfjs', () => 6), clock.peer('ortWeb', () => 3, answer, 'async')]
    const row = await runRow(small, peers, clock.options)
    assert.deepEqual(row.us, { kerafold: 2000, tfjs: 6000, ortWeb: 3000, ortNative: null, jaxjs: null })
    assert.deepEqual(row.ratio, { kerafold: 1, tfjs: 3, ortWeb: 1.5, ortNative: null, jaxjs: null })
    assert.equal(row.maxAbsDiff, 0)
  })

  it('compares within rounds, so that a machine which changes its pace does not matter', async () => {
    const clock = new Clock()
    const pace = (call: number) => [1, 5, 2, 7, 3][call % 5] as number
    const row = await runRow(
      small,
      [clock.peer('kerafold', call => 8 * pace(call)), clock.peer('tfjs', call => 24 * pace(call))],
      clock.options,
    )
    assert.equal(row.ratio.tfjs, 3)
  })

  it('divides a turn by its calls', async () => {
    const clock = new Clock()
    const [timing] = await measure([{ name: 'kerafold', run: await runnerOf(clock.peer('kerafold', () => 0.125)) }], clock.options)
    assert.equal(timing?.us, 125)
  })

  it('does not count the calls before an engine has swapped in its fast code', async () => {
    const clock = new Clock()
    const row = await runRow(small, [clock.peer('kerafold', call => (call < 40 ? 8 * 0.9 ** call : 0.1))], clock.options)
    assert.ok(Math.abs((row.us.kerafold ?? 0) - 100) < 1e-6)
  })

  it('takes turns in every round', async () => {
    const clock = new Clock()
    await runRow(small, [clock.peer('kerafold', () => 2), clock.peer('tfjs', () => 2)], clock.options)
    // twice: a turn begins with calls that are not timed
    assert.deepEqual(clock.log.slice(-20), Array.from({ length: 5 }, () => ['kerafold', 'kerafold', 'tfjs', 'tfjs']).flat())
  })

  it('does not let one slow round move a figure', async () => {
    const clock = new Clock()
    await runRow(small, [clock.peer('kerafold', () => 2)], clock.options)
    const warm = clock.log.length - 2 * clock.options.rounds
    const row = await runRow(small, [clock.peer('kerafold', call => (call === warm + 3 ? 500 : 2))], clock.options)
    assert.equal(row.us.kerafold, 2000)
  })

  it('does not time a peer that computes something else', async () => {
    const clock = new Clock()
    const wrong = clock.peer('tfjs', () => 1, Float32Array.of(0.25, 0.7501))
    const row = await runRow(small, [clock.peer('kerafold', () => 2), wrong, clock.peer('ortWeb', () => 4)], clock.options)
    assert.deepEqual(row.us, { kerafold: 2000, tfjs: null, ortWeb: 4000, ortNative: null, jaxjs: null })
    assert.deepEqual(row.mismatches, ['tfjs differs by 1.0e-4'])
    assert.equal(clock.log.filter(name => name === 'tfjs').length, 1)
  })

  it('sees other sizes and numbers that are none', () => {
    assert.equal(largestDifference(answer, answer.subarray(1)), Number.POSITIVE_INFINITY)
    assert.equal(largestDifference(answer, Float32Array.of(0.25, Number.NaN)), Number.POSITIVE_INFINITY)
    assert.equal(largestDifference(answer, Float32Array.of(0.5, 0.25)), 0.5)
  })

  it('says why a peer has no figure', async () => {
    const clock = new Clock()
    const broken = (name: PeerName, model: Peer['model']): Peer => ({ name, model })
    const peers = [
      clock.peer('kerafold', () => 2),
      broken('tfjs', async () => {
        throw new Error('no such package\nstack')
      }),
      broken('ortWeb', async () => async () => () => {
        throw new Error('no such operator')
      }),
      broken('jaxjs', async () => ({ unavailable: 'measured on dense rows only' })),
    ]
    const row = await runRow(small, peers, clock.options)
    assert.deepEqual(row.unavailable, { tfjs: 'no such package', ortWeb: 'no such operator', jaxjs: 'measured on dense rows only' })
    assert.deepEqual(row.mismatches, [])
    assert.equal(row.maxAbsDiff, null)
  })

  it('fails without Kerafold', async () => {
    const clock = new Clock()
    const row = await runRow(
      small,
      [{ name: 'kerafold', model: async () => ({ unavailable: 'no backend' }) }, clock.peer('tfjs', () => 1)],
      clock.options,
    )
    assert.deepEqual(row.mismatches, ['kerafold: no backend'])
    assert.equal(row.us.tfjs, null)
  })

  it('prints one line of JSON', async () => {
    const clock = new Clock()
    const row = withGflops(await runRow(small, [clock.peer('kerafold', () => 2), clock.peer('tfjs', () => 6)], clock.options), 4e6)
    const line = toJson(row)
    assert.ok(!line.includes('\n'))
    const parsed = JSON.parse(line) as Record<string, unknown>
    assert.deepEqual(Object.keys(parsed).slice(0, 3), ['name', 'us', 'maxAbsDiff'])
    assert.deepEqual(parsed.us, { kerafold: 2000, tfjs: 6000, ortWeb: null, ortNative: null, jaxjs: null })
    assert.deepEqual(parsed.gflops, { kerafold: 2, tfjs: 0.6667, ortWeb: null, ortNative: null, jaxjs: null })
  })

  it('takes the middle value, wherever it stands', () =>
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), values => {
        const middle = median(values)
        const [below, above] = [values.filter(value => value < middle).length, values.filter(value => value > middle).length]
        assert.ok(below <= values.length / 2 && above < values.length / 2 + 0.5)
      }),
    ))

  it('reads its options and refuses others', () => {
    const rows = ['a', 'b', 'c']
    assert.deepEqual(readOptions([], rows), { json: false, rows, backend: 'auto', rounds: 101, clock: 'wall', relaxed: false, help: false })
    assert.deepEqual(readOptions(['--only', 'c,a', '--json', '--backend', 'wasm', '--rounds', '3', '--clock', 'cpu', '--relaxed'], rows), {
      json: true,
      rows: ['a', 'c'],
      backend: 'wasm',
      rounds: 3,
      clock: 'cpu',
      relaxed: true,
      help: false,
    })
    assert.equal(readOptions(['--help'], rows).help, true)
    for (const wrong of [['--only', 'd'], ['--rounds', '0'], ['--clock', 'sun'], ['--nothing']])
      assert.throws(() => readOptions(wrong, rows))
  })
})

describe("the bench's workloads", () => {
  it('are the same in every run', () => {
    assert.deepEqual(workloads.mlp16('mlp16'), small)
    assert.equal(productFlops(small), 2 * (16 * 32 + 32 * 4))
  })

  it('run on Kerafold, on any backend alike', async () => {
    for (const name of ['mlp16', 'shapes', 'softmax64x1000'] as const) {
      const workload = workloads[name](name)
      const other: Peer = { name: 'tfjs', model: kerafoldPeer('reference').model }
      const { mismatches, candidates } = await compare(workload, [kerafoldPeer('auto'), other])
      assert.deepEqual(mismatches, [], name)
      assert.equal(candidates.length, 2)
    }
  })

  it('become ONNX files', () => {
    const bytes = writeModel({
      nodes: [{ op: 'Softmax', inputs: ['x'], output: 'y', attributes: { axis: -1 } }],
      initializers: [],
      input: { name: 'x', dims: [300] },
      output: { name: 'y', dims: [300] },
    })
    // ir_version 8; graph: node (x, y, Softmax, axis: −1 as INT), name, input and output float32[300]; opset 17
    const node = '0a0178 120179 2207536f66746d6178 2a14 0a0461786973 18ffffffffffffffffff01 a00102'
    const value = (name: string) => `0a01${name} 120b 0a09 0801 1205 0a03 08ac02`
    const hex = `0808 3a52 0a25 ${node} 1205 62656e6368 5a10 ${value('78')} 6210 ${value('79')} 4204 0a00 1011`
    assert.equal(Buffer.from(bytes).toString('hex'), hex.replaceAll(' ', ''))
  })

  it('have their weights in the ONNX file', () => {
    const file = Buffer.from(onnxModel(small).bytes)
    const weights = small.steps.flatMap(step => ('weights' in step ? step.weights : []))
    assert.equal(weights.length, 4)
    for (const { data } of weights) assert.ok(file.includes(Buffer.from(data.buffer)))
  })

  it('have peers that the library does not depend on', () => {
    const read = (file: string) =>
      JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as { dependencies: Record<string, string> }
    const ours = Object.keys(read('../package.json').dependencies)
    assert.deepEqual(
      Object.keys(read('../bench/package.json').dependencies).filter(name => ours.includes(name)),
      [],
    )
  })
})

async function runnerOf(peer: Peer): Promise<Runner> {
  const model = await peer.model(small)
  if (typeof model !== 'function') throw new Error(model.unavailable)
  return model()
}
