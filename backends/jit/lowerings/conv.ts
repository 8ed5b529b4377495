// conv: per channel with channels in lanes, else as a product over windows of the image, phase by phase.

import type { OpAttrs } from '../../../lib/ir/vocabulary.js'
import { convSliding } from '../../../lib/ops/primitives/conv.js'
import { extentOf, paddings } from '../../../lib/ops/windows.js'
import { collapse, type End, endApart, epilogueAlong, gemm, type PositionEnd, pack, positionEnd, sizeOf, stridesOf } from '../common.js'
import type { BoundType, Scheduling } from '../context.js'
import { type ConvAxis, combinations, haloOf, type Phase, phasesOf } from '../conv/geometry.js'
import { addHalo } from '../conv/halo.js'
import { type FilterSpec, packedFilters, packFilters } from '../conv/pack.js'
import { type ConvProduct, convProduct } from '../conv/product.js'
import type { Kernel } from '../kernel.js'
import type { Walk } from '../kernels/walks.js'
import type { Tensor } from '../schedule.js'
import { callWindows } from './windows.js'

/** Filters of one channel from which on a product of groups is faster: repeating channels wins 2.5 times for two, 1.5 for four. */
const fullLanes = 8

type ConvAttrs = OpAttrs['conv']

export function lowerConv(s: Scheduling, operands: readonly Tensor[], attrs: ConvAttrs, type: BoundType, end?: End): Tensor {
  const [image, kernel] = operands as [Tensor, Tensor]
  const axes = convAxes(image, kernel, attrs, type)
  const [perGroup, filters] = [kernel.shape.at(-2) as number, kernel.shape.at(-1) as number]
  if (perGroup === 1 && filters < fullLanes * attrs.groups && attrs.inputDilation.every(dilation => dilation === 1)) {
    const plain = axes.map(({ kernelDilation, ...axis }) => ({ ...axis, dilation: kernelDilation }))
    return callWindows(s, { rule: 'filter', axes: plain, operands: [repeatChannels(s, image, filters / attrs.groups), kernel], type, end })
  }
  const finish = end && positionEnd(end, type)
  if (end && !finish) return endApart(s, lowerConv(s, operands, attrs, type), end)
  const result = s.temporary(end ? end.type : type)
  const phases = axes.map(phasesOf)
  const halo = axes.map(({ size }, k) => haloOf(phases[k] as Phase[], size))
  const wide = withHalo(s, image, halo)
  for (const phase of combinations(phases)) callPhase(s, { wide, halo, kernel, result, phase, groups: attrs.groups, finish })
  return result
}

/** Every channel `times` times side by side, so that a filter per channel reads its own. */
function repeatChannels(s: Scheduling, image: Tensor, times: number): Tensor {
  if (times === 1) return image
  const { dtype, shape } = image
  const wide = s.spread(s.view(image, { dtype, shape: [...shape, 1] }), [...shape, times])
  return s.view(wide, { dtype, shape: shape.with(-1, (shape.at(-1) as number) * times) })
}

function convAxes(image: Tensor, kernel: Tensor, attrs: ConvAttrs, type: BoundType): ConvAxis[] {
  const sizes = image.shape.slice(1, -1)
  const dilated = sizes.map((size, k) => extentOf(size, attrs.inputDilation[k] as number))
  const padding = paddings(convSliding(kernel.shape, attrs), dilated)
  return sizes.map((size, k) => ({
    size,
    taps: kernel.shape[k] as number,
    stride: attrs.strides[k] as number,
    low: (padding[k] as readonly [number, number])[0],
    inputDilation: attrs.inputDilation[k] as number,
    kernelDilation: attrs.kernelDilation[k] as number,
    positions: type.shape[k + 1] as number,
  }))
}

type Halo = readonly (readonly [number, number])[]

function withHalo(s: Scheduling, image: Tensor, halo: Halo): Tensor {
  if (halo.flat().every(cells => cells === 0)) return image
  const shape = image.shape.map((size, k) => size + (halo[k - 1]?.[0] ?? 0) + (halo[k - 1]?.[1] ?? 0))
  const wide = s.temporary({ dtype: 'float32', shape })
  s.call(addHalo(image.shape, halo), wide, [image])
  return wide
}

interface PhaseCall {
  readonly wide: Tensor
  readonly halo: Halo
  readonly kernel: Tensor
  readonly result: Tensor
  readonly phase: readonly Phase[]
  readonly groups: number
  readonly finish: PositionEnd | undefined
}

