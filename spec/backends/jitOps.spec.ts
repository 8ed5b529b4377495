// Every op on the jit against the reference: any shape the op table allows, then sizes around the four lanes.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { DType } from '../../lib/ir/types.js'
import { sizeOf } from '../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import type { GraphBuilder, TracedTensor } from '../../lib/ops/builder.js'
import type { Feeds } from '../../lib/ops/evaluate.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'
import { uniform } from '../support/feeds.js'
import { type Application, applicationsOf, valueOps } from './arbOp.js'
import { assertRoundTrip, compileOnce, watchedCompiler } from './jitHarness.js'
import { assertNearReference, evaluateOn, graphOf, type LeafKind } from './programs.js'

const plain = watchedCompiler(false)
const banded = watchedCompiler(true)

/** Ops whose result depends on the order of a sum, where 1e15 − 1e15 + 1 has more than one. */
const sums: ReadonlySet<OpName> = new Set<OpName>([
  'scatter_add',
  'reduce_sum',
  'matmul',
  'reduce_mean',
  'l2_normalize',
  'logsumexp',
  'normalize',
  'rms_normalize',
  'resize',
  'conv',
  'window_sum',
  'avg_pool',
])

function check(op: OpName, operands: readonly Value[], attrs: OpAttrs[OpName], kinds: readonly LeafKind[] = []): void {
  const leaves = operands.map((value, k) => ({ kind: kinds[k] ?? 'input', value }))
  const { graph, feeds } = graphOf(leaves, (b: GraphBuilder, xs: readonly TracedTensor[]) => [b.emitAny(op, xs, attrs)])
  for (const compiler of [plain, banded])
    assertNearReference(evaluateOn(compiler, graph, feeds), graph, feeds, cancellation(op, operands, attrs))
}

/** What a sum in another order may lose where large terms cancel: 2⁻²² of the sum of their sizes, at most. */
function cancellation(op: OpName, operands: readonly Value[], attrs: OpAttrs[OpName]): number {
  if (!['reduce_sum', 'reduce_mean', 'window_sum', 'scatter_add', 'matmul'].includes(op) || operands[0]?.dtype !== 'float32') return 0
  const largest = ({ data }: Value) => Math.max(0, ...Array.from(data, Math.abs))
  const floats = operands.filter(operand => operand.dtype === 'float32')
  if ('window' in attrs) return 2 ** -22 * attrs.window.reduce((cells, size) => cells * size, 1) * largest(operands[0])
  if (op === 'matmul') return 2 ** -22 * (operands[0].shape.at(-1) as number) * floats.reduce((size, x) => size * largest(x), 1)
  return 2 ** -22 * floats.reduce((size, x) => size + x.data.length * largest(x), 0)
}

const leafKinds = fc.array(fc.constantFrom<LeafKind>('input', 'variable', 'constant'), { minLength: 5, maxLength: 5 })

for (const op of valueOps) {
  describe(`${op} on jit`, () => {
    for (const range of sums.has(op) ? (['plain'] as const) : (['plain', 'odd'] as const)) {
      it(`computes what the reference computes on ${range} values`, () => {
        fc.assert(
          fc.property(applicationsOf(op, range), leafKinds, ({ operands, attrs }: Application, kinds) => check(op, operands, attrs, kinds)),
          { numRuns: 40 },
        )
      })
    }
  })
}

/** Sizes around the lanes, primes, and nothing. */
const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 64, 67]
const size = fc.constantFrom(...sizes)

function filled(dtype: DType, shape: readonly number[], seed: number): Value {
  const random = uniform(seed)
  const draw = {
    float32: () => Math.fround(random() * 8 - 4),
    int32: () => Math.floor(random() * 200) - 100,
    bool: () => Math.floor(random() * 2),
  }
  return makeValue(dtype, shape, draw[dtype])
}

/** The same feeds, each number the nearest whole one. */
function rounded({ inputs, variables }: Feeds): Feeds {
  const whole = (values: Feeds['inputs']) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { ...value, data: value.data.map(Math.round) }]))
  return { inputs: whole(inputs), variables: whole(variables) }
}

const dtype = fc.constantFrom<DType>('float32', 'int32', 'bool')
const number = fc.constantFrom<DType>('float32', 'int32')
const shape = (min: number, max: number) => fc.array(size, { minLength: min, maxLength: max }).filter(list => sizeOf(list) <= 5000)

