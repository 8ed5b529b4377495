// conv as tfjs kernels: two-dimensional ones where they fit, with what they lack done to the operands before.

import type { OpAttrs, OpName } from '../../../lib/ir/vocabulary.js'
import { convSliding } from '../../../lib/ops/primitives/conv.js'
import { stridesOf } from '../../../lib/ops/shapes.js'
import { extentOf, paddings } from '../../../lib/ops/windows.js'
import { copyLoop } from '../loops.js'
import { at, type ConcreteType, type KernelWriter, type Lowering } from '../lowering.js'
import type { Operand } from '../plan.js'
import type { Activation } from './contraction.js'

/** Cells around each spatial axis, as [low, high]. */
type Pads = readonly (readonly [number, number])[]

/** What a fused kernel does to the sum. */
export interface Tail {
  readonly bias: Operand | undefined
  readonly activation: Activation
}

/** A convolution whose operand has neither holes nor cut borders. */
interface Dense {
  readonly x: Operand
  readonly kernel: Operand
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly pads: Pads
  readonly result: ConcreteType
}

/** Whether one kernel computes it, so that it can add a bias and apply an activation too. */
export function isOneConvKernel(engine: KernelWriter['engine'], x: Operand, attrs: OpAttrs['conv']): boolean {
  return x.shape.length <= 4 && (attrs.groups === 1 || isDepthwise(engine, x, attrs))
}

/** activation(conv(x, kernel) + bias) in one call; only where `isOneConvKernel`. */
export function fusedConv(
  w: KernelWriter,
  [x, kernel]: readonly [Operand, Operand],
  attrs: OpAttrs['conv'],
  tail: Tail,
  result: ConcreteType,
): Operand {
  return conv2d(w, prepared(w, x, kernel, attrs, result), isDepthwise(w.engine, x, attrs), tail)
}

/** Whether each channel has filters of its own. On cpu that kernel takes no strides beside dilations. */
function isDepthwise(engine: KernelWriter['engine'], x: Operand, { groups, strides, kernelDilation }: OpAttrs['conv']): boolean {
  const both = strides.some(stride => stride > 1) && kernelDilation.some(dilation => dilation > 1)
  return groups > 1 && groups === x.shape.at(-1) && !(engine === 'cpu' && both)
}

/** Makes the operand dense; leaves to the kernels the padding they can do: of the last two axes, if it cuts nothing off. */
function prepared(w: KernelWriter, x: Operand, kernel: Operand, attrs: OpAttrs['conv'], result: ConcreteType): Dense {
  const { inputDilation, strides, kernelDilation } = attrs
  const wide = x.shape.slice(1, -1).map((size, axis) => extentOf(size, inputDilation[axis] as number))
  const pads = paddings(convSliding(kernel.shape, attrs), wide)
  const none = [0, 0] as const
  const plain = inputDilation.every(dilation => dilation === 1) && pads.flat().every(cells => cells >= 0)
  const left = pads.map((pair, axis) => (plain && axis >= pads.length - 2 ? pair : none))
  const done = pads.map((pair, axis) => (left[axis] === pair ? none : pair))
  return { x: spread(w, x, inputDilation, wide, done), kernel, strides, dilations: kernelDilation, pads: left, result }
}

/** The operand with zeros between its cells and around them; negative padding cuts cells off. */
function spread(w: KernelWriter, x: Operand, dilation: readonly number[], wide: readonly number[], pads: Pads): Operand {
  if (pads.flat().every(cells => cells === 0) && dilation.every(distance => distance === 1)) return x
  const [batch, channels] = [x.shape[0] as number, x.shape.at(-1) as number]
  const spatial = wide.map((size, axis) => size + sumOf(pads[axis]))
  const shape = [batch, ...spatial, channels]
  const [from, to] = [stridesOf(x.shape), stridesOf(shape)]
  // of each axis, the cells that stay: the first of them, how many, and where the first goes
  const kept = spatial.map((size, axis) => {
    const [low, distance] = [pads[axis]?.[0] as number, dilation[axis] as number]
    const first = Math.max(0, Math.ceil(-low / distance))
    const put = low + first * distance
    const count = Math.min((x.shape[axis + 1] as number) - first, Math.ceil((size - put) / distance))
    return { first, put, count: Math.max(0, count) }
  })
  const copy = copyLoop(
    [batch, ...kept.map(({ count }) => count), channels],
    { strides: from, start: kept.reduce((sum, { first }, axis) => sum + first * (from[axis + 1] as number), 0) },
    {
      strides: to.map((stride, axis) => stride * (dilation[axis - 1] ?? 1)),
      start: kept.reduce((sum, { put }, axis) => sum + put * (to[axis + 1] as number), 0),
    },
  )
  return w.loop(
    'conv',
    [x],
    (target, sources) => {
      target.fill(0)
      copy(target, sources)
    },
    { dtype: 'float32', shape },
  )
}

function sumOf(pair: readonly [number, number] | undefined): number {
  return pair ? pair[0] + pair[1] : 0
}

