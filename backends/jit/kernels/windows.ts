// Windows that slide over spatial axes, channels in lanes: pools, and convolutions of one filter per channel.

import type { DType } from '../../../lib/ir/types.js'
import type { FunctionAssembler, FunctionHandle, Local } from '../assembler.js'
import type { GemmEpilogue } from '../gemm/spec.js'
import type { Kernel } from '../kernel.js'
import type { ModuleAssembler } from '../module.js'
import { advance, advanceBy, between, kernelType, times } from './loops.js'
import { showWalk, type Walk } from './walks.js'
import { type Count, interior, neverCut, pushRange, type WindowAxis } from './windowAxis.js'
import { emitEdge, emitTile, type Nest } from './windowLoops.js'
import { RuleEmitter, type WindowPointers, type WindowRule } from './windowRule.js'

export interface WindowSpec {
  readonly rule: WindowRule
  readonly dtype: DType
  readonly batch: number
  readonly axes: readonly WindowAxis[]
  readonly channels: number
  readonly epilogue: GemmEpilogue | undefined
  /** How the epilogue's operands step through [batch, ...positions]. */
  readonly operands: readonly Walk[]
}

/** Pointers (result, image, weights of a filter, ...epilogue operands); the extent is lines of positions. */
export function windows(spec: WindowSpec): Kernel {
  const { rule, dtype, batch, axes, channels, epilogue, operands } = spec
  const sizes = axes.map(axis => [axis.size, axis.taps, axis.stride, axis.dilation, axis.low, axis.positions].join(','))
  return {
    key: `${rule}${dtype === 'float32' ? '' : `:${dtype}`} windows ${batch}x[${sizes.join(' ')}]x${channels}${epilogue ? ` ${epilogue.key} ${operands.map(showWalk).join(' ')}` : ''}`,
    extent: axes.slice(0, -1).reduce((lines, axis) => lines * axis.positions, batch),
    define: (module, name) => new Emitter(module, name, spec).kernel(),
  }
}

class Emitter {
  private readonly module: ModuleAssembler
  private readonly name: string
  private readonly spec: WindowSpec
  private readonly outer: readonly WindowAxis[]
  private readonly last: WindowAxis
  private readonly pointers: number
  /** Elements from a cell of each axis to the next, in the image and in the weights. */
  private readonly steps: readonly number[]
  private readonly weightSteps: readonly number[]

  constructor(module: ModuleAssembler, name: string, spec: WindowSpec) {
    this.module = module
    this.name = name
    this.spec = spec
    this.outer = spec.axes.slice(0, -1)
    this.last = spec.axes.at(-1) as WindowAxis
    this.pointers = (spec.rule === 'filter' ? 3 : 2) + spec.operands.length
    const stepsBy = (size: (axis: WindowAxis) => number): number[] =>
      spec.axes.map((_, k) => spec.axes.slice(k + 1).reduce((step, axis) => step * size(axis), spec.channels))
    this.steps = stepsBy(axis => axis.size)
    this.weightSteps = stepsBy(axis => axis.taps)
  }

  kernel(): FunctionHandle {
    const { spec, outer } = this
    const line = this.line()
    const resultSteps = spec.axes.map((_, k) => spec.axes.slice(k + 1).reduce((step, axis) => step * axis.positions, spec.channels))
    return this.module.function(this.name, kernelType(this.pointers), f => {
      const bases = f.params.slice(0, this.pointers)
      const [begin, end] = f.params.slice(this.pointers) as [Local, Local]
      const locals = bases.map(() => f.local('i32'))
      const { to, from, weights, operands } = this.named(locals)
      const [rest, index] = [f.local('i32'), f.local('i32')]
      between(f, begin, end, () => {
        locals.forEach((local, k) => {
          f.get(bases[k] as Local)
          f.set(local)
        })
        f.get(begin)
        f.set(rest)
        const counts: Local[] = []
        for (let k = outer.length - 1; k >= 0; k--) {
          const axis = outer[k] as WindowAxis
          divide(f, rest, axis.positions, index)
          advanceBy(f, to, index, 4 * (resultSteps[k] as number))
          operands.forEach((operand, i) => {
            advanceBy(f, operand, index, 4 * (spec.operands[i]?.strides[k + 1] as number))
          })
          const { first, low, count } = pushRange(f, axis, index)
          advanceBy(f, from, first, 4 * (this.steps[k] as number))
          if (weights && low) advanceBy(f, weights, low, 4 * (this.weightSteps[k] as number))
          if (typeof count !== 'number') counts.unshift(count)
          f.release(first, ...(low ? [low] : []))
        }
        const image = (spec.axes[0] as WindowAxis).size * (this.steps[0] as number)
        advanceBy(f, from, rest, 4 * image)
        advanceBy(f, to, rest, 4 * (spec.axes[0] as WindowAxis).positions * (resultSteps[0] as number))
        operands.forEach((operand, i) => {
          advanceBy(f, operand, rest, 4 * (spec.operands[i]?.strides[0] as number))
        })
        for (const local of [...locals, ...counts]) f.get(local)
        f.call(line)
        f.release(...counts)
      })
    })
  }

