// Arbitrary applications of every op: operands of any rank, broadcasting, unit axes, negative axes, odd values.

import fc from 'fast-check'
import { type DType, sizeOf } from '../../lib/ir/types.js'
import type { Axes, OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import type { StructuralName } from '../../lib/ops/commonOps.js'
import type { Value } from '../../lib/ops/op.js'
import { arbConv, arbResize, arbWindows } from '../support/arbWindows.js'
import { narrower, type Range, shapes, size, tamed, value } from './arbValue.js'

/** Operands and attributes that belong together. */
export interface Application<Attrs = OpAttrs[OpName]> {
  readonly operands: readonly Value[]
  readonly attrs: Attrs
}

export type ValueOp = Exclude<OpName, StructuralName>

type Cases<Attrs> = (range: Range) => fc.Arbitrary<Application<Attrs>>

function elementwise<Attrs>(chosen: fc.Arbitrary<Attrs>, dtypes: readonly DType[], arity = 1): Cases<Attrs> {
  return range =>
    fc
      .tuple(fc.constantFrom(...dtypes), shapes(), chosen)
      .chain(([dtype, shape, attrs]) =>
        fc
          .tuple(
            ...Array.from({ length: arity }, () =>
              (arity === 1 ? fc.constant(shape) : narrower(shape)).chain(part => value(dtype, part, range)),
            ),
          )
          .map(operands => ({ operands, attrs })),
      )
}

const numbers: readonly DType[] = ['float32', 'int32']
const anything: readonly DType[] = ['float32', 'int32', 'bool']
const float: readonly DType[] = ['float32']
const unary = (dtypes = float) => elementwise(fc.constant({}), dtypes)
const binary = (dtypes = float) => elementwise(fc.constant({}), dtypes, 2)

function reduction(dtypes: readonly DType[]): Cases<Axes> {
  return range =>
    fc
      .tuple(fc.constantFrom(...dtypes), shapes(), fc.boolean())
      .chain(([dtype, shape, keepdims]) =>
        fc
          .tuple(value(dtype, shape, range), fc.subarray(shape.map((_, axis) => axis)))
          .map(([x, axes]) => ({ operands: [x], attrs: { axes, keepdims } })),
      )
}

/** An axis of a tensor, counted from either end. */
function axisOf(rank: number): fc.Arbitrary<number> {
  return fc.integer({ min: -rank, max: rank - 1 })
}

function alongAxis(dtypes: readonly DType[]): Cases<{ axis: number }> {
  return range =>
    fc
      .tuple(fc.constantFrom(...dtypes), shapes(1))
      .chain(([dtype, shape]) =>
        fc.tuple(value(dtype, shape, range), axisOf(shape.length)).map(([x, axis]) => ({ operands: [x], attrs: { axis } })),
      )
}

function moved<Attrs>(attrs: (shape: readonly number[]) => fc.Arbitrary<Attrs>, minRank = 0): Cases<Attrs> {
  return range =>
    fc
      .tuple(fc.constantFrom(...anything), shapes(minRank))
      .chain(([dtype, shape]) =>
        fc.tuple(value(dtype, shape, range), attrs(shape)).map(([x, chosen]) => ({ operands: [x], attrs: chosen })),
      )
}

const perAxis = <T>(shape: readonly number[], one: (size: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.tuple(...shape.map(one))

const matrices: Cases<OpAttrs['matmul']> = range =>
  fc
    .tuple(fc.constantFrom(...numbers), shapes(0, 3), fc.tuple(size, size, size))
    .chain(([dtype, lead, [m, k, n]]) =>
      fc
        .tuple(narrower(lead), narrower(lead))
        .chain(([left, right]) =>
          fc
            .tuple(value(dtype, [...left, m, k], range), value(dtype, [...right, k, n], range))
            .map(([a, b]) => ({ operands: [a, b], attrs: {} })),
        ),
    )

const slices: Cases<OpAttrs['slice']> = moved(shape =>
  perAxis(shape, extent =>
    fc
      .tuple(fc.integer({ min: 0, max: extent - 1 }), fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.boolean())
      .chain(([begin, step, negative, open]) =>
        fc
          .integer({ min: begin + 1, max: extent })
          .map(end => ({ begin: negative ? begin - extent : begin, end: open ? null : end, step })),
      ),
  ).map(parts => ({ begin: parts.map(part => part.begin), end: parts.map(part => part.end), strides: parts.map(part => part.step) })),
)

const pads: Cases<OpAttrs['pad']> = range =>
  fc.tuple(fc.constantFrom(...anything), shapes()).chain(([dtype, shape]) => {
    const cells = perAxis(shape, () => fc.integer({ min: 0, max: 2 }))
    return fc
      .tuple(value(dtype, shape, range), value(dtype, [], range), cells, cells)
      .map(([x, fill, low, high]) => ({ operands: [x, fill], attrs: { low, high } }))
  })

const gathers: Cases<OpAttrs['gather']> = range =>
  fc
    .tuple(fc.constantFrom(...anything), shapes(1, 4), shapes(0, 2))
    .chain(([dtype, shape, list]) =>
      fc
        .tuple(value(dtype, shape, range), value('int32', list, range), axisOf(shape.length))
        .map(([x, at, axis]) => ({ operands: [x, at], attrs: { axis } })),
    )

const scatters: Cases<OpAttrs['scatter_add']> = range =>
  fc.tuple(fc.constantFrom(...numbers), shapes(1, 3), shapes(0, 2)).chain(([dtype, shape, list]) =>
    axisOf(shape.length).chain(axis => {
      const at = axis < 0 ? axis + shape.length : axis
      const updates = [...shape.slice(0, at), ...list, ...shape.slice(at + 1)]
      return fc
        .tuple(value(dtype, shape, range), value('int32', list, range), value(dtype, updates, range))
        .map(operands => ({ operands, attrs: { axis } }))
    }),
  )

const selects: Cases<OpAttrs['select']> = range =>
  fc.tuple(fc.constantFrom(...anything), shapes()).chain(([dtype, shape]) =>
    fc
      .tuple(narrower(shape), narrower(shape), narrower(shape))
      .chain(([c, t, e]) => fc.tuple(value('bool', c, range), value(dtype, t, range), value(dtype, e, range)))
      .map(operands => ({ operands, attrs: {} })),
  )

const norms: Cases<OpAttrs['batch_norm']> = range =>
  shapes(1).chain(shape =>
    axisOf(shape.length).chain(axis => {
      const vector = [shape.at(axis) as number]
      const [any, positive] = [value('float32', vector, range), value('float32', vector, 'positive')]
      return fc
        .tuple(value('float32', shape, range), any, any, any, positive)
        .map(operands => ({ operands, attrs: { axis, epsilon: 1e-3 } }))
    }),
  )

const windows =
  (dtypes: readonly DType[]): Cases<OpAttrs['window_max']> =>
  range =>
    fc
      .tuple(fc.constantFrom(...dtypes), arbWindows)
      .chain(([dtype, { x, attrs }]) => value(dtype, x, range).map(image => ({ operands: [image], attrs })))

/** Of plain values: where a few huge ones nearly equal their mean, what is left of them depends on the order of the sum. */
const standardised: Cases<OpAttrs['normalize']> = () =>
  reduction(float)('plain').map(({ operands, attrs: { axes } }) => ({ operands, attrs: { axes, epsilon: 1e-3 } }))

const drawn: Cases<OpAttrs['random_normal']> = () =>
  fc.tuple(key, shapes()).map(([words, shape]) => ({ operands: words, attrs: { shape } }))

const key = fc.tuple(value('int32', [2], 'plain'), value('int32', [], 'plain'))

/** Every op that has a value of its own. */
export const applications = {
  constant: range =>
    fc
      .tuple(fc.constantFrom(...anything), shapes(), fc.boolean())
      .chain(([dtype, shape, splat]) =>
        value(dtype, splat ? [] : shape, range).map(({ data }) => ({ operands: [], attrs: { data: [...data], dtype, shape } })),
      ),
  iota: () =>
    fc
      .tuple(fc.constantFrom(...anything), shapes(1))
      .chain(([dtype, shape]) =>
        fc.integer({ min: 0, max: shape.length - 1 }).map(axis => ({ operands: [], attrs: { axis, dtype, shape } })),
      ),
  random_bits: () => fc.tuple(key, shapes()).map(([operands, shape]) => ({ operands, attrs: { shape } })),
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
  logical_not: unary(['bool']),
  cast: elementwise(
    fc.constantFrom(...anything).map(dtype => ({ dtype })),
    anything,
  ),
  add: binary(numbers),
  subtract: binary(numbers),
  multiply: binary(numbers),
  divide: binary(),
  floor_divide: binary(numbers),
  mod: binary(numbers),
  power: binary(numbers),
  maximum: binary(anything),
  minimum: binary(anything),
  logical_and: binary(['bool']),
  logical_or: binary(['bool']),
  shift_right_logical: binary(['int32']),
  equal: binary(anything),
  not_equal: binary(anything),
  less: binary(anything),
  less_equal: binary(anything),
  greater: binary(anything),
  greater_equal: binary(anything),
  select: selects,
  reduce_sum: reduction(numbers),
  // NaN and infinities among numbers whose products stay small in any order
  reduce_prod: range => reduction(numbers)(range).map(({ operands: [x], attrs }) => ({ operands: [tamed(x as Value)], attrs })),
  reduce_max: reduction(anything),
  reduce_min: reduction(anything),
  argmax: alongAxis(anything),
  argmin: alongAxis(anything),
  reshape: moved(shape =>
    fc.shuffledSubarray([...shape, 1], { minLength: shape.length, maxLength: shape.length + 1 }).map(part => {
      const rest = sizeOf(shape) / sizeOf(part)
      return { shape: Number.isInteger(rest) ? [...part, rest] : [-1] }
    }),
  ),
  broadcast: range =>
    fc
      .tuple(fc.constantFrom(...anything), shapes())
      .chain(([dtype, shape]) => narrower(shape).chain(part => value(dtype, part, range).map(x => ({ operands: [x], attrs: { shape } })))),
  transpose: moved(shape =>
    fc
      .shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length },
      )
      .map(perm => ({ perm })),
  ),
  reverse: moved(shape => fc.subarray(shape.map((_, axis) => axis)).map(axes => ({ axes }))),
  concat: range =>
    fc.tuple(fc.constantFrom(...anything), shapes(1, 4), fc.array(size, { minLength: 1, maxLength: 3 })).chain(([dtype, shape, parts]) =>
      axisOf(shape.length).chain(axis => {
        const at = axis < 0 ? axis + shape.length : axis
        return fc.tuple(...parts.map(part => value(dtype, shape.with(at, part), range))).map(operands => ({ operands, attrs: { axis } }))
      }),
    ),
  slice: slices,
  pad: pads,
  gather: gathers,
  scatter_add: scatters,
  matmul: matrices,
  square: unary(numbers),
  reciprocal: unary(),
  relu: unary(numbers),
  relu6: unary(numbers),
  leaky_relu: elementwise(
    fc.constantFrom(0.2, 0, 1.5, -1).map(slope => ({ slope })),
    float,
  ),
  elu: elementwise(
    fc.constantFrom(1, 0.5).map(alpha => ({ alpha })),
    float,
  ),
  selu: unary(),
  gelu: elementwise(
    fc.boolean().map(approximate => ({ approximate })),
    float,
  ),
  silu: unary(),
  softplus: unary(),
  softsign: unary(),
  hard_sigmoid: unary(),
  mish: unary(),
  clip: elementwise(fc.constantFrom({ min: -1, max: 2 }, { min: 0, max: 1 }), numbers),
  reduce_mean: reduction(float),
  logsumexp: reduction(float),
  softmax: alongAxis(float),
  log_softmax: alongAxis(float),
  l2_normalize: range => alongAxis(float)(range).map(({ operands, attrs }) => ({ operands, attrs: { ...attrs, epsilon: 1e-12 } })),
  one_hot: () =>
    fc
      .tuple(fc.constantFrom(...anything), shapes(0, 3), size)
      .chain(([dtype, shape, depth]) => value('int32', shape, 'plain').map(x => ({ operands: [x], attrs: { depth, dtype } }))),
  batch_norm: norms,
  dropout: range =>
    fc
      .tuple(shapes(), key, fc.constantFrom(0, 0.3, 1))
      .chain(([shape, words, rate]) =>
        fc
          .tuple(value('float32', shape, range), narrower(shape))
          .map(([x, noise]) => ({ operands: [x, ...words], attrs: { rate, shape: noise } })),
      ),
  conv: range =>
    arbConv.chain(({ x, kernel, attrs }) =>
      fc.tuple(value('float32', x, range), value('float32', kernel, range)).map(operands => ({ operands, attrs })),
    ),
  window_max: windows(numbers),
  window_sum: windows(numbers),
  avg_pool: windows(float),
  resize: range => arbResize.chain(({ x, attrs }) => value('float32', x, range).map(image => ({ operands: [image], attrs }))),
  normalize: standardised,
  rms_normalize: standardised,
  random_uniform: drawn,
  random_normal: drawn,
} satisfies { [K in ValueOp]: Cases<OpAttrs[K]> }

/** Applications of one op, as callers that only know its name see them. */
export function applicationsOf(op: ValueOp, range: Range): fc.Arbitrary<Application> {
  const cases: (range: Range) => fc.Arbitrary<Application> = applications[op]
  return cases(range)
}

export const valueOps = Object.keys(applications) as ValueOp[]
