// Reductions over any axes of an elementwise body: lanes run along the last kept axis if that is innermost, else along the reduced one.

import type { DType } from '../../../lib/ir/types.js'
import { stridesOf } from '../../../lib/ops/shapes.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { type Body, BodyEmitter, copyBody, showBody } from '../scalar/body.js'
import { acrossLanes, type CombineName, combineOf, pushIdentity, pushLaneMask } from './combine.js'
import { advance, advanceBy, between, kernelType, loadLanes, storeLanes, times } from './loops.js'
import { collapse, showWalk, type Walk } from './walks.js'

export interface ReduceSpec {
  readonly combine: CombineName
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly axes: readonly number[]
  /** What is reduced, and how its operands walk over `shape`, the last axis by 0 or 1. */
  readonly body: Body
  readonly operands: readonly Walk[]
}

interface Axis {
  readonly size: number
  /** Bytes between neighbours of each operand. */
  readonly steps: readonly number[]
}

/** A body longer than this is written once, and four sums take turns, not once for each of them. */
const longBody = 8

/** Pointers (result, ...operands); the extent is the first kept axis, if lanes do not run along it. */
export function reduce({ combine, dtype, shape: given, axes, body, operands }: ReduceSpec): Kernel {
  const kept = stridesOf(given.filter((_, axis) => !axes.includes(axis)))
  let next = 0
  const result: Walk = { offset: 0, strides: given.map((_, axis) => (axes.includes(axis) ? 0 : (kept[next++] as number))) }
  const { shape, walks } = collapse(given, [result, ...operands])
  const [target, ...sources] = walks as [Walk, ...Walk[]]
  const still = sources.map(() => 0)
  const all = shape.map((size, k) => ({
    size,
    steps: sources.map(({ strides }) => (strides[k] as number) * 4),
    kept: target.strides[k] !== 0,
  }))
  const inner = all.at(-1) ?? { size: 1, steps: sources.map(() => 4), kept: false }
  const outer = all.slice(0, -1)
  const loops = { kept: outer.filter(axis => axis.kept), reduced: outer.filter(axis => !axis.kept) }
  if (loops.kept.length === 0) loops.kept.push({ size: 1, steps: still, kept: true })
  const plain = body === copyBody ? '' : ` ${sources.map(showWalk).join(' ')} ${showBody(body)}`
  return {
    key: `reduce_${combine}${dtype === 'float32' ? '' : `:${dtype}`} [${all.map(axis => `${axis.kept ? '' : '-'}${axis.size}`).join(',')}]${plain}`,
    extent: (loops.kept[0] as Axis).size,
    define: (module, name) =>
      module.function(name, kernelType(1 + sources.length), f => {
        const [to, ...from] = f.params.slice(0, -2) as [Local, ...Local[]]
        const [begin, end] = f.params.slice(-2) as [Local, Local]
        const first = loops.kept[0] as Axis
        const others: readonly Axis[] = loops.kept.slice(1)
        const width = inner.kept ? inner.size : 1
        const reducer = new Reducer(f, to, from, { reduced: loops.reduced, inner, dtype, combine, body })
        from.forEach((pointer, k) => {
          advanceBy(f, pointer, begin, first.steps[k] as number)
        })
        advanceBy(f, to, begin, others.reduce((count, axis) => count * axis.size, width) * 4)
        between(f, begin, end, () => {
          over(f, from, others, () => {
            if (inner.kept) reducer.columns()
            else reducer.row()
            advance(f, to, width * 4)
          })
          move(f, from, first.steps)
        })
      }),
  }
}

interface Spec {
  readonly reduced: readonly Axis[]
  readonly inner: Axis
  readonly dtype: DType
  readonly combine: CombineName
  readonly body: Body
}

function move(f: FunctionAssembler, pointers: readonly Local[], steps: readonly number[], times = 1): void {
  pointers.forEach((pointer, k) => {
    advance(f, pointer, times * (steps[k] as number))
  })
}

/** Nested loops over axes; the pointers are where they were afterwards. */
function over(f: FunctionAssembler, pointers: readonly Local[], axes: readonly Axis[], body: () => void): void {
  const [axis, ...rest] = axes
  if (!axis) {
    body()
    return
  }
  times(f, axis.size, () => {
    over(f, pointers, rest, body)
    move(f, pointers, axis.steps)
  })
  move(f, pointers, axis.steps, -axis.size)
}

