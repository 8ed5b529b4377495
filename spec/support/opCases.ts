// Generated operands and attributes that fit each op: what properties over every op are checked with.

import fc from 'fast-check'
import type { DType } from '../../lib/ir/types.js'
import { sizeOf } from '../../lib/ir/types.js'
import type { CompositeName, OpAttrs, PrimitiveName } from '../../lib/ir/vocabulary.js'
import type { StructuralName } from '../../lib/ops/commonOps.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue } from '../../lib/ops/values.js'
import { arbConv, arbResize, arbWindows } from './arbWindows.js'

export type EvaluatedName = Exclude<PrimitiveName, StructuralName> | CompositeName

export interface OpCase<K extends EvaluatedName = EvaluatedName> {
  readonly operands: readonly Value[]
  readonly attrs: OpAttrs[K]
}

const elements = {
  float32: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -40, max: 40 }).map(n => n / 4) },
    { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0, 1e30, -1e30, 1e-30, 88, -88) },
  ),
  int32: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -9, max: 9 }) },
    { weight: 1, arbitrary: fc.constantFrom(2147483647, -2147483648, 65536, -65537, 123456789) },
  ),
  bool: fc.integer({ min: 0, max: 1 }),
} satisfies Record<DType, fc.Arbitrary<number>>

export const arbShape = (minRank = 0, maxRank = 3, minSize = 0): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: minSize, max: 3 }), { minLength: minRank, maxLength: maxRank })

/** A tensor of a shape; `element` replaces the dtype's own mix of small numbers and edges. */
export function arbValue(dtype: DType, shape: readonly number[], element: fc.Arbitrary<number> = elements[dtype]): fc.Arbitrary<Value> {
  const length = sizeOf(shape)
  return fc.array(element, { minLength: length, maxLength: length }).map(data => makeValue(dtype, shape, flat => data[flat] as number))
}

const someOf = (...dtypes: DType[]): fc.Arbitrary<DType> => fc.constantFrom(...dtypes)
const numbers = someOf('float32', 'int32')
const anything = someOf('float32', 'int32', 'bool')

/** Shapes that broadcast to `target`: leading axes dropped, sizes replaced by 1. */
const arbNarrower = (target: readonly number[]): fc.Arbitrary<number[]> =>
  fc
    .tuple(fc.integer({ min: 0, max: target.length }), fc.array(fc.boolean(), { minLength: target.length, maxLength: target.length }))
    .map(([drop, ones]) => target.map((size, axis) => (ones[axis] ? 1 : size)).slice(drop))

/** One operand of any shape. */
const one = <A>(dtypes: fc.Arbitrary<DType>, attrs: fc.Arbitrary<A>, shapes = arbShape()): fc.Arbitrary<{ operands: Value[]; attrs: A }> =>
  fc.tuple(dtypes, shapes, attrs).chain(([dtype, shape, a]) => arbValue(dtype, shape).map(x => ({ operands: [x], attrs: a })))

const none = fc.constant({})
const float = someOf('float32')
const unary = (dtypes: fc.Arbitrary<DType> = float) => one(dtypes, none)

/** Operands of one dtype that broadcast together. */
const broadcasting = (dtypes: fc.Arbitrary<DType>, count = 2) =>
  fc
    .tuple(dtypes, arbShape())
    .chain(([dtype, shape]) =>
      fc
        .tuple(...Array.from({ length: count }, () => arbNarrower(shape).chain(narrow => arbValue(dtype, narrow))))
        .map(operands => ({ operands, attrs: {} })),
    )

/** One operand with attributes that depend on its shape. */
const shaped = <A>(dtypes: fc.Arbitrary<DType>, shapes: fc.Arbitrary<number[]>, attrs: (shape: readonly number[]) => fc.Arbitrary<A>) =>
  fc
    .tuple(dtypes, shapes)
    .chain(([dtype, shape]) => fc.tuple(arbValue(dtype, shape), attrs(shape)).map(([x, a]) => ({ operands: [x], attrs: a })))

const arbAxes = (shape: readonly number[]) => fc.record({ axes: fc.subarray(shape.map((_, axis) => axis)), keepdims: fc.boolean() })
const arbAxis = (shape: readonly number[]) => fc.record({ axis: fc.integer({ min: -shape.length, max: shape.length - 1 }) })
const reduction = (dtypes: fc.Arbitrary<DType>) => shaped(dtypes, arbShape(), arbAxes)
const along = (dtypes: fc.Arbitrary<DType>) => shaped(dtypes, arbShape(1, 3, 1), arbAxis)

const arbIndices = (size: number) => arbShape(0, 2).chain(shape => arbValue('int32', shape, fc.integer({ min: -2, max: size + 2 })))
const key = arbValue('int32', [2])
const counter = arbValue('int32', [])

