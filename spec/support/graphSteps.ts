// The ordinary steps that random graphs are made of.

import type { Shape, Size, TensorType } from '../../lib/ir/types.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import type { GraphMaker, Picks, Step } from './graphMaker.js'
import { imageSteps } from './imageSteps.js'

const row: TensorType = { dtype: 'float32', shape: ['batch', 4] }
const sequence: TensorType = { dtype: 'float32', shape: ['batch', 'time', 4] }
const isFloat = (type: TensorType) => type.dtype === 'float32'
const isNumber = (type: TensorType) => type.dtype !== 'bool'
const hasAxes = (count: number) => (type: TensorType) => isFloat(type) && type.shape.length >= count
const isDense = (type: TensorType) => isFloat(type) && type.shape.length >= 2 && typeof type.shape.at(-1) === 'number'

const weight = (maker: GraphMaker, stem: string, shape: Shape) => maker.variable(stem, { dtype: 'float32', shape }, 'weight')
const scalar = (maker: GraphMaker, picks: Picks, like: TracedTensor) =>
  maker.emit('constant', [], { data: [picks.of([2, 0, -1, 1, 0.5, 3])], dtype: like.type.dtype, shape: [] })

/** An operand that broadcasts with another whatever the sizes turn out to be. */
function partner(maker: GraphMaker, picks: Picks, like: TracedTensor): TracedTensor {
  const { dtype, shape } = like.type
  const fits = (type: TensorType) =>
    type.dtype === dtype &&
    type.shape.length <= shape.length &&
    type.shape.every((size, k) => size === 1 || size === shape[k + shape.length - type.shape.length])
  return maker.take(picks, like.type, fits)
}

const unary =
  (...ops: readonly ('exp' | 'abs' | 'negate' | 'tanh' | 'relu' | 'sigmoid' | 'sign' | 'floor' | 'square' | 'sin' | 'softplus')[]): Step =>
  (maker, picks) => {
    maker.add(picks.of(ops), [maker.take(picks, row, isFloat)], {})
  }

const binary =
  (
    fits: (type: TensorType) => boolean,
    ...ops: readonly (
      | 'add'
      | 'subtract'
      | 'multiply'
      | 'divide'
      | 'maximum'
      | 'minimum'
      | 'power'
      | 'less'
      | 'greater_equal'
      | 'equal'
      | 'mod'
    )[]
  ): Step =>
  (maker, picks) => {
    const op = picks.of(ops)
    const x = maker.take(picks, row, fits)
    const y = picks.next(4) === 3 ? scalar(maker, picks, x) : partner(maker, picks, x)
    maker.add(op, picks.next(2) === 1 ? [y, x] : [x, y], {})
  }

const dense: Step = (maker, picks) => {
  const x = maker.take(picks, row, isDense)
  const size = x.type.shape.at(-1) as number
  const units = picks.of([4, 3])
  const product = maker.emit('matmul', [x, weight(maker, 'kernel', [size, units])], {})
  const shifted = picks.next(3) === 0 ? product : maker.emit('add', [product, weight(maker, 'bias', [units])], {})
  maker.pool.push(picks.next(2) === 0 ? shifted : maker.emit('relu', [shifted], {}))
}

const batchNorm: Step = (maker, picks) => {
  const x = maker.take(picks, row, type => isDense(type) || (isFloat(type) && typeof type.shape[1] === 'number'))
  const axis = typeof x.type.shape.at(-1) === 'number' && picks.next(3) < 2 ? x.type.shape.length - 1 : 1
  const size = x.type.shape[axis]
  if (typeof size !== 'number') return
  const vectors = ['gamma', 'beta', 'mean', 'variance'].map(name => weight(maker, name, [size]))
  maker.add('batch_norm', [x, ...vectors], { axis, epsilon: 0.001 })
}

/** Per-channel arithmetic by weights. */
const affine: Step = (maker, picks) => {
  const x = maker.take(picks, row, isDense)
  maker.add(picks.of(['multiply', 'add', 'subtract']), [x, weight(maker, picks.of(['scale', 'shift']), [x.type.shape.at(-1) ?? 1])], {})
}

/** A scale or shift of images, flattened into a dense layer. */
const flattened: Step = (maker, picks) => {
  const x = maker.take(picks, { dtype: 'float32', shape: ['batch', picks.of([2, 3]), 4] })
  const [batch = 1, rows = 1, columns = 1] = x.type.shape
  const vector = weight(maker, 'scale', picks.of<Shape>([[columns], [rows, columns], []]))
  const scaled = maker.emit(picks.of(['multiply', 'add']), [x, vector], {})
  const size = Number(rows) * Number(columns)
  const flat = maker.emit('reshape', [scaled], { shape: [batch, size] })
  maker.add('matmul', [flat, weight(maker, 'kernel', [size, 3])], {})
}