class Reducer {
  private readonly f: FunctionAssembler
  private readonly to: Local
  private readonly from: readonly Local[]
  private readonly spec: Spec
  private readonly emitter: BodyEmitter
  private readonly values: readonly Local[]

  constructor(f: FunctionAssembler, to: Local, from: readonly Local[], spec: Spec) {
    this.f = f
    this.to = to
    this.from = from
    this.spec = spec
    this.emitter = new BodyEmitter(f, spec.body)
    this.values = from.map(() => f.local('v128'))
  }

  /** Sixteen columns at a time, then four, then the rest. */
  columns(): void {
    const { f, to, from } = this
    const { reduced, inner } = this.spec
    const group = (vectors: number, lanes: number): void => {
      const sums = this.start(vectors)
      over(f, from, reduced, () => {
        sums.forEach((sum, k) => {
          this.add(sum, k)
        })
      })
      sums.forEach((sum, k) => {
        storeLanes(f, to, sum, Math.min(4, lanes - 4 * k), 16 * k)
      })
      f.release(...sums)
      move(f, from, inner.steps, lanes)
      advance(f, to, lanes * 4)
    }
    const widest = this.spec.body.steps.length > longBody ? 4 : 16
    times(f, Math.floor(inner.size / widest), () => group(widest / 4, widest))
    const rest = inner.size % widest
    if (rest > 0) group(Math.ceil(rest / 4), rest)
    move(f, from, inner.steps, -inner.size)
    advance(f, to, -inner.size * 4)
  }

  /** Four sums side by side, which is faster and loses less than one; lanes meet at the end. */
  row(): void {
    const { f, to, from } = this
    const { reduced, inner, dtype, combine, body } = this.spec
    const rule = combineOf(combine, dtype)
    const vectors = inner.size >> 2
    const rest = inner.size & 3
    const sums = this.start(Math.max(1, Math.min(4, vectors)))
    const isLong = body.steps.length > longBody
    const group = (count: number): void => {
      for (let k = 0; k < count; k++) this.add(sums[k] as Local, k)
      if (isLong) this.takeTurns(sums)
      move(f, from, inner.steps, 4 * count)
    }
    const width = isLong ? 1 : sums.length
    over(f, from, reduced, () => {
      times(f, Math.floor(vectors / width), () => group(width))
      if (vectors % width > 0) group(vectors % width)
      if (rest > 0) this.add(sums[0] as Local, 0, rest)
      move(f, from, inner.steps, -4 * vectors)
    })
    const [sum, ...others] = sums as [Local, ...Local[]]
    for (const other of others) {
      f.get(sum)
      f.get(other)
      f.op(rule.instruction)
      f.set(sum)
    }
    acrossLanes(f, sum, rule.instruction)
    storeLanes(f, to, sum, 1)
    f.release(...sums)
  }

  /** The first becomes the last. */
  private takeTurns(sums: readonly Local[]): void {
    const { f } = this
    for (const sum of sums) f.get(sum)
    for (let k = sums.length - 1; k >= 0; k--) f.set(sums[(k + sums.length - 1) % sums.length] as Local)
  }

  /** Locals for results, with what changes nothing in them. */
  private start(count: number): Local[] {
    const { f } = this
    const { combine, dtype } = this.spec
    return Array.from({ length: count }, () => {
      const sum = f.local('v128')
      pushIdentity(f, combineOf(combine, dtype), dtype)
      f.set(sum)
      return sum
    })
  }

  /** Combines the body of vector k from here into `sum`; of the last vector only so many lanes. */
  private add(sum: Local, k: number, lanes = 4): void {
    const { f, from, values } = this
    const { inner, dtype, combine } = this.spec
    const rule = combineOf(combine, dtype)
    from.forEach((pointer, operand) => {
      const step = inner.steps[operand] as number
      loadLanes(f, pointer, step, 4, step === 0 ? 0 : 16 * k)
      f.set(values[operand] as Local)
    })
    f.get(sum)
    this.emitter.emit(values)
    if (lanes < 4) {
      pushIdentity(f, rule, dtype)
      pushLaneMask(f, lanes)
      f.op('v128.bitselect')
    }
    f.op(rule.instruction)
    f.set(sum)
  }
}