  /** The function for one line of positions: its ends, where windows are cut, one by one, and tiles between them. */
  private line(): FunctionHandle {
    const { spec, last } = this
    const edge = this.edge()
    const type = { params: new Array<'i32'>(this.pointers + this.cutAxes()).fill('i32'), results: [] }
    const [first, behind] = interior(last)
    const tile = tileSize(last, spec)
    return this.module.helper(this.name, 'line', type, f => {
      const edges = (from: number, to: number): void => {
        if (from >= to) return
        for (const param of f.params) f.get(param)
        f.i32(from)
        f.i32(to)
        f.call(edge)
      }
      if (tile === 0 || behind <= first) {
        edges(0, last.positions)
        return
      }
      edges(0, first)
      edges(behind, last.positions)
      const pointers = this.named(f.params)
      const nest = this.nest(f)
      const rule = new RuleEmitter(f, spec)
      const move = (positions: number): void => {
        advance(f, pointers.to, 4 * positions * spec.channels)
        advance(f, pointers.from, 4 * positions * last.stride * spec.channels)
        pointers.operands.forEach((operand, k) => {
          advance(f, operand, 4 * positions * (spec.operands[k]?.strides.at(-1) as number))
        })
      }
      move(first)
      advance(f, pointers.from, -4 * last.low * spec.channels)
      times(f, Math.floor((behind - first) / tile), () => {
        emitTile(f, nest, rule, pointers, tile)
        move(tile)
      })
      const rest = (behind - first) % tile
      if (rest > 0) emitTile(f, nest, rule, pointers, rest)
    })
  }

  /** The function for positions begin…end of a line, whose windows may be cut off. */
  private edge(): FunctionHandle {
    const { spec, last } = this
    const count = this.pointers + this.cutAxes()
    return this.module.helper(this.name, 'edge', kernelType(count), f => {
      const pointers = this.named(f.params)
      const [begin, end] = f.params.slice(count) as [Local, Local]
      const nest = this.nest(f)
      const rule = new RuleEmitter(f, spec)
      advanceBy(f, pointers.to, begin, 4 * spec.channels)
      pointers.operands.forEach((operand, k) => {
        advanceBy(f, operand, begin, 4 * (spec.operands[k]?.strides.at(-1) as number))
      })
      const locals = { from: f.local('i32'), weights: pointers.weights && f.local('i32') }
      between(f, begin, end, () => {
        const { first, low, count: taps } = pushRange(f, last, begin)
        f.get(pointers.from)
        f.set(locals.from)
        advanceBy(f, locals.from, first, 4 * spec.channels)
        if (pointers.weights && locals.weights) {
          f.get(pointers.weights)
          f.set(locals.weights)
          if (low) advanceBy(f, locals.weights, low, 4 * spec.channels)
        }
        emitEdge(f, nest, rule, { ...pointers, ...locals }, taps)
        f.release(first, ...[low, taps].filter(local => typeof local === 'object'))
        advance(f, pointers.to, 4 * spec.channels)
        pointers.operands.forEach((operand, k) => {
          advance(f, operand, 4 * (spec.operands[k]?.strides.at(-1) as number))
        })
      })
    })
  }

  private named(locals: readonly Local[]): WindowPointers {
    const [to, from, ...others] = locals.slice(0, this.pointers) as [Local, Local, ...Local[]]
    if (this.spec.rule !== 'filter') return { to, from, weights: undefined, operands: others }
    return { to, from, weights: others[0], operands: others.slice(1) }
  }

  /** Outer axes on which a window can be cut, whose tap counts are handed over. */
  private cutAxes(): number {
    return this.outer.filter(axis => !neverCut(axis)).length
  }

  private nest(f: FunctionAssembler): Nest {
    const { spec, outer, last } = this
    const counts = f.params.slice(this.pointers, this.pointers + this.cutAxes())
    const count = (axis: WindowAxis): Count => (neverCut(axis) ? axis.taps : (counts.shift() as Local))
    return {
      outer: outer.map((axis, k) => ({
        count: count(axis),
        step: axis.dilation * (this.steps[k] as number),
        weightStep: this.weightSteps[k] as number,
      })),
      last,
      channels: spec.channels,
      mean: spec.rule === 'mean',
      columnStrides: (spec.epilogue?.operands ?? []).map(operand => operand.columnStride),
    }
  }
}

/** index = rest mod size, rest = rest / size */
function divide(f: FunctionAssembler, rest: Local, size: number, index: Local): void {
  for (const [op, target] of [
    ['i32.rem_u', index],
    ['i32.div_u', rest],
  ] as const) {
    f.get(rest)
    f.i32(size)
    f.op(op)
    f.set(target)
  }
}

/** Bytes after which addresses meet in the first cache again, halved: cells so far apart drive each other out. */
const collision = 2048

/**
 * Positions computed side by side. Their sums, the cells of a row of taps and the weights of it are all in registers,
 * of which x64 has fifteen; 0 where that cannot be, or where their cells collide in the first cache: one position after
 * the other by sixteen channels is then 1.6 to 2.2 times as fast (measured, 512 and 1,024 channels).
 */
function tileSize({ taps, stride, dilation }: WindowAxis, { rule, channels }: WindowSpec): number {
  if ((4 * channels) % collision === 0) return 0
  for (let tile = 4; tile > 0; tile--) {
    const cells = new Set(Array.from({ length: tile * taps }, (_, k) => Math.floor(k / taps) * stride + (k % taps) * dilation)).size
    if (cells + tile + (rule === 'filter' ? taps : 0) <= 13) return tile
  }
  return 0
}
