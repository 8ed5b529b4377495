// Profiles: every kernel once, on real data, with figures from its shapes; nothing a run gives changes by it.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { jit } from '../../backends/jit/jit.js'
import { probesOf } from '../../backends/jit/profile.js'
import type { Buffer, Place } from '../../backends/jit/schedule.js'
import type { Compiled, JitSession } from '../../backends/jit/session.js'
import { ArgumentError, BackendError, DisposedError, input, layers, parseGraphText, sequential, specialise } from '../../lib/index.js'
import { opTable } from '../../lib/ops/table.js'
import { Profile } from '../../lib/runtime/profile.js'
import { pipelines, runPasses } from '../../passes/index.js'
import { watchedSession } from '../backends/jitHarness.js'
import { inputsOf, stateOf } from '../backends/programs.js'
import { arbGraph } from '../support/arbGraph.js'
import { makeFeeds } from '../support/feeds.js'

const numbers = (length: number) => Float32Array.from({ length }, (_, k) => Math.sin(k))

function network() {
  return sequential({
    name: 'net',
    layers: [
      input({ shape: [24] }),
      layers.dense({ units: 16, activation: 'relu', name: 'first' }),
      layers.reshape({ targetShape: [2, 8] }),
      layers.permute({ dims: [2, 1], name: 'turn' }),
      layers.flatten({ name: 'flat' }),
      layers.dense({ units: 5, activation: 'softmax', name: 'last' }),
    ],
  })
}

describe('exe.profile', () => {
  it('gives each kernel of a run with its layer calls, operations and bytes', async () => {
    const exe = await network().lower({ backend: 'jit' })
    const { kernels, kernelsUs, runUs, withCopiesUs } = await exe.profile(numbers(3 * 24), { runs: 2 })
    const figures = kernels.map(({ kernel, origin, calls, flops, bytes }) => [kernel.split(' ')[0], origin, calls, flops, bytes])
    const [first, last] = [2 * 3 * 24 * 16 + 2 * 3 * 16, 2 * 3 * 16 * 5 + 3 * 5]
    const panels = (k: number, n: number) => k * Math.ceil(n / 4) * 4
    const packed = kernels.filter(({ kernel }) => kernel.startsWith('gemm')).map(({ bytes }) => bytes)
    assert.deepEqual(figures, [
      ['gemm', ['first#0'], 1, first, packed[0]],
      ['gemm', ['last#0', 'flat#0'], 1, last, packed[1]], // its kernel's rows lie in the order of the permutation
      ['softmax', ['last#0'], 1, 5 * 3 * 5, 2 * 4 * 3 * 5],
    ])
    assert.ok((packed[0] as number) >= 4 * (3 * 24 + panels(24, 16) + 16 + 3 * 16), `${packed[0]} bytes`)
    assert.ok((packed[1] as number) >= 4 * (3 * 16 + panels(16, 5) + 5 + 3 * 5), `${packed[1]} bytes`)
    for (const us of [kernelsUs, runUs, withCopiesUs]) assert.ok(us > 0 && us < 1e5, `${us} µs`)
    for (const { us, flops, bytes, gflopPerS, gbPerS } of kernels) {
      assert.ok(us >= 0)
      if (us === 0) continue
      assert.ok(Math.abs(gflopPerS * us * 1000 - flops) <= 1e-6 * flops)
      assert.ok(Math.abs(gbPerS * us * 1000 - bytes) <= 1e-6 * bytes)
    }
  })

  it('leaves what runs give as it was, weights that change between included', async () => {
    const net = network()
    const exe = await net.lower({ backend: 'jit' })
    const x = numbers(24)
    const before = exe.run(x)
    await exe.profile(numbers(24 * 7).fill(3), { runs: 1 })
    assert.deepEqual(exe.run(x), before)
    net.setWeights(net.getWeights().map(weight => weight.data.map(value => value / 2)))
    await exe.profile(x, { runs: 1 })
    const fresh = await net.lower({ backend: 'jit' })
    assert.deepEqual(exe.run(x), fresh.run(x))
  })

  it('is for the jit alone, and says so', async () => {
    const exe = await network().lower({ backend: 'reference' })
    await assert.rejects(exe.profile(numbers(24)), (error: unknown) => {
      assert.ok(error instanceof BackendError)
      assert.match(error.message, /net.*the reference backend cannot profile kernels\n.*backend: 'jit'/)
      return true
    })
  })

  it('refuses options that mean nothing and executables that are gone', async () => {
    const exe = await network().lower({ backend: 'jit' })
    const x = numbers(24)
    for (const options of [{ runs: 0 }, { runs: 1.5 }, { times: 3 }]) await assert.rejects(exe.profile(x, options), ArgumentError)
    await exe.profile(x, { runs: 1 }) // what profiles need is loaded now: the next one is under way at once
    const late = assert.rejects(exe.profile(x, { runs: 1000 }), /DisposedError.*while it was profiled/)
    await new Promise(resolve => setTimeout(resolve, 20))
    exe.dispose()
    await late
    await assert.rejects(exe.profile(x), DisposedError)
  })
})

