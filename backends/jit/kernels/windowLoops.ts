// Loops over the cells of windows: of one position whose window may be cut, and of a tile of positions that are whole.

import type { FunctionAssembler, Local } from '../assembler.js'
import { advance, between, times } from './loops.js'
import type { Count, WindowAxis } from './windowAxis.js'
import type { RuleEmitter, WindowPointers } from './windowRule.js'

/** The loops over the cells of a window. */
export interface Nest {
  /** Axes around the last, with the elements from a tap to the next in the image and in the weights. */
  readonly outer: readonly { readonly count: Count; readonly step: number; readonly weightStep: number }[]
  readonly last: WindowAxis
  readonly channels: number
  /** Whether the number of cells is wanted. */
  readonly mean: boolean
  readonly columnStrides: readonly number[]
}

/** Vectors of channels side by side where a position is computed alone. */
const edgeVectors = 4

/** One position: `taps` of the last axis exist. Pointers are left as they were. */
export function emitEdge(f: FunctionAssembler, nest: Nest, rule: RuleEmitter, pointers: WindowPointers, taps: Count): void {
  const { channels, last } = nest
  const cells = cellCount(f, nest, taps)
  const loops = [...nest.outer, { count: taps, step: last.dilation * channels, weightStep: channels }]
  const block = (lanes: number): void => {
    const sums = Array.from({ length: Math.ceil(lanes / 4) }, () => f.local('v128'))
    rule.start(sums)
    over(f, loops, pointers, (from, weights) => {
      sums.forEach((sum, v) => {
        const [cell, weight] = [from, weights].map(pointer => pointer && load(f, pointer, 16 * v))
        rule.add(sum, cell as Local, weight)
        f.release(...[cell, weight].filter(local => local !== undefined))
      })
    })
    rule.finish([sums], lanes, pointers, cells, 0)
    f.release(...sums)
  }
  overChannels(f, nest, pointers, 4 * edgeVectors, block)
  if (cells) f.release(cells)
}

/** `tile` neighbouring positions whose windows are whole on the last axis. Pointers are left as they were. */
export function emitTile(f: FunctionAssembler, nest: Nest, rule: RuleEmitter, pointers: WindowPointers, tile: number): void {
  const { channels, last } = nest
  const cells = cellCount(f, nest, last.taps)
  const uses = new Map<number, { readonly position: number; readonly tap: number }[]>()
  for (let position = 0; position < tile; position++) {
    for (let tap = 0; tap < last.taps; tap++) {
      const cell = position * last.stride + tap * last.dilation
      uses.set(cell, [...(uses.get(cell) ?? []), { position, tap }])
    }
  }
  const block = (lanes: number): void => {
    const sums = Array.from({ length: tile }, () => f.local('v128'))
    rule.start(sums)
    over(f, nest.outer, pointers, (from, weights) => {
      const row = weights && Array.from({ length: last.taps }, (_, tap) => load(f, weights, 4 * tap * channels))
      for (const [cell, list] of [...uses].sort(([a], [b]) => a - b)) {
        const value = load(f, from, 4 * cell * channels)
        for (const { position, tap } of list) rule.add(sums[position] as Local, value, row?.[tap])
        f.release(value)
      }
      f.release(...(row ?? []))
    })
    rule.finish(
      sums.map(sum => [sum]),
      lanes,
      pointers,
      cells,
      channels,
    )
    f.release(...sums)
  }
  overChannels(f, nest, pointers, 4, block)
  if (cells) f.release(cells)
}

function load(f: FunctionAssembler, pointer: Local, offset: number): Local {
  const value = f.local('v128')
  f.get(pointer)
  f.op('v128.load', offset)
  f.set(value)
  return value
}

/** Block after block of channels; pointers are left as they were. */
function overChannels(f: FunctionAssembler, nest: Nest, pointers: WindowPointers, width: number, block: (lanes: number) => void): void {
  const { channels, columnStrides } = nest
  const { to, from, weights, operands } = pointers
  const move = (elements: number): void => {
    for (const pointer of [to, from, ...(weights ? [weights] : [])]) advance(f, pointer, 4 * elements)
    operands.forEach((operand, k) => {
      advance(f, operand, 4 * elements * (columnStrides[k] as number))
    })
  }
  const whole = Math.floor(channels / width)
  times(f, whole, () => {
    block(width)
    move(width)
  })
  if (channels % width > 0) block(channels % width)
  move(-whole * width)
}

/** Nested loops; the body gets pointers to the first cell and weight of each turn. */
function over(
  f: FunctionAssembler,
  loops: Nest['outer'],
  { from, weights }: Pick<WindowPointers, 'from' | 'weights'>,
  body: (from: Local, weights: Local | undefined) => void,
): void {
  const [loop, ...rest] = loops
  if (!loop) {
    body(from, weights)
    return
  }
  const inner = { from: f.local('i32'), weights: weights && f.local('i32') }
  f.get(from)
  f.set(inner.from)
  if (weights && inner.weights) {
    f.get(weights)
    f.set(inner.weights)
  }
  repeat(f, loop.count, () => {
    over(f, rest, inner, body)
    advance(f, inner.from, 4 * loop.step)
    if (inner.weights) advance(f, inner.weights, 4 * loop.weightStep)
  })
  f.release(inner.from, ...(inner.weights ? [inner.weights] : []))
}

function repeat(f: FunctionAssembler, count: Count, body: () => void): void {
  if (typeof count === 'number') {
    times(f, count, body)
    return
  }
  const turn = f.local('i32')
  f.i32(0)
  f.set(turn)
  between(f, turn, count, body)
  f.release(turn)
}

/** The number of cells of a window in all lanes, if it is wanted. */
function cellCount(f: FunctionAssembler, { outer, mean }: Nest, taps: Count): Local | undefined {
  if (!mean) return undefined
  const cells = f.local('v128')
  f.i32(1)
  for (const count of [...outer.map(axis => axis.count), taps]) {
    if (typeof count === 'number') f.i32(count)
    else f.get(count)
    f.op('i32.mul')
  }
  f.op('i32x4.splat')
  f.op('f32x4.convert_i32x4_s')
  f.set(cells)
  return cells
}