/** Splits or joins the axes after the first, if their sizes are known. */
const reshape: Step = (maker, picks) => {
  const x = maker.take(picks, row, type => type.shape.length >= 2 && type.shape.slice(1).every(size => typeof size === 'number'))
  const [batch = 1, ...rest] = x.type.shape
  const size = rest.reduce<number>((product, each) => product * Number(each), 1)
  const target = picks.of<Shape>([[batch, size], [batch, 1, size], size % 2 === 0 ? [batch, 2, size / 2] : [size, batch], [-1]])
  maker.add('reshape', [x], { shape: target })
}

const transpose: Step = (maker, picks) => {
  const x = maker.take(picks, sequence, hasAxes(2))
  const axes = x.type.shape.map((_, axis) => axis)
  const turn = picks.next(axes.length)
  maker.add('transpose', [x], { perm: picks.next(2) === 0 ? [...axes].reverse() : [...axes.slice(turn), ...axes.slice(0, turn)] })
}

const repeat: Step = (maker, picks) => {
  const x = maker.take(picks, row, type => type.shape.length === 2)
  const [batch = 1, features = 1] = x.type.shape
  const column = maker.emit('reshape', [x], { shape: [batch, 1, features] })
  maker.add('broadcast', [column], { shape: [batch, picks.of([3, 2, 1]), features] })
}

/** Applies a step's op to what it just made: chains are what many rules fold. */
const twice =
  (apply: (maker: GraphMaker, picks: Picks, x: TracedTensor) => TracedTensor, fits: (type: TensorType) => boolean, fallback = row): Step =>
  (maker, picks) => {
    const first = apply(maker, picks, maker.take(picks, fallback, fits))
    maker.pool.push(apply(maker, picks, first))
    if (picks.next(3) === 2) maker.pool.push(first)
  }

/** A cut of every axis; unknown ones are mostly left whole, or no two cuts would fold. */
const sliceOf = (maker: GraphMaker, picks: Picks, x: TracedTensor): TracedTensor => {
  const cuts = x.type.shape.map(size => {
    if (typeof size === 'string' && picks.next(4) < 3) return { begin: 0, end: null, stride: 1 }
    return { begin: picks.of([0, 1, -3]), end: picks.of([null, null, 3, 9, -1]), stride: picks.of([2, 1, 3]) }
  })
  const attrs = { begin: cuts.map(cut => cut.begin), end: cuts.map(cut => cut.end), strides: cuts.map(cut => cut.stride) }
  return maker.emit('slice', [x], attrs)
}

const concat: Step = (maker, picks) => {
  const x = maker.take(picks, row, hasAxes(1))
  const other = maker.take(picks, x.type)
  maker.add('concat', [x, other, x].slice(0, picks.of([2, 3, 1])), { axis: picks.of([-1, 0]) })
}

const padOf = (maker: GraphMaker, picks: Picks, x: TracedTensor): TracedTensor => {
  const [low, high] = [x.type.shape.map(() => picks.next(2)), x.type.shape.map(() => picks.next(3))]
  return maker.emit('pad', [x, scalar(maker, picks, x)], { low, high })
}

const gather: Step = (maker, picks) => {
  const isFull = (size: Size) => typeof size === 'number' && size > 0
  const x = maker.take(picks, row, type => isFloat(type) && type.shape.some(isFull))
  const axes = x.type.shape.map((_, axis) => axis).filter(axis => isFull(x.type.shape[axis] ?? 0))
  const indices = maker.emit('constant', [], { data: [0, 2, 1], dtype: 'int32', shape: [3] })
  maker.add('gather', [x, indices], { axis: picks.of(axes) })
}

const reduce =
  (...ops: readonly ('reduce_sum' | 'reduce_max' | 'reduce_min' | 'reduce_mean')[]): Step =>
  (maker, picks) => {
    const x = maker.take(picks, row, hasAxes(1))
    maker.add(picks.of(ops), [x], { axes: [picks.next(x.type.shape.length)], keepdims: picks.next(2) === 1 })
  }

const softmax: Step = (maker, picks) => {
  maker.add('softmax', [maker.take(picks, row, hasAxes(1))], { axis: -1 })
}

const castOf = (maker: GraphMaker, picks: Picks, x: TracedTensor): TracedTensor =>
  maker.emit('cast', [x], { dtype: picks.of(['int32', 'bool', 'float32']) })

const select: Step = (maker, picks) => {
  const x = maker.take(picks, row, isNumber)
  const condition = maker.emit('less', [x, partner(maker, picks, x)], {})
  maker.add('select', [condition, x, partner(maker, picks, x)], {})
}