describe('jit kernels on sizes around the lanes', () => {
  it('shifts by counts that only the run knows, also by more than there are bits', () => {
    const counts = Array.from({ length: 140 }, (_, k) => k - 40)
    const shift = makeValue('int32', [counts.length], k => counts[k] as number)
    check('shift_right_logical', [makeValue('int32', [counts.length], () => -1), shift], {}, ['input', 'input'])
  })

  it('broadcasts', () => {
    const masks = fc.array(fc.boolean(), { minLength: 8, maxLength: 8 })
    fc.assert(
      fc.property(shape(1, 4), masks, number, fc.nat(), (list, mask, type, seed) => {
        const narrow = (from: number) => list.map((extent, axis) => (mask[from + axis] ? 1 : extent))
        check('add', [filled(type, narrow(0), seed), filled(type, narrow(4), seed + 1)], {})
        check('select', [filled('bool', narrow(4), seed), filled(type, list, seed + 1), filled(type, narrow(0), seed + 2)], {})
      }),
    )
  })

  it('reduces over any axes', () => {
    fc.assert(
      fc.property(shape(1, 4), dtype, fc.boolean(), fc.nat(), fc.infiniteStream(fc.boolean()), (list, type, keepdims, seed, coins) => {
        const axes = list.flatMap((_, axis) => (coins.next().value ? [axis] : []))
        const x = filled(type, list, seed)
        check('reduce_max', [x], { axes, keepdims })
        check('reduce_min', [x], { axes, keepdims })
        if (type === 'bool') return
        check('reduce_sum', [x], { axes, keepdims })
        if (type === 'int32') check('reduce_prod', [x], { axes, keepdims })
      }),
    )
  })

  it('reduces expressions in operands of any shapes over any axes', () => {
    const masks = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })
    const op = fc.constantFrom('reduce_sum' as const, 'reduce_max' as const, 'reduce_min' as const)
    fc.assert(
      fc.property(
        shape(1, 4),
        masks,
        op,
        number,
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        fc.nat(),
        (list, mask, reduction, type, keepdims, long, seed) => {
          const narrow = (from: number) => list.map((extent, axis) => (mask[from + axis] ? 1 : extent))
          const axes = list.flatMap((_, axis) => (mask[8 + axis] ? [axis] : []))
          const values = [filled(type, list, seed), filled(type, narrow(0), seed + 1), filled(type, narrow(4), seed + 2)]
          const { graph, feeds } = graphOf(
            values.map(value => ({ kind: 'input', value })),
            (b, [x, y, z]) => {
              let value = b.emit('maximum', [b.emit('subtract', [x as TracedTensor, y as TracedTensor], {}), z as TracedTensor], {})
              for (let k = 0; k < 4 * long; k++) value = b.emit('minimum', [b.emit('negate', [value], {}), y as TracedTensor], {})
              return [b.emit(reduction, [value], { axes, keepdims })]
            },
          )
          // half an ulp for each addition of a chain, of the sum of magnitudes, each at most 8; along rows there are four chains
          const count = sizeOf(list.filter((_, axis) => axes.includes(axis)))
          const chain = axes.includes(list.length - 1) ? Math.ceil(count / 4) + 4 : count
          const rounding = 2 ** -24 * chain * 8 * count
          for (const compiler of [plain, banded]) {
            const result = evaluateOn(compiler, graph, feeds)
            assertNearReference(result, graph, feeds, type === 'float32' && reduction === 'reduce_sum' ? rounding : 0)
            const whole = rounded(feeds) // of whole numbers not even a sum may be off
            assertNearReference(evaluateOn(compiler, graph, whole), graph, whole)
          }
          if (sizeOf(list) > 0) assert.equal(compileOnce(graph).schedule.steps.length, 1)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('finds extremes along any axis', () => {
    const list = fc.array(fc.constantFrom(...sizes.slice(1)), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(
        list.filter(part => sizeOf(part) <= 5000),
        dtype,
        fc.nat(),
        fc.nat(),
        (part, type, seed, pick) => {
          const axis = pick % part.length
          for (const op of ['argmax', 'argmin'] as const) check(op, [filled(type, part, seed)], { axis })
        },
      ),
    )
  })

  it('transposes by any permutation', () => {
    const order = shape(2, 4).chain(list =>
      fc
        .shuffledSubarray(
          list.map((_, axis) => axis),
          { minLength: list.length },
        )
        .map(perm => ({ list, perm })),
    )
    fc.assert(
      fc.property(order, dtype, fc.nat(), ({ list, perm }, type, seed) => check('transpose', [filled(type, list, seed)], { perm })),
      { numRuns: 200 },
    )
  })

  it('multiplies matrices, packed beforehand, packed in the run and not at all', () => {
    const kinds = fc.constantFrom<LeafKind>('input', 'variable', 'constant')
    fc.assert(
      fc.property(size, size, size, number, kinds, fc.nat(), (m, k, n, type, kind, seed) => {
        check('matmul', [filled(type, [m, k], seed), filled(type, [k, n], seed + 1)], {}, ['input', kind])
      }),
      { numRuns: 200 },
    )
  })

  it('multiplies batches of matrices', () => {
    const few = fc.constantFrom(0, 1, 2, 3)
    const part = fc.constantFrom(1, 3, 5, 8, 17)
    fc.assert(
      fc.property(few, few, part, part, part, fc.constantFrom(0, 1, 2, 3), fc.nat(), (b, c, m, k, n, form, seed) => {
        const left = form & 1 ? [b, 1, m, k] : [b, c, m, k]
        const right = form & 2 ? [1, c, k, n] : [b, c, k, n]
        check('matmul', [filled('float32', left, seed), filled('float32', right, seed + 1)], {}, ['input', seed % 2 ? 'input' : 'variable'])
        check('matmul', [filled('float32', left, seed), filled('float32', [k, n], seed + 1)], {})
        check('matmul', [filled('float32', [m, k], seed), filled('float32', right, seed + 1)], {})
      }),
      { numRuns: 60 },
    )
  })

  it('normalises rows and columns', () => {
    const list = shape(1, 4).filter(sizes => sizes.every(extent => extent > 0))
    fc.assert(
      fc.property(list, fc.nat(), fc.nat(), fc.nat(), (sizes, seed, pick, more) => {
        const axis = pick % sizes.length
        const x = filled('float32', sizes, seed)
        for (const op of ['softmax', 'log_softmax'] as const) check(op, [x], { axis })
        const axes = Array.from({ length: 1 + (more % (sizes.length - axis)) }, (_, k) => axis + k)
        check('logsumexp', [x], { axes, keepdims: seed % 2 === 0 })
      }),
      { numRuns: 200 },
    )
  })

  it('normalises nothing, and sums of no exponentials', () => {
    for (const op of ['softmax', 'log_softmax'] as const) check(op, [filled('float32', [0, 5], 1)], { axis: 1 })
    for (const axes of [[0], [1]])
      for (const list of [
        [0, 5],
        [5, 0],
      ])
        check('logsumexp', [filled('float32', list, 1)], { axes, keepdims: false })
  })

  it('sums exponentials of infinities', () => {
    const rows = [
      [-Infinity, -Infinity],
      [Infinity, 1],
      [Infinity, -Infinity],
      [-Infinity, 2],
      [NaN, Infinity],
      [1, NaN],
      [-3e38, 3e38],
    ]
    for (const axis of [0, 1]) {
      const data = axis === 1 ? rows.flat() : [0, 1].flatMap(k => rows.map(row => row[k] as number))
      check('logsumexp', [makeValue('float32', axis === 1 ? [rows.length, 2] : [2, rows.length], k => data[k] as number)], {
        axes: [axis],
        keepdims: false,
      })
    }
  })

  it('moves slices, borders and rows', () => {
    fc.assert(
      fc.property(shape(1, 3), dtype, fc.nat(), fc.array(fc.nat(), { minLength: 9, maxLength: 9 }), (list, type, seed, picks) => {
        const pick = (k: number, below: number) => (picks[k] as number) % below
        const x = filled(type, list, seed)
        check('reverse', [x], { axes: list.flatMap((_, axis) => (pick(axis, 2) ? [axis] : [])) })
        const cells = (from: number) => list.map((_, axis) => pick(from + axis, 6))
        check('pad', [x, filled(type, [], seed)], { low: cells(0), high: cells(3) })
        const [begin, strides] = [list.map((extent, axis) => pick(axis, extent + 1)), list.map((_, axis) => 1 + pick(6 + axis, 3))]
        check('slice', [x], { begin, end: list.map(() => null), strides })
        check('concat', [x, filled(type, list, seed + 1), x], { axis: pick(0, list.length) })
        const axis = pick(1, list.length)
        if (list[axis] === 0) return
        const indices = filled('int32', [3], seed)
        check('gather', [x, indices], { axis })
        if (type !== 'bool') check('scatter_add', [x, indices, filled(type, list.with(axis, 3), seed + 1)], { axis })
      }),
    )
  })

  it('draws the words of threefry', () => {
    for (const length of [...sizes, 23, 100]) check('random_bits', [filled('int32', [2], 1), filled('int32', [], 2)], { shape: [length] })
  })
})

describe('jit modules', () => {
  it('import memory only, go through wabt unchanged, and are the same bytes for the same graph', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...valueOps).chain(op => applicationsOf(op, 'plain').map(made => ({ op, ...made }))),
        ({ op, operands, attrs }) => {
          const { graph } = graphOf(
            operands.map(value => ({ kind: 'variable', value })),
            (b, xs) => [b.emitAny(op, xs, attrs)],
          )
          const { bytes } = compileOnce(graph)
          const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes))
          assert.deepEqual(imports, [{ module: 'env', name: 'memory', kind: 'memory' }])
          assertRoundTrip(bytes)
          assert.deepEqual(Buffer.from(compileOnce(graph).bytes), Buffer.from(bytes))
        },
      ),
      { numRuns: 150 },
    )
  })
})
