// Convolutions, pools, standardisation and resizing of the jit: sizes around the lanes and tiles, every geometry, epilogues, batches, exact whole numbers.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { jit } from '../../backends/jit/jit.js'
import type { Graph } from '../../lib/ir/graph.js'
import { sizeOf } from '../../lib/ir/types.js'
import type { OpAttrs } from '../../lib/ir/vocabulary.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import { evaluateGraph, type Feeds } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'
import { extentOf } from '../../lib/ops/windows.js'
import { fuse } from '../../passes/fuse.js'
import { valuesOf } from '../support/compare.js'
import { uniform } from '../support/feeds.js'
import { assertRoundTrip, compileOnce, disassemble, watchedCompiler, watchedSession } from './jitHarness.js'
import { assertNearReference, evaluateOn, graphOf, type LeafKind, runProgram } from './programs.js'

const compilers = [watchedCompiler(false), watchedCompiler(true)]

const channels = fc.constantFrom(1, 2, 3, 4, 5, 8, 16, 17, 31, 32)

interface Axis {
  readonly size: number
  readonly taps: number
  readonly stride: number
  readonly dilation: number
  readonly inputDilation: number
  readonly low: number
  readonly high: number
}

const axis: fc.Arbitrary<Axis> = fc
  .record({
    size: fc.integer({ min: 1, max: 20 }),
    taps: fc.constantFrom(1, 2, 3, 3, 4, 5, 7),
    stride: fc.constantFrom(1, 1, 1, 2, 2, 3, 6),
    dilation: fc.constantFrom(1, 1, 1, 2, 3),
    inputDilation: fc.constantFrom(1, 1, 1, 2, 3),
    low: fc.integer({ min: -2, max: 4 }),
    high: fc.integer({ min: -2, max: 4 }),
  })
  .filter(({ size, taps, dilation, inputDilation, low, high }) => extentOf(size, inputDilation) + low + high >= extentOf(taps, dilation))

const axes = fc.array(axis, { minLength: 1, maxLength: 3 })

type Padding = OpAttrs['conv']['padding']

function paddingOf(same: boolean, list: readonly Axis[]): Padding {
  return same ? 'same' : list.map(({ low, high }) => [low, high] as const)
}

interface Case {
  readonly x: readonly number[]
  readonly kernel: readonly number[]
  readonly attrs: OpAttrs['conv']
}

const convs: fc.Arbitrary<Case> = fc
  .record({
    axes,
    batch: fc.constantFrom(1, 1, 2, 7),
    groups: fc.constantFrom(1, 1, 1, 2, 4, 0),
    a: channels,
    b: channels,
    same: fc.boolean(),
  })
  .map(({ axes: list, batch, groups: drawn, a, b, same }) => {
    // 0 stands for one channel per group
    const groups = drawn === 0 ? a : drawn
    const [perGroup, filters] = drawn === 0 ? [1, b <= 5 ? b : 1] : [a, b]
    return {
      x: [batch, ...list.map(({ size }) => size), groups * perGroup],
      kernel: [...list.map(({ taps }) => taps), perGroup, groups * filters],
      attrs: {
        strides: list.map(({ stride }) => stride),
        padding: paddingOf(same, list),
        inputDilation: list.map(({ inputDilation }) => inputDilation),
        kernelDilation: list.map(({ dilation }) => dilation),
        groups,
      },
    }
  })
  .filter(({ x, kernel, attrs }) => (sizeOf(x) * sizeOf(kernel) * sizeOf(attrs.inputDilation)) / (x.at(-1) as number) < 150_000)

const pools: fc.Arbitrary<{ x: readonly number[]; attrs: OpAttrs['avg_pool'] }> = fc
  .record({ axes, batch: fc.constantFrom(1, 2, 7), channels, same: fc.boolean() })
  .filter(({ axes: list }) => list.every(({ size, taps, low, high }) => size + low + high >= taps))
  .map(({ axes: list, batch, channels: depth, same }) => ({
    x: [batch, ...list.map(({ size }) => size), depth],
    attrs: { window: list.map(({ taps }) => taps), strides: list.map(({ stride }) => stride), padding: paddingOf(same, list) },
  }))
  .filter(({ x, attrs }) => sizeOf(x) * sizeOf(attrs.window) < 150_000)

function filled(shape: readonly number[], seed: number, whole: boolean): Value {
  const random = uniform(seed)
  return makeValue('float32', shape, () => (whole ? Math.floor(random() * 9) - 4 : Math.fround(random() * 2 - 1)))
}

type Body = (b: Parameters<Parameters<typeof graphOf>[1]>[0], xs: readonly TracedTensor[]) => TracedTensor