/** The positions of one phase as one kernel call. */
function callPhase(s: Scheduling, { wide, halo, kernel, result, phase, groups, finish }: PhaseCall): void {
  const [channels, filters] = [kernel.shape.at(-2) as number, kernel.shape.at(-1) as number]
  const [imageSteps, resultSteps, kernelSteps] = [wide, result, kernel].map(({ shape }) => stridesOf(shape)) as [
    number[],
    number[],
    number[],
  ]
  const along = (steps: readonly number[], value: (axis: Phase, k: number) => number): number =>
    phase.reduce((sum, axis, k) => sum + value(axis, k) * (steps[k + 1] as number), 0)
  const into = ({ strides }: Walk): Walk => ({
    offset: along(strides, ({ first }) => first),
    strides: strides.map((stride, k) => stride * (phase[k - 1]?.period ?? 1)),
  })
  const from: Walk = {
    offset: along(imageSteps, ({ start, taps }, k) => (taps > 0 ? start + (halo[k]?.[0] ?? 0) : 0)),
    strides: imageSteps.slice(0, -1).map((stride, k) => stride * (phase[k - 1]?.step ?? 1)),
  }
  const walks = [into({ offset: 0, strides: resultSteps.slice(0, -1) }), from, ...(finish?.walks ?? []).map(into)]
  const rows = alongLongest(collapse([result.shape[0] as number, ...phase.map(axis => axis.positions)], walks))
  const [to, image, ...operands] = rows.walks as [Walk, Walk, ...Walk[]]
  const { taps, length } = contraction(phase, imageSteps, channels, groups)
  const columns = filters / groups
  const epilogue = finish && epilogueAlong(finish, operands)
  const spec = { shape: rows.shape, result: to, image, operands, taps, length, groups, groupStep: channels, columns, epilogue }
  const packed = filtersOf(s, kernel, {
    taps: phase.map((axis, k) => ({ count: axis.taps, step: axis.tapStep * (kernelSteps[k] as number) })),
    offset: phase.reduce((sum, { tap }, k) => sum + tap * (kernelSteps[k] as number), 0),
    channels,
    groups,
    filters: columns,
  })
  const depth = phase.reduce((product, axis) => product * axis.taps, channels)
  const flops = sizeOf(rows.shape) * filters * (2 * depth + (finish?.flops ?? 0))
  s.call(matrixProduct(spec) ?? convProduct(spec), result, [wide, packed, ...(finish?.operands ?? [])], flops)
}

/** The plain matrix product that a convolution is where its windows are rows that lie one behind the other. */
function matrixProduct({ shape, result, image, taps, length, groups, columns, epilogue }: ConvProduct): Kernel | undefined {
  const straight = shape.length === 1 && (shape[0] === 1 || (result.strides[0] === columns && image.strides[0] === length))
  if (!straight || taps.length > 0 || groups > 1 || result.offset !== 0 || image.offset !== 0) return undefined
  return gemm({ m: shape[0] as number, k: length, n: columns, ...(epilogue ? { epilogue } : {}) })
}

/** The loops over a window, where those that lie side by side in the image have become one run. */
function contraction(
  phase: readonly Phase[],
  imageSteps: readonly number[],
  channels: number,
  groups: number,
): Pick<ConvProduct, 'taps' | 'length'> {
  const taps: { count: number; step: number }[] = []
  let length = channels
  for (let k = phase.length - 1; k >= 0; k--) {
    const { taps: count, dilation } = phase[k] as Phase
    const step = dilation * (imageSteps[k + 1] as number)
    if (count === 1) continue
    if (taps.length === 0 && step === length && groups === 1) length *= count
    else taps.unshift({ count, step })
  }
  return { taps, length }
}

/** Positions with tiles along an axis that fills them, if there is one. */
function alongLongest({ shape, walks }: { shape: readonly number[]; walks: readonly Walk[] }): { shape: readonly number[]; walks: Walk[] } {
  if (shape.length === 0) return { shape: [1], walks: walks.map(({ offset }) => ({ offset, strides: [0] })) }
  const longest = (shape.at(-1) as number) >= 4 ? shape.length - 1 : shape.indexOf(Math.max(...shape))
  const moved = <T>(list: readonly T[]): T[] => [...list.filter((_, axis) => axis !== longest), list[longest] as T]
  return { shape: moved(shape), walks: walks.map(({ offset, strides }) => ({ offset, strides: moved(strides) })) }
}

/** The filters of a phase in panels, made once where they are weights. */
function filtersOf(s: Scheduling, kernel: Tensor, spec: FilterSpec): Tensor {
  const elements = spec.groups * packedFilters(spec)
  if (elements === 0) return kernel
  const depth = spec.taps.reduce((product, { count }) => product * count, spec.channels)
  const isWhole = spec.groups === 1 && depth * spec.filters === sizeOf(kernel.shape)
  const kernelOf = isWhole ? pack(depth, spec.filters) : packFilters(spec)
  const prepared = s.packed(kernel, isWhole ? `1x${depth}x${spec.filters}` : kernelOf.key, elements, kernelOf)
  if (prepared) return prepared
  const panels = s.temporary({ dtype: 'float32', shape: [elements] })
  s.call(kernelOf, panels, [kernel])
  return panels
}