/** Integers are in total order, so that the negation of each comparison is another one. */
const negatedComparison: Step = (maker, picks) => {
  const x = maker.take(picks, { dtype: 'int32', shape: ['batch', 4] }, type => type.dtype === 'int32')
  const compared = maker.emit(picks.of(['less', 'less_equal', 'greater', 'greater_equal']), [x, partner(maker, picks, x)], {})
  maker.add('logical_not', [compared], {})
}

/** A dropout layer: a mask drawn in training, with a counter that advances. */
const dropout: Step = (maker, picks) => {
  const x = maker.take(picks, row, isFloat)
  const type: TensorType = { dtype: 'int32', shape: [] }
  const counter = maker.variable('counter', type, 'counter')
  const key = maker.emit('constant', [], { data: [picks.next(3), 7], dtype: 'int32', shape: [2] })
  const noise = x.type.shape.map(size => (picks.next(4) === 3 ? 1 : size))
  const dropped = maker.emit('dropout', [x, key, counter], { rate: picks.of([0.5, 0.25, 0]), shape: noise })
  maker.add('phase', [dropped, x], {})
  maker.update('counter counter int32[]', maker.emit('add', [counter, maker.emit('constant', [], { data: [1], ...type })], {}))
}

const penalty: Step = (maker, picks) => {
  const x = maker.take(picks, row, isFloat)
  maker.loss(maker.emit('reduce_sum', [maker.emit('square', [x], {})], { axes: x.type.shape.map((_, axis) => axis), keepdims: false }))
}

/** Recurrent state: what this run computes is what the next one reads. */
const state: Step = (maker, picks) => {
  const x = maker.take(picks, row, type => isFloat(type) && type.shape.length === 2 && type.shape[1] === 4)
  const type: TensorType = { dtype: 'float32', shape: [4] }
  const memory = maker.variable('memory', type, 'state')
  const next = maker.add('add', [x, memory], {})
  maker.update('memory state float32[4]', maker.emit('reduce_max', [next], { axes: [0], keepdims: false }))
}

/** A mean over unknown sizes, as a decomposition writes it: its attribute names a size that nothing in it reads. */
const countedMean: Step = (maker, picks) => {
  const x = maker.take(picks, sequence, hasAxes(2))
  const axes = [1]
  const one = maker.emit('constant', [], { data: [1], dtype: 'float32', shape: [] })
  const ones = maker.emit('broadcast', [one], { shape: [x.type.shape[1] ?? 1] })
  const count = maker.emit('reduce_sum', [ones], { axes: [0], keepdims: false })
  maker.add('divide', [maker.emit('reduce_sum', [x], { axes, keepdims: false }), count], {})
}

/** A constant of the shape of a value that nothing else needs. */
const zerosLike: Step = (maker, picks) => {
  const x = maker.take(picks, row)
  const flat = maker.emit('reshape', [x], { shape: [-1] })
  const zero = maker.emit('constant', [], { data: [0], dtype: 'float32', shape: [] })
  maker.add('broadcast', [zero], { shape: flat.type.shape })
}

const input: Step = (maker, picks) => {
  maker.input(picks.of<TensorType>([sequence, row, { dtype: 'int32', shape: ['batch', 4] }, { dtype: 'bool', shape: ['batch', 4] }]))
}

/** Steps whose values move a little when their operands do. */
export const smoothSteps: readonly Step[] = [
  unary('tanh', 'relu', 'sigmoid', 'abs', 'negate', 'softplus'),
  binary(isFloat, 'add', 'subtract', 'multiply', 'maximum'),
  dense,
  dense,
  batchNorm,
  batchNorm,
  affine,
  affine,
  flattened,
  reshape,
  reshape,
  repeat,
  reduce('reduce_sum', 'reduce_mean'),
  softmax,
  input,
  ...imageSteps,
]

export const steps: readonly Step[] = [
  ...smoothSteps,
  unary('exp', 'sign', 'floor', 'square', 'sin'),
  binary(isNumber, 'add', 'subtract', 'multiply', 'less', 'greater_equal', 'equal', 'mod'),
  binary(isFloat, 'divide', 'power', 'minimum'),
  transpose,
  twice(sliceOf, hasAxes(1)),
  twice(sliceOf, type => Number(type.shape.at(-1)) > 6, { dtype: 'float32', shape: ['batch', 9] }),
  twice(padOf, hasAxes(1)),
  twice(castOf, () => true),
  concat,
  gather,
  reduce('reduce_max', 'reduce_min'),
  select,
  negatedComparison,
  dropout,
  dropout,
  penalty,
  state,
  countedMean,
  zerosLike,
]