/** One or two spatial axes in one call. */
function conv2d(w: KernelWriter, { x, kernel, strides, dilations, pads, result }: Dense, depthwise: boolean, tail?: Tail): Operand {
  const line = x.shape.length === 3
  const plane = <T>(list: readonly T[], unit: T): readonly T[] => (line ? [unit, ...list] : list)
  const [batch, ...rest] = x.shape
  const channels = x.shape.at(-1) as number
  const filters = kernel.shape.at(-1) as number
  const taps = plane(kernel.shape.slice(0, -2), 1)
  const lastAxes = depthwise ? [channels, filters / channels] : [channels, filters]
  const inputs = { x: w.view(x, [batch as number, ...plane(rest, 1)]), filter: w.view(kernel, [...taps, ...lastAxes]) }
  const attrs = {
    strides: plane(strides, 1),
    dilations: plane(dilations, 1),
    pad: [[0, 0], ...plane(pads, [0, 0] as const), [0, 0]],
    dataFormat: 'NHWC',
  }
  const [first, ...others] = result.shape
  const type: ConcreteType = { dtype: 'float32', shape: [first as number, ...plane(others, 1)] }
  const made = tail
    ? w.call(
        depthwise ? 'FusedDepthwiseConv2D' : 'FusedConv2D',
        { ...inputs, ...(tail.bias ? { bias: tail.bias } : {}) },
        { ...attrs, ...tail.activation },
        type,
      )
    : w.call(depthwise ? 'DepthwiseConv2dNative' : 'Conv2D', inputs, attrs, type)
  return w.view(made, result.shape)
}

/**
 * Three spatial axes: each plane of taps is a convolution of the planes it meets, and their sum is the result. Conv3D
 * itself takes 77 times as long on wasm, and no padding of given sizes.
 */
function conv3d(w: KernelWriter, { x, kernel, strides, dilations, pads, result }: Dense): Operand {
  const [planes, ...taps] = kernel.shape as readonly [number, ...number[]]
  const [batch, depth, ...rest] = result.shape as readonly [number, number, ...number[]]
  const type: ConcreteType = { dtype: 'float32', shape: [batch * depth, ...rest] }
  const flat = { strides: strides.slice(1), dilations: dilations.slice(1), pads: pads.slice(1), result: type }
  const unit = (list: readonly number[]) => list.map(() => 1)
  const terms = Array.from({ length: planes }, (_, k) => {
    const first = k * (dilations[0] as number)
    const last = first + (depth - 1) * (strides[0] as number)
    const met = w.emit('slice', [x], {
      begin: x.shape.map((_size, axis) => (axis === 1 ? first : 0)),
      end: [...x.shape].with(1, last + 1),
      strides: unit(x.shape).with(1, strides[0] as number),
    })
    const part = w.emit('slice', [kernel], {
      begin: kernel.shape.map((_size, axis) => (axis === 0 ? k : 0)),
      end: [...kernel.shape].with(0, k + 1),
      strides: unit(kernel.shape),
    })
    return conv2d(w, { ...flat, x: w.view(met, [batch * depth, ...x.shape.slice(2)]), kernel: w.view(part, taps) }, false)
  })
  return w.view(
    terms.reduce((sum, term) => w.emit('add', [sum, term], {})),
    result.shape,
  )
}

/** Each group by itself: its channels, its filters, and its part of the result. */
function grouped(w: KernelWriter, dense: Dense, groups: number): Operand {
  const part = (x: Operand, k: number) => {
    const width = (x.shape.at(-1) as number) / groups
    const axis = x.shape.length - 1
    const [begin, end] = [x.shape.map(() => 0).with(axis, k * width), [...x.shape].with(axis, (k + 1) * width)]
    return w.emit('slice', [x], { begin, end, strides: x.shape.map(() => 1) })
  }
  const { shape } = dense.result
  const result: ConcreteType = { dtype: 'float32', shape: [...shape].with(-1, (shape.at(-1) as number) / groups) }
  const parts = Array.from({ length: groups }, (_, k) =>
    single(w, { ...dense, x: part(dense.x, k), kernel: part(dense.kernel, k), result }),
  )
  return w.emit('concat', parts, { axis: shape.length - 1 })
}

function single(w: KernelWriter, dense: Dense): Operand {
  return dense.x.shape.length === 5 ? conv3d(w, dense) : conv2d(w, dense, false)
}

export const conv = {
  conv: {
    except: [{ reason: 'tfjs convolves over at most three axes', applies: ({ operands }) => at(operands, 0).shape.length > 5 }],
    differs: 'zeros of the padding and between the cells are multiplied: times an infinite weight they give NaN',
    lower(w, operands, attrs, result) {
      const [x, kernel] = [at(operands, 0), at(operands, 1)]
      const dense = prepared(w, x, kernel, attrs, result)
      if (attrs.groups === 1) return single(w, dense)
      const depthwise = x.shape.length <= 4 && isDepthwise(w.engine, x, attrs)
      return depthwise ? conv2d(w, dense, true) : grouped(w, dense, attrs.groups)
    },
  },
} satisfies { [K in OpName]?: Lowering<K> }
