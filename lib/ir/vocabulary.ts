// The words of the graph language: every op's name and the static attributes it carries.

import type { DType, Shape } from './types.js'

// biome-ignore lint/complexity/noBannedTypes: an op without attributes has exactly {}
type None = {}

export interface Axes {
  readonly axes: readonly number[]
  readonly keepdims: boolean
}

/** What lies around each spatial axis, as [low, high]; negative cuts off. `same` is TensorFlow's: ⌈size / stride⌉ results. */
export type Padding = 'same' | readonly (readonly [number, number])[]

/** Windows over the spatial axes of [batch, ...spatial, channels]. */
export interface Windows {
  readonly window: readonly number[]
  readonly strides: readonly number[]
  readonly padding: Padding
}

/** How an axis is resampled. */
export type ResizeMethod = 'nearest' | 'bilinear' | 'bicubic' | 'lanczos3' | 'lanczos5'

/**
 * Ops that every backend must run. Attributes are JSON; `shape` always holds sizes, which `specialise` binds.
 * The meaning of each is in lib/ops.
 */
export interface PrimitiveAttrs {
  // leaves
  input: { readonly name: string; readonly dtype: DType; readonly shape: Shape }
  variable: { readonly name: string; readonly dtype: DType; readonly shape: Shape }
  /** Row-major values; a single value fills the shape. */
  constant: { readonly data: readonly number[]; readonly dtype: DType; readonly shape: Shape }
  iota: { readonly axis: number; readonly dtype: DType; readonly shape: Shape }
  random_bits: { readonly shape: Shape }
  // elementwise, one operand
  negate: None
  abs: None
  sign: None
  exp: None
  expm1: None
  log: None
  log1p: None
  sqrt: None
  rsqrt: None
  sin: None
  cos: None
  tanh: None
  sigmoid: None
  erf: None
  normal_cdf: None
  floor: None
  ceil: None
  round: None
  is_nan: None
  is_finite: None
  logical_not: None
  cast: { readonly dtype: DType }
  // elementwise, two operands, NumPy broadcasting
  add: None
  subtract: None
  multiply: None
  divide: None
  floor_divide: None
  mod: None
  power: None
  maximum: None
  minimum: None
  logical_and: None
  logical_or: None
  shift_right_logical: None
  equal: None
  not_equal: None
  less: None
  less_equal: None
  greater: None
  greater_equal: None
  // elementwise, three operands
  select: None
  // reductions
  reduce_sum: Axes
  reduce_prod: Axes
  reduce_max: Axes
  reduce_min: Axes
  argmax: { readonly axis: number }
  argmin: { readonly axis: number }
  // data movement
  reshape: { readonly shape: Shape }
  broadcast: { readonly shape: Shape }
  transpose: { readonly perm: readonly number[] }
  reverse: { readonly axes: readonly number[] }
  concat: { readonly axis: number }
  /** Python's slice per axis: negative bounds count from the end, a null `end` is the end; strides ≥ 1. */
  slice: { readonly begin: readonly number[]; readonly end: readonly (number | null)[]; readonly strides: readonly number[] }
  pad: { readonly low: readonly number[]; readonly high: readonly number[] }
  gather: { readonly axis: number }
  scatter_add: { readonly axis: number }
  // contraction
  matmul: None
  /** XLA's general convolution, channels last; one entry per spatial axis in each list. */
  conv: {
    readonly strides: readonly number[]
    readonly padding: Padding
    /** Distance of neighbouring elements of the operand: above 1, zeros lie between them. */
    readonly inputDilation: readonly number[]
    /** Distance of neighbouring taps of the kernel. */
    readonly kernelDilation: readonly number[]
    readonly groups: number
  }
  // windows
  window_max: Windows
  window_sum: Windows
  // mode, tuples, regions
  phase: None
  get: { readonly index: number }
  fused: { readonly kind: string }
  scan: { readonly carries: number; readonly sequences: number; readonly reverse: boolean }
}

/** Ops that are defined by what they decompose into; a backend may have a direct kernel. */
export interface CompositeAttrs {
  square: None
  reciprocal: None
  relu: None
  relu6: None
  leaky_relu: { readonly slope: number }
  elu: { readonly alpha: number }
  selu: None
  gelu: { readonly approximate: boolean }
  silu: None
  softplus: None
  softsign: None
  hard_sigmoid: None
  mish: None
  clip: { readonly min: number; readonly max: number }
  reduce_mean: Axes
  logsumexp: Axes
  softmax: { readonly axis: number }
  log_softmax: { readonly axis: number }
  l2_normalize: { readonly axis: number; readonly epsilon: number }
  one_hot: { readonly depth: number; readonly dtype: DType }
  batch_norm: { readonly axis: number; readonly epsilon: number }
  dropout: { readonly rate: number; readonly shape: Shape }
  random_uniform: { readonly shape: Shape }
  random_normal: { readonly shape: Shape }
  avg_pool: Windows
  /** Each spatial axis grows by a whole factor. */
  resize: { readonly factors: readonly number[]; readonly method: ResizeMethod }
  normalize: { readonly axes: readonly number[]; readonly epsilon: number }
  rms_normalize: { readonly axes: readonly number[]; readonly epsilon: number }
}

export interface OpAttrs extends PrimitiveAttrs, CompositeAttrs {}

export type PrimitiveName = keyof PrimitiveAttrs
export type CompositeName = keyof CompositeAttrs
export type OpName = keyof OpAttrs