function graphWith(values: readonly Value[], kinds: readonly LeafKind[], body: Body): { graph: Graph; feeds: Feeds } {
  return graphOf(
    values.map((value, k) => ({ kind: kinds[k] ?? 'input', value })),
    (b, xs) => [body(b, xs)],
  )
}

function check(graph: Graph, feeds: Feeds, exact: boolean): void {
  for (const compiler of compilers) {
    const found = evaluateOn(compiler, graph, feeds)
    if (!exact) {
      assertNearReference(found, graph, feeds)
      continue
    }
    const values = valuesOf(found)
    for (const [name, { data }] of valuesOf(evaluateGraph(graph, feeds))) {
      data.forEach((wanted, k) => {
        if (values.get(name)?.data[k] !== wanted) assert.fail(`${name}[${k}]: expected ${wanted}, got ${values.get(name)?.data[k]}`)
      })
    }
  }
}

const filterKinds = fc.constantFrom<LeafKind>('variable', 'variable', 'constant', 'input')

describe('jit convolutions', () => {
  it('are what the reference computes, and exact on whole numbers', () => {
    fc.assert(
      fc.property(convs, filterKinds, fc.boolean(), fc.nat(), ({ x, kernel, attrs }, kind, whole, seed) => {
        const values = [filled(x, seed, whole), filled(kernel, seed + 1, whole)]
        const { graph, feeds } = graphWith(values, ['input', kind], (b, xs) => b.emitAny('conv', xs, attrs))
        check(graph, feeds, whole)
      }),
      { numRuns: 250 },
    )
  })

  it('are right where lines come in slabs', () => {
    const [x, kernel] = [filled([1, 150, 11, 40], 1, true), filled([3, 3, 40, 9], 2, true)]
    const attrs = { strides: [1, 1], padding: 'same' as const, inputDilation: [1, 1], kernelDilation: [1, 1], groups: 1 }
    const { graph, feeds } = graphWith([x, kernel], ['input', 'variable'], (b, xs) => b.emitAny('conv', xs, attrs))
    check(graph, feeds, true)
  })

  it('end with bias, activation and a residual in one kernel', () => {
    const ends = fc.array(fc.constantFrom('bias', 'relu', 'relu6', 'sigmoid', 'residual', 'channel', 'scalar'), {
      minLength: 1,
      maxLength: 4,
    })
    fc.assert(
      fc.property(convs, ends, fc.boolean(), fc.nat(), ({ x, kernel, attrs }, names, whole, seed) => {
        const exact = whole && !names.includes('sigmoid')
        const type = graphWith([filled(x, 0, true), filled(kernel, 0, true)], [], (b, xs) => b.emitAny('conv', xs, attrs))
        const shape = valuesOf(evaluateGraph(type.graph, type.feeds)).get('output y0')?.shape ?? []
        const shapes = { bias: shape.slice(-1), residual: shape, channel: [...shape.slice(0, -1), 1], scalar: [] }
        const others = names.flatMap(name => (name in shapes ? [shapes[name as keyof typeof shapes]] : []))
        const values = [x, kernel, ...others].map((one, k) => filled(one, seed + k, exact))
        const { graph, feeds } = graphWith(values, ['input', 'variable'], (b, [image, filters, ...rest]) => {
          let at = 0
          return names.reduce(
            (y, name) => {
              if (name in shapes) return b.emit('add', [y, rest[at++] as TracedTensor], {})
              return b.emit(name as 'relu', [y], {})
            },
            b.emitAny('conv', [image as TracedTensor, filters as TracedTensor], attrs),
          )
        })
        const fused = fuse.run(graph, { mode: 'infer', fusible: jit.fusible }).graph
        assert.deepEqual(
          Object.values(fused.nodes).flatMap(({ op }) => (op === 'input' || op === 'variable' ? [] : [op])),
          ['fused'],
        )
        check(fused, feeds, exact)
      }),
      { numRuns: 150 },
    )
  })

  it('give a row the same bits in every batch, and take changing batches and weights', () => {
    fc.assert(
      fc.property(convs, fc.nat(), ({ x, kernel, attrs }, seed) => {
        const { session } = watchedSession()
        const filters = filled(kernel, seed, false)
        const images = filled([7, ...x.slice(1)], seed + 1, false)
        const size = sizeOf(x.slice(1))
        const run = (from: number, batch: number, version: number): number[] => {
          const part = { ...images, shape: [batch, ...x.slice(1)], data: images.data.slice(from * size, (from + batch) * size) }
          const { graph, feeds } = graphWith([part, filters], ['input', 'variable'], (b, xs) => b.emitAny('conv', xs, attrs))
          const program = session.compile(graph)
          return [...(runProgram(program, graph, feeds, version).outputs.y0 as Value).data]
        }
        const all = run(0, 7, 0)
        const row = all.length / 7
        assert.deepEqual(run(0, 0, 0), [])
        assert.deepEqual(run(3, 1, 0), all.slice(3 * row, 4 * row))
        assert.deepEqual(run(5, 2, 0), all.slice(5 * row))
        assert.deepEqual(run(0, 7, 1), all)
        session.dispose()
      }),
      { numRuns: 40 },
    )
  })

  it('compute in lanes only, and their modules go through wabt unchanged', () => {
    fc.assert(
      fc.property(convs, ({ x, kernel, attrs }) => {
        const { graph } = graphWith([filled(x, 1, true), filled(kernel, 1, true)], ['input', 'variable'], (b, xs) =>
          b.emitAny('conv', xs, attrs),
        )
        const { bytes } = compileOnce(graph)
        assertRoundTrip(bytes)
        assert.doesNotMatch(disassemble(bytes), /\bf32\.(add|sub|mul|load|store)\b/)
      }),
      { numRuns: 40 },
    )
  })
})

