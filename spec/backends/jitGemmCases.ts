// Products to try: shapes, epilogues with their meaning, and what three plain float32 loops make of them.

import { type GemmEpilogue, type GemmSpec, gemm, packedLength, plainGemm } from '../../backends/jit/gemm/index.js'
import { type Range, runKernel } from './jitGemmHost.js'

export interface Shape {
  readonly m: number
  readonly k: number
  readonly n: number
}

/** An epilogue with its meaning: what becomes of a product at (row, column), and its operands for a shape. */
interface Ending {
  readonly epilogue: (shape: Shape) => GemmEpilogue
  readonly operands: (shape: Shape, fill: (length: number) => Float32Array) => Float32Array[]
  readonly exact: (product: number, operands: readonly Float32Array[], row: number, column: number, shape: Shape) => number
}

export const relu: GemmEpilogue = {
  key: 'relu',
  operands: [],
  begin() {},
  emit(f, product) {
    f.get(product)
    f.splat(0)
    f.op('f32x4.pmax')
  },
}

function adding(key: string, walks: (shape: Shape) => GemmEpilogue['operands'], times = 1): (shape: Shape) => GemmEpilogue {
  return shape => ({
    key,
    operands: walks(shape),
    begin() {},
    emit(f, product, operands) {
      f.get(product)
      for (let k = 0; k < times; k++) {
        for (const operand of operands) {
          f.get(operand)
          f.op('f32x4.add')
        }
        if (times > 1) {
          f.splat(1)
          f.op('f32x4.sub')
        }
      }
    },
  })
}

export const endings: Record<string, Ending> = {
  relu: { epilogue: () => relu, operands: () => [], exact: product => Math.max(0, product) },
  bias: {
    epilogue: adding('bias', () => [{ rowStride: 0, columnStride: 1 }]),
    operands: ({ n }, fill) => [fill(n)],
    exact: (product, [bias], _row, column) => product + at(bias, column),
  },
  residual: {
    epilogue: adding('residual', ({ n }) => [{ rowStride: n, columnStride: 1 }]),
    operands: ({ m, n }, fill) => [fill(m * n)],
    exact: (product, [residual], row, column, { n }) => product + at(residual, row * n + column),
  },
  'one per row, then one for all': {
    epilogue: adding('rows', () => [
      { rowStride: 1, columnStride: 0 },
      { rowStride: 0, columnStride: 0 },
    ]),
    operands: ({ m }, fill) => [fill(m), fill(1)],
    exact: (product, [rows, one], row) => Math.fround(product + at(rows, row)) + at(one, 0),
  },
  'too long to be repeated': {
    epilogue: adding(
      'long',
      ({ n }) => [
        { rowStride: n, columnStride: 1 },
        { rowStride: 0, columnStride: 1 },
      ],
      9,
    ),
    operands: ({ m, n }, fill) => [fill(m * n), fill(n)],
    exact(product, [residual, bias], row, column, { n }) {
      let value = product
      for (let k = 0; k < 9; k++) {
        value = Math.fround(value + at(residual, row * n + column))
        value = Math.fround(value + at(bias, column))
        value = Math.fround(value - 1)
      }
      return value
    },
  },
}

function at(values: Float32Array | undefined, index: number): number {
  return values?.[index] ?? Number.NaN
}

/** Sums in the order of k, each product and each sum rounded to float32. */
function naive(
  a: Float32Array,
  b: Float32Array,
  shape: Shape,
  finish: (product: number, row: number, column: number) => number,
): Float32Array {
  const { m, k, n } = shape
  return new Float32Array(m * n).map((_, flat) => {
    const [row, column] = [Math.floor(flat / n), flat % n]
    let sum = 0
    for (let step = 0; step < k; step++) sum = Math.fround(sum + Math.fround(at(a, row * k + step) * at(b, step * n + column)))
    return finish(sum, row, column)
  })
}

export function naivePacked(b: Float32Array, { k, n }: Pick<Shape, 'k' | 'n'>): Float32Array {
  return new Float32Array(packedLength(k, n)).map((_, flat) => {
    const column = Math.floor(flat / (8 * k)) * 8 + (flat % 8)
    return column < n ? at(b, (Math.floor(flat / 8) % k) * n + column) : 0
  })
}

/** Reals that round, or whole numbers, from a seed. */
export function filler(seed: number, whole = false): (length: number) => Float32Array {
  let state = seed
  return length =>
    new Float32Array(length).map(() => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return whole ? (state >> 28) * 2 + 1 : state * 2 ** -31
    })
}

export function runGemm(shape: Shape, variant: Variant, ranges?: readonly Range[]): { found: Float32Array; wanted: Float32Array } {
  const fill = filler(variant.seed ?? 1, variant.whole)
  const [a, b] = [fill(shape.m * shape.k), fill(shape.k * shape.n)]
  const ending = variant.ending ? endings[variant.ending] : undefined
  const extra = ending?.operands(shape, fill) ?? []
  const spec: GemmSpec = { ...shape, ...(ending ? { epilogue: ending.epilogue(shape) } : {}) }
  const kernel = variant.plain ? plainGemm(spec, 'float32') : gemm(spec)
  const right = variant.plain ? b : naivePacked(b, shape)
  const found = runKernel(kernel, new Float32Array(shape.m * shape.n), [a, right, ...extra], ranges)
  const finish = (product: number, row: number, column: number): number => ending?.exact(product, extra, row, column, shape) ?? product
  return { found, wanted: naive(a, b, shape, finish) }
}

export interface Variant {
  readonly plain?: boolean
  readonly whole?: boolean
  readonly ending?: string | undefined
  readonly seed?: number
}
