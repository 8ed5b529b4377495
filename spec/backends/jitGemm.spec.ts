// The products of the JIT against three plain loops in float32: equal bits for every shape, epilogue, split and packing.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { gemm, pack, packedLength, plainGemm, worthPacking } from '../../backends/jit/gemm/index.js'
import { numRuns } from '../support/setup.js'
import { endings, filler, naivePacked, relu, runGemm, type Shape, type Variant } from './jitGemmCases.js'
import { type Range, runKernel } from './jitGemmHost.js'

function assertGemm(shape: Shape, variant: Variant): void {
  const { found, wanted } = runGemm(shape, variant)
  const wrong = wanted.findIndex((value, i) => !Object.is(value, found[i]))
  if (wrong < 0) return
  const { m, k, n } = shape
  assert.fail(`${m}×${k}×${n}: row ${Math.floor(wrong / n)}, column ${wrong % n} is ${found[wrong]}, not ${wanted[wrong]}`)
}

const size = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }) }, fc.constantFrom(23, 29, 31, 32, 33, 37, 47, 64))
const shapes = fc.record({ m: size, k: size, n: size })
const runs = { numRuns: Math.ceil(numRuns / 4) }

/** Cuts 0…extent at some places, the pieces in some order. */
function cut(extent: number, places: readonly number[], order: readonly number[]): Range[] {
  const edges = [0, ...places.map(place => place % (extent + 1)), extent].sort((a, b) => a - b)
  const pieces = edges.slice(1).map((end, i): Range => [edges[i] as number, end])
  return pieces
    .map((piece, i) => ({ piece, rank: order[i] ?? 0 }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ piece }) => piece)
}

describe('the products of the JIT', () => {
  for (const plain of [false, true]) {
    const name = plain ? 'a row-major right operand' : 'a packed right operand'

    it(`equal plain float32 loops bit by bit, with ${name}`, () =>
      fc.assert(
        fc.property(shapes, fc.boolean(), fc.integer(), fc.constantFrom(undefined, ...Object.keys(endings)), (shape, whole, seed, ending) =>
          assertGemm(shape, { plain, whole, seed, ending }),
        ),
        runs,
      ))

    it(`are right for every small m, and n around whole panels, with ${name}`, () => {
      for (const m of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
        for (let n = 1; n <= 34; n++) assertGemm({ m, k: 1 + ((m * n) % 5), n }, { plain })
      }
    })

    it(`are the same in whatever ranges they are computed, with ${name}`, () =>
      fc.assert(
        fc.property(
          shapes,
          fc.array(fc.nat(), { maxLength: 4 }),
          fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
          (shape, places, order) => {
            const kernel = plain ? plainGemm(shape, 'float32') : gemm(shape)
            const { found, wanted } = runGemm(shape, { plain }, cut(kernel.extent, places, order))
            assert.deepEqual(found, wanted)
          },
        ),
        runs,
      ))
  }

  it('are right where rows come in slabs', () => {
    assertGemm({ m: 150, k: 1024, n: 11 }, { whole: true })
    assertGemm({ m: 67, k: 2048, n: 8 }, { whole: true })
    const shape = { m: 150, k: 1024, n: 17 }
    const { found, wanted } = runGemm(shape, { ending: 'residual' }, [
      [20, 38],
      [3, 20],
      [0, 3],
    ])
    assert.deepEqual(found, wanted)
  })

  it('give a row the same bits whatever the batch', () => {
    const [k, n] = [97, 21]
    const fill = filler(3)
    const [a, b] = [fill(9 * k), fill(k * n)]
    const of = (m: number): Float32Array =>
      runKernel(gemm({ m, k, n }), new Float32Array(m * n), [a.subarray(0, m * k), naivePacked(b, { k, n })])
    const all = of(9)
    for (let m = 1; m < 9; m++) assert.deepEqual(of(m), all.slice(0, m * n))
  })

  it('of nothing are nothing, and of no steps are what the epilogue makes of 0', () => {
    assertGemm({ m: 0, k: 3, n: 5 }, {})
    assertGemm({ m: 3, k: 3, n: 0 }, {})
    assertGemm({ m: 3, k: 0, n: 5 }, { ending: 'bias' })
  })

  it('wrap as int32', () => {
    const [m, k, n] = [5, 7, 13]
    const large = (length: number): Int32Array => new Int32Array(filler(9)(length).map(x => x * 2 ** 31))
    const [a, b] = [large(m * k), large(k * n)]
    const found = runKernel(plainGemm({ m, k, n }, 'int32'), new Int32Array(m * n), [a, b])
    const wanted = new Int32Array(m * n).map((_, flat) => {
      let sum = 0
      for (let step = 0; step < k; step++) {
        sum = (sum + Math.imul(a[Math.floor(flat / n) * k + step] as number, b[step * n + (flat % n)] as number)) | 0
      }
      return sum
    })
    assert.deepEqual(found, wanted)
  })

  it('have keys that tell apart what differs', () => {
    const shape = { m: 2, k: 3, n: 4 }
    const keys = [
      gemm(shape),
      gemm({ ...shape, m: 3 }),
      gemm({ ...shape, epilogue: relu }),
      gemm({ ...shape, fma: true }),
      gemm({ ...shape, fma: false }),
      plainGemm(shape, 'float32'),
      plainGemm(shape, 'int32'),
    ].map(({ key }) => key)
    assert.equal(new Set(keys).size, keys.length)
  })

  it('pack a right operand that changes only where there is enough to gain', () => {
    assert.ok(worthPacking(64, 512, 512))
    assert.ok(!worthPacking(16, 512, 512))
    assert.ok(!worthPacking(64, 64, 64))
  })
})

describe('packing', () => {
  it('lays out panels of eight columns in ranges of any order, and fills the last with zeros', () =>
    fc.assert(
      fc.property(
        size,
        size,
        fc.array(fc.nat(), { maxLength: 3 }),
        fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
        (k, n, places, order) => {
          const b = filler(k * 64 + n)(k * n)
          const kernel = pack(k, n)
          const found = runKernel(kernel, new Float32Array(packedLength(k, n)), [b], cut(kernel.extent, places, order))
          assert.deepEqual(found, naivePacked(b, { k, n }))
        },
      ),
      runs,
    ))
})