describe('profiles of loops', () => {
  const loop = parseGraphText(
    `graph {
      %h = input() {name: "h"} : float32[8]
      %x = input() {name: "x"} : float32[6,8]
      %s = scan(%h, %x) {carries: 1, sequences: 1, reverse: true} {
        %h = input() {name: "h"} : float32[8]
        %e = input() {name: "e"} : float32[8]
        %a = reduce_sum(%e) {axes: [0], keepdims: true} : float32[1]
        %p = multiply(%h, %a) : float32[8]
        %t = tanh(%p) : float32[8]
        output "t" = %t
      } : (float32[8])
      %y = get(%s) {index: 0} : float32[8]
      output "y" = %y
    }`,
    opTable,
  )

  it('count the calls and add up their work', async () => {
    const { session } = watchedSession()
    const program = session.compile(loop)
    const { kernels } = await program.profile([numbers(8), numbers(48)], stateOf({}), 1)
    const looped = kernels.filter(({ calls }) => calls === 6)
    assert.deepEqual(
      looped.filter(({ flops }) => flops > 0).map(({ flops }) => flops),
      [6 * 8, 6 * 8 * 2],
    )
    assert.ok(kernels.some(({ calls }) => calls === 1)) // the carry begins as a copy
  })
})

describe('the calls of a profile', () => {
  /** What a kernel writes, as words. */
  const words = (session: JitSession, { schedule, addressOf }: Compiled, { buffer, offset }: Place): number[] => {
    const { base, bytes } = addressOf(buffer)
    const { elements } = schedule.buffers[buffer] as Buffer
    return [...session.heap.words(bytes + offset * 4 + (base === 'arena' ? session.heap.arena : 0), elements - offset)]
  }

  it('compute what they compute in a run, however often they are repeated', async () => {
    let [alone, inPlace] = [0, 0]
    await fc.assert(
      fc.asyncProperty(arbGraph, async ({ graph, sizes, seed }) => {
        const bound = runPasses(specialise(graph, sizes), pipelines.infer.afterSpecialise, { mode: 'infer', fusible: jit.fusible }).graph
        const { session, made } = watchedSession()
        const program = session.compile(bound)
        const [compiled] = made as [Compiled]
        const feeds = makeFeeds(bound, seed, 'real')
        const call = () => program.call(inputsOf(bound, feeds), stateOf(feeds.variables))
        const nothing = () => {}
        const parts = { compiled, options: { checked: true }, heap: session.heap, run: nothing, call, again: nothing, alive: () => true }
        const probes = await probesOf(parts)
        probes.forEach(({ row, before, call: repeat }, k) => {
          const { step, loops, saved } = row
          if (loops.length > 0 || step.kernel.key.startsWith('scatter')) return
          const result = step.places[0] as Place
          const resultAfter = (times: number) => {
            before()
            repeat(times)
            return words(session, compiled, result)
          }
          const once = resultAfter(1)
          assert.deepEqual(resultAfter(3), once, step.kernel.key)
          alone++
          if (saved) inPlace++
          const next = probes[k + 1]
          if (!next || next.row.loops.length > 0) return
          next.before()
          assert.deepEqual(words(session, compiled, result), once, `${step.kernel.key} in a run`)
        })
        const results = () => program.outputs.map(window => [...window.read()])
        call()
        const whole = results()
        const last = probes.at(-1)
        if (!last || last.row.loops.length > 0) return
        last.before()
        last.call(1)
        if (last.row.step.kernel.key.startsWith('scatter')) return
        assert.deepEqual(results(), whole)
      }),
      { numRuns: 150 },
    )
    assert.ok(alone > 100 && inPlace > 10, `${alone} calls, ${inPlace} in place`)
  })
})

