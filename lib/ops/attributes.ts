// What each op's attributes must look like: checked once when a graph comes from text or a file.

import { VerifyError } from '../ir/errors.js'
import { dtypes } from '../ir/types.js'
import type { OpAttrs, OpName, ResizeMethod } from '../ir/vocabulary.js'

const whole = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value)
const list = (test: (item: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(test)

export const resizeMethods = ['nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5'] as const satisfies readonly ResizeMethod[]

const kinds = {
  number: value => typeof value === 'number',
  int: whole,
  count: value => whole(value) && value >= 0,
  boolean: value => typeof value === 'boolean',
  string: value => typeof value === 'string',
  dtype: value => dtypes.some(dtype => dtype === value),
  ints: list(whole),
  numbers: list(value => typeof value === 'number'),
  ends: list(value => value === null || whole(value)),
  positives: list(value => whole(value) && value >= 1),
  padding: value => value === 'same' || list(pair => list(whole)(pair) && (pair as unknown[]).length === 2)(value),
  method: value => resizeMethods.some(method => method === value),
  /** Sizes ≥ 0 or symbols. */
  shape: list(value => (whole(value) && value >= 0) || typeof value === 'string'),
  /** A shape with −1 where a reshape infers the size. */
  target: list(value => (whole(value) && value >= -1) || typeof value === 'string'),
} satisfies Record<string, (value: unknown) => boolean>

type Kind = keyof typeof kinds

const leaf = { dtype: 'dtype', shape: 'shape' } as const
const axes = { axes: 'ints', keepdims: 'boolean' } as const
const axis = { axis: 'int' } as const
const windows = { window: 'positives', strides: 'positives', padding: 'padding' } as const
const none = {} as const

/** The kind of every attribute of every op. */
export const attributeKinds = {
  input: { name: 'string', ...leaf },
  variable: { name: 'string', ...leaf },
  constant: { data: 'numbers', ...leaf },
  iota: { axis: 'int', ...leaf },
  random_bits: { shape: 'shape' },
  negate: none,
  abs: none,
  sign: none,
  exp: none,
  expm1: none,
  log: none,
  log1p: none,
  sqrt: none,
  rsqrt: none,
  sin: none,
  cos: none,
  tanh: none,
  sigmoid: none,
  erf: none,
  normal_cdf: none,
  floor: none,
  ceil: none,
  round: none,
  is_nan: none,
  is_finite: none,
  logical_not: none,
  cast: { dtype: 'dtype' },
  add: none,
  subtract: none,
  multiply: none,
  divide: none,
  floor_divide: none,
  mod: none,
  power: none,
  maximum: none,
  minimum: none,
  logical_and: none,
  logical_or: none,
  shift_right_logical: none,
  equal: none,
  not_equal: none,
  less: none,
  less_equal: none,
  greater: none,
  greater_equal: none,
  select: none,
  reduce_sum: axes,
  reduce_prod: axes,
  reduce_max: axes,
  reduce_min: axes,
  argmax: axis,
  argmin: axis,
  reshape: { shape: 'target' },
  broadcast: { shape: 'shape' },
  transpose: { perm: 'ints' },
  reverse: { axes: 'ints' },
  concat: axis,
  slice: { begin: 'ints', end: 'ends', strides: 'ints' },
  pad: { low: 'ints', high: 'ints' },
  gather: axis,
  scatter_add: axis,
  matmul: none,
  conv: { strides: 'positives', padding: 'padding', inputDilation: 'positives', kernelDilation: 'positives', groups: 'int' },
  window_max: windows,
  window_sum: windows,
  phase: none,
  get: { index: 'count' },
  fused: { kind: 'string' },
  scan: { carries: 'count', sequences: 'count', reverse: 'boolean' },
  square: none,
  reciprocal: none,
  relu: none,
  relu6: none,
  leaky_relu: { slope: 'number' },
  elu: { alpha: 'number' },
  selu: none,
  gelu: { approximate: 'boolean' },
  silu: none,
  softplus: none,
  softsign: none,
  hard_sigmoid: none,
  mish: none,
  clip: { min: 'number', max: 'number' },
  reduce_mean: axes,
  logsumexp: axes,
  softmax: axis,
  log_softmax: axis,
  l2_normalize: { axis: 'int', epsilon: 'number' },
  one_hot: { depth: 'count', dtype: 'dtype' },
  batch_norm: { axis: 'int', epsilon: 'number' },
  dropout: { rate: 'number', shape: 'shape' },
  random_uniform: { shape: 'shape' },
  random_normal: { shape: 'shape' },
  avg_pool: windows,
  resize: { factors: 'positives', method: 'method' },
  normalize: { axes: 'ints', epsilon: 'number' },
  rms_normalize: { axes: 'ints', epsilon: 'number' },
} satisfies { [K in OpName]: { [A in keyof OpAttrs[K]]: Kind } }

/** @throws VerifyError when an attribute is missing, unknown or of the wrong kind. */
export function checkAttributes(id: string, op: OpName, attrs: Readonly<Record<string, unknown>>): void {
  const wanted: Readonly<Record<string, Kind>> = attributeKinds[op]
  for (const [name, kind] of Object.entries(wanted)) {
    if (!kinds[kind](attrs[name])) {
      throw new VerifyError(`"${id}" (${op}): attribute ${name} should be ${kind}, got ${JSON.stringify(attrs[name]) ?? 'nothing'}`)
    }
  }
  const extra = Object.keys(attrs).find(name => !Object.hasOwn(wanted, name))
  if (extra !== undefined) throw new VerifyError(`"${id}" (${op}): there is no attribute ${extra}`)
}
