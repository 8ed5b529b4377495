// Generated geometry of windows over spatial axes, with at least one position: what convolutions and pools are checked with.

import fc from 'fast-check'
import type { OpAttrs, Windows } from '../../lib/ir/vocabulary.js'
import { extentOf } from '../../lib/ops/windows.js'

export interface ConvGeometry {
  readonly x: readonly number[]
  readonly kernel: readonly number[]
  readonly attrs: OpAttrs['conv']
}

export interface WindowGeometry {
  readonly x: readonly number[]
  readonly attrs: Windows
}

interface Axis {
  readonly size: number
  readonly taps: number
  readonly stride: number
  readonly low: number
  readonly high: number
  readonly inputDilation: number
  readonly kernelDilation: number
}

const arbAxis: fc.Arbitrary<Axis> = fc
  .record({
    size: fc.integer({ min: 1, max: 7 }),
    taps: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 4 }),
    low: fc.integer({ min: -1, max: 3 }),
    high: fc.integer({ min: -1, max: 3 }),
    inputDilation: fc.constantFrom(1, 1, 1, 2, 3),
    kernelDilation: fc.constantFrom(1, 1, 1, 2, 3),
  })
  .filter(
    ({ size, taps, low, high, inputDilation, kernelDilation }) =>
      extentOf(size, inputDilation) + low + high >= extentOf(taps, kernelDilation),
  )

const padded = (axes: readonly Axis[]) => axes.map(({ low, high }) => [low, high] as const)

/** Convolutions in one to three dimensions: strides beyond the window, dilations, groups, paddings of any sign. */
export const arbConv: fc.Arbitrary<ConvGeometry> = fc
  .record({
    axes: fc.array(arbAxis, { minLength: 1, maxLength: 3 }).filter(axes => axes.reduce((cells, { size }) => cells * size, 1) <= 80),
    batch: fc.integer({ min: 1, max: 2 }),
    groups: fc.constantFrom(1, 1, 2, 3, 5),
    perGroup: fc.integer({ min: 1, max: 5 }),
    filtersPerGroup: fc.integer({ min: 1, max: 9 }),
    same: fc.boolean(),
  })
  .map(({ axes, batch, groups, perGroup, filtersPerGroup, same }) => ({
    x: [batch, ...axes.map(axis => axis.size), groups * perGroup],
    kernel: [...axes.map(axis => axis.taps), perGroup, groups * filtersPerGroup],
    attrs: {
      strides: axes.map(axis => axis.stride),
      padding: same ? 'same' : padded(axes),
      inputDilation: axes.map(axis => axis.inputDilation),
      kernelDilation: axes.map(axis => axis.kernelDilation),
      groups,
    },
  }))

/** Windows in one to three dimensions. */
export const arbWindows: fc.Arbitrary<WindowGeometry> = fc
  .record({
    axes: fc
      .array(
        arbAxis.filter(({ size, taps, low, high }) => size + low + high >= taps),
        { minLength: 1, maxLength: 3 },
      )
      .filter(axes => axes.reduce((cells, { size }) => cells * size, 1) <= 80),
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 9 }),
    same: fc.boolean(),
  })
  .map(({ axes, batch, channels, same }) => ({
    x: [batch, ...axes.map(axis => axis.size), channels],
    attrs: { window: axes.map(axis => axis.taps), strides: axes.map(axis => axis.stride), padding: same ? 'same' : padded(axes) },
  }))

/** Images to be resized, small enough for every factor. */
export const arbResize: fc.Arbitrary<{ readonly x: readonly number[]; readonly attrs: OpAttrs['resize'] }> = fc
  .record({
    axes: fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 2 }),
    batch: fc.integer({ min: 1, max: 2 }),
    channels: fc.integer({ min: 1, max: 5 }),
    method: fc.constantFrom('nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5'),
  })
  .map(({ axes, batch, channels, method }) => ({
    x: [batch, ...axes.map(([size]) => size), channels],
    attrs: { factors: axes.map(([, factor]) => factor), method },
  }))