describe('a profile as text and events', () => {
  const arbProfile = fc
    .record({
      title: fc.string({ maxLength: 100, unit: 'grapheme-ascii' }),
      kernels: fc.array(
        fc.record({
          kernel: fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme-ascii' }),
          node: fc.string({ minLength: 1, maxLength: 20 }),
          origin: fc.array(fc.string({ maxLength: 30, unit: 'grapheme-ascii' }), { maxLength: 3 }),
          calls: fc.integer({ min: 1, max: 1000 }),
          us: fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 9e6, noNaN: true })),
          flops: fc.integer({ min: 0, max: 1e6 }),
          bytes: fc.integer({ min: 0, max: 1e6 }),
        }),
        { maxLength: 8 },
      ),
      runUs: fc.double({ min: 0, max: 9e7, noNaN: true }),
      withCopiesUs: fc.double({ min: 0, max: 9e7, noNaN: true }),
    })
    .map(({ title, ...figures }) => new Profile(title, figures))

  it('has a line per kernel and none of more than 80 columns', () => {
    fc.assert(
      fc.property(arbProfile, profile => {
        const lines = profile.table().split('\n')
        assert.equal(lines.length, profile.kernels.length + 5)
        for (const line of lines) assert.ok(line.length <= 80, `${line.length}: ${line}`)
      }),
    )
  })

  it('reads as a table', () => {
    const kernel = { kernel: 'gemm 32x784x512 maximum(add(x0,x1),0)', node: 'dense/relu', origin: ['dense#0'], calls: 1 }
    const copy = { kernel: 'line [64]', node: 's', origin: ['lstm#0', 'norm#0'], calls: 64 }
    const profile = new Profile('model "net"', {
      kernels: [
        { ...kernel, us: 750, flops: 30e6, bytes: 3e6 },
        { ...copy, us: 250, flops: 0, bytes: 1e6 },
      ],
      runUs: 990,
      withCopiesUs: 1234.5,
    })
    assert.equal(
      profile.table(),
      [
        'model "net"',
        'kernel                    from                         µs      %  GFLOP/s   GB/s',
        'gemm 32x784x512 maximum(… dense#0                   750.0   75.0     40.0   4.00',
        '64 × line [64]            lstm#0, norm#0            250.0   25.0        –   4.00',
        'kernels                                              1000',
        'one run of them                                     990.0',
        'and copies in and out                                1235',
      ].join('\n'),
    )
  })

  it('puts kernels end to end within the run, as complete events', () => {
    fc.assert(
      fc.property(arbProfile, profile => {
        const { traceEvents } = JSON.parse(JSON.stringify(profile.traceEvents())) as ReturnType<Profile['traceEvents']>
        const [run, ...kernels] = traceEvents
        assert.ok(run)
        let end = 0
        kernels.forEach(({ name, cat, ph, ts, dur, pid, tid, args }, k) => {
          const { us, node, ...rest } = profile.kernels[k] as Profile['kernels'][number]
          assert.deepEqual([name, cat, ph, ts, dur, pid, tid], [node, 'kernel', 'X', end, us, run.pid, run.tid])
          assert.deepEqual(args, { node, ...rest })
          end = ts + dur
        })
        assert.deepEqual([run.cat, run.ph, run.ts, run.dur], ['run', 'X', 0, profile.kernelsUs])
        assert.ok(Math.abs(end - run.dur) <= 1e-9 * end)
      }),
    )
  })
})