describe('jit pools', () => {
  for (const op of ['window_max', 'window_sum', 'avg_pool'] as const) {
    it(`${op} is what the reference computes, with what follows it in its kernel`, () => {
      fc.assert(
        fc.property(pools, fc.boolean(), fc.boolean(), fc.nat(), ({ x, attrs }, followed, whole, seed) => {
          const { graph, feeds } = graphWith([filled(x, seed, whole)], ['input'], (b, xs) => {
            const y = b.emitAny(op, xs, attrs)
            return followed ? b.emit('relu', [y], {}) : y
          })
          check(fuse.run(graph, { mode: 'infer', fusible: jit.fusible }).graph, feeds, whole && op !== 'avg_pool')
        }),
        { numRuns: 120 },
      )
    })
  }
})

const lengths = fc.constantFrom(1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 64, 67)

describe('jit standardisation', () => {
  for (const op of ['normalize', 'rms_normalize', 'l2_normalize'] as const) {
    it(`${op} is what the reference computes, with scale, offset and activation in its kernel`, () => {
      const leads = fc.array(fc.constantFrom(0, 1, 2, 5), { maxLength: 2 })
      fc.assert(
        fc.property(leads, lengths, lengths, fc.boolean(), fc.nat(), (lead, rows, length, both, seed) => {
          const axes = both && op !== 'l2_normalize' ? [lead.length, lead.length + 1] : [lead.length + 1]
          const attrs = op === 'l2_normalize' ? { axis: lead.length + 1, epsilon: 1e-3 } : { axes, epsilon: 1e-3 }
          const shapes = [[...lead, rows, length], [length], [length]]
          const values = shapes.map((one, k) => filled(one, seed + k, false))
          const { graph, feeds } = graphWith(values, ['input', 'variable', 'variable'], (b, [x, gamma, beta]) => {
            const y = b.emitAny(op, [x as TracedTensor], attrs)
            return b.emit('relu', [b.emit('add', [b.emit('multiply', [y, gamma as TracedTensor], {}), beta as TracedTensor], {})], {})
          })
          const fused = fuse.run(graph, { mode: 'infer', fusible: jit.fusible }).graph
          check(fused, feeds, false)
          if (axes.length > 1 || sizeOf(shapes[0] as number[]) === 0) return
          const { schedule } = compileOnce(fused)
          assert.equal(schedule.steps.length, 1)
        }),
        { numRuns: 80 },
      )
    })
  }
})

describe('jit resizing', () => {
  it('is what the reference computes', () => {
    const axis = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }))
    const images = fc.tuple(fc.array(axis, { minLength: 1, maxLength: 3 }), fc.constantFrom(1, 2), channels, fc.boolean(), fc.nat())
    fc.assert(
      fc.property(
        images.filter(([list, , depth]) => sizeOf(list.flat()) * depth < 30_000),
        ([list, batch, depth, nearest, seed]) => {
          const x = filled([batch, ...list.map(([size]) => size), depth], seed, nearest)
          const attrs = { factors: list.map(([, factor]) => factor), method: nearest ? ('nearest' as const) : ('bilinear' as const) }
          const { graph, feeds } = graphWith([x], ['input'], (b, xs) => b.emitAny('resize', xs, attrs))
          check(graph, feeds, nearest)
        },
      ),
      { numRuns: 100 },
    )
  })
})