const gatherCase = fc
  .tuple(anything, arbShape(1, 3, 1))
  .chain(([dtype, shape]) =>
    arbAxis(shape).chain(attrs =>
      fc
        .tuple(arbValue(dtype, shape), arbIndices(shape.at(attrs.axis) as number))
        .map(([x, indices]) => ({ operands: [x, indices], attrs })),
    ),
  )

const windows = (dtypes: fc.Arbitrary<DType>) =>
  fc.tuple(dtypes, arbWindows).chain(([dtype, { x, attrs }]) => arbValue(dtype, x).map(image => ({ operands: [image], attrs })))

const standardised = shaped(float, arbShape(), shape =>
  fc.record({ axes: fc.subarray(shape.map((_, axis) => axis)), epsilon: fc.constant(1e-3) }),
)

const drawn = fc.tuple(key, counter, arbShape()).map(([k, c, shape]) => ({ operands: [k, c], attrs: { shape } }))

/** For every op, operands and attributes that it accepts. */
export const opCases = {
  constant: fc
    .tuple(anything, arbShape())
    .chain(([dtype, shape]) => arbValue(dtype, shape).map(x => ({ operands: [], attrs: { data: Array.from(x.data), dtype, shape } }))),
  iota: arbShape(1).chain(shape =>
    fc
      .tuple(fc.integer({ min: 0, max: shape.length - 1 }), numbers)
      .map(([axis, dtype]) => ({ operands: [], attrs: { axis, dtype, shape } })),
  ),
  random_bits: fc.tuple(key, counter, arbShape()).map(([k, c, shape]) => ({ operands: [k, c], attrs: { shape } })),
  negate: unary(numbers),
  abs: unary(numbers),
  sign: unary(numbers),
  exp: unary(),
  expm1: unary(),
  log: unary(),
  log1p: unary(),
  sqrt: unary(),
  rsqrt: unary(),
  sin: unary(),
  cos: unary(),
  tanh: unary(),
  sigmoid: unary(),
  erf: unary(),
  normal_cdf: unary(),
  floor: unary(),
  ceil: unary(),
  round: unary(),
  is_nan: unary(),
  is_finite: unary(),
  logical_not: unary(someOf('bool')),
  cast: one(anything, fc.record({ dtype: anything })),
  add: broadcasting(numbers),
  subtract: broadcasting(numbers),
  multiply: broadcasting(numbers),
  divide: broadcasting(float),
  floor_divide: broadcasting(numbers),
  mod: broadcasting(numbers),
  power: broadcasting(numbers),
  maximum: broadcasting(anything),
  minimum: broadcasting(anything),
  logical_and: broadcasting(someOf('bool')),
  logical_or: broadcasting(someOf('bool')),
  shift_right_logical: broadcasting(someOf('int32')),
  equal: broadcasting(anything),
  not_equal: broadcasting(anything),
  less: broadcasting(anything),
  less_equal: broadcasting(anything),
  greater: broadcasting(anything),
  greater_equal: broadcasting(anything),
  select: fc.tuple(anything, arbShape()).chain(([dtype, shape]) =>
    fc
      .tuple(
        arbNarrower(shape).chain(narrow => arbValue('bool', narrow)),
        arbNarrower(shape).chain(narrow => arbValue(dtype, narrow)),
        arbNarrower(shape).chain(narrow => arbValue(dtype, narrow)),
      )
      .map(operands => ({ operands, attrs: {} })),
  ),
  reduce_sum: reduction(numbers),
  reduce_prod: reduction(numbers),
  reduce_max: reduction(anything),
  reduce_min: reduction(anything),
  argmax: along(numbers),
  argmin: along(numbers),
  reshape: shaped(anything, arbShape(), shape =>
    fc.constantFrom(
      { shape: [...shape].reverse() },
      { shape: [sizeOf(shape)] },
      { shape: [1, ...shape] },
      { shape: sizeOf(shape) > 0 ? [...shape.slice(1), -1] : shape },
    ),
  ),
  broadcast: fc
    .tuple(anything, arbShape())
    .chain(([dtype, shape]) => arbNarrower(shape).chain(narrow => arbValue(dtype, narrow).map(x => ({ operands: [x], attrs: { shape } })))),
  transpose: shaped(anything, arbShape(), shape =>
    fc
      .shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length, maxLength: shape.length },
      )
      .map(perm => ({ perm })),
  ),
  reverse: shaped(anything, arbShape(), shape => fc.subarray(shape.map((_, axis) => axis)).map(axes => ({ axes }))),
  concat: fc.tuple(anything, arbShape(1)).chain(([dtype, shape]) =>
    arbAxis(shape).chain(attrs =>
      fc
        .array(
          fc.integer({ min: 0, max: 3 }).chain(size => {
            const axis = (attrs.axis + shape.length) % shape.length
            return arbValue(
              dtype,
              shape.map((old, k) => (k === axis ? size : old)),
            )
          }),
          { minLength: 1, maxLength: 3 },
        )
        .map(operands => ({ operands, attrs })),
    ),
  ),
  slice: shaped(anything, arbShape(), shape => {
    const perAxis = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: shape.length, maxLength: shape.length })
    const bound = fc.integer({ min: -5, max: 5 })
    return fc.record({
      begin: perAxis(bound),
      end: perAxis(fc.option(bound)),
      strides: perAxis(fc.integer({ min: 1, max: 3 })),
    })
  }),
  pad: fc.tuple(anything, arbShape()).chain(([dtype, shape]) => {
    const cells = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: shape.length, maxLength: shape.length })
    return fc
      .tuple(arbValue(dtype, shape), arbValue(dtype, []), cells, cells)
      .map(([x, fill, low, high]) => ({ operands: [x, fill], attrs: { low, high } }))
  }),
  gather: gatherCase,
  scatter_add: fc.tuple(numbers, arbShape(1, 3, 1)).chain(([dtype, shape]) =>
    arbAxis(shape).chain(attrs => {
      const axis = (attrs.axis + shape.length) % shape.length
      return arbIndices(shape[axis] as number).chain(indices =>
        fc
          .tuple(arbValue(dtype, shape), arbValue(dtype, [...shape.slice(0, axis), ...indices.shape, ...shape.slice(axis + 1)]))
          .map(([x, updates]) => ({ operands: [x, indices, updates], attrs })),
      )
    }),
  ),
  matmul: fc
    .tuple(numbers, arbShape(0, 2), fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ min: 0, max: 3 }))))
    .chain(([dtype, lead, [m, k, n]]) =>
      fc
        .tuple(arbNarrower(lead), arbNarrower(lead))
        .chain(([a, b]) => fc.tuple(arbValue(dtype, [...a, m as number, k as number]), arbValue(dtype, [...b, k as number, n as number])))
        .map(operands => ({ operands, attrs: {} })),
    ),
  square: unary(numbers),
  reciprocal: unary(),
  relu: unary(numbers),
  relu6: unary(numbers),
  leaky_relu: one(float, fc.record({ slope: fc.constantFrom(0.2, 0.01) })),
  elu: one(float, fc.record({ alpha: fc.constantFrom(1, 0.5) })),
  selu: unary(),
  gelu: one(float, fc.record({ approximate: fc.boolean() })),
  silu: unary(),
  softplus: unary(),
  softsign: unary(),
  hard_sigmoid: unary(),
  mish: unary(),
  clip: one(numbers, fc.record({ min: fc.integer({ min: -3, max: 0 }), max: fc.integer({ min: 0, max: 3 }) })),
  reduce_mean: reduction(float),
  logsumexp: reduction(float),
  softmax: along(float),
  log_softmax: along(float),
  l2_normalize: shaped(float, arbShape(1, 3, 1), shape =>
    fc.record({ axis: fc.integer({ min: -shape.length, max: shape.length - 1 }), epsilon: fc.constant(1e-12) }),
  ),
  one_hot: one(someOf('int32'), fc.record({ depth: fc.integer({ min: 0, max: 4 }), dtype: anything })),
  batch_norm: arbShape(1, 3, 1).chain(shape =>
    arbAxis(shape).chain(({ axis }) => {
      const vector = arbValue('float32', [shape.at(axis) as number])
      return fc
        .tuple(arbValue('float32', shape), vector, vector, vector, vector)
        .map(operands => ({ operands, attrs: { axis, epsilon: 1e-3 } }))
    }),
  ),
  dropout: arbShape().chain(shape =>
    fc
      .tuple(arbValue('float32', shape), key, counter, arbNarrower(shape), fc.constantFrom(0, 0.3, 1))
      .map(([x, k, c, mask, rate]) => ({ operands: [x, k, c], attrs: { rate, shape: mask } })),
  ),
  conv: arbConv.chain(({ x, kernel, attrs }) =>
    fc.tuple(arbValue('float32', x), arbValue('float32', kernel)).map(operands => ({ operands, attrs })),
  ),
  window_max: windows(numbers),
  window_sum: windows(numbers),
  avg_pool: windows(float),
  resize: arbResize.chain(({ x, attrs }) => arbValue('float32', x).map(image => ({ operands: [image], attrs }))),
  normalize: standardised,
  rms_normalize: standardised,
  random_uniform: drawn,
  random_normal: drawn,
} satisfies { [K in EvaluatedName]: fc.Arbitrary<OpCase<K>> }

export const evaluatedOps = Object.keys(opCases) as EvaluatedName[]

/** A case of any op whose name is not known statically. */
export function caseOf(op: EvaluatedName): fc.Arbitrary<OpCase> {
  return opCases[op]
}
