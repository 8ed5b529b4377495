// Reductions over any axes: lanes run along the last kept axis if that is innermost, else along the reduced one.

import type { DType } from '../../../lib/ir/types.js'
import { stridesOf } from '../../../lib/ops/shapes.js'
import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { acrossLanes, type CombineName, combineOf, pushIdentity, pushLaneMask } from './combine.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from './loops.js'
import { collapse, type Walk } from './walks.js'

export interface ReduceSpec {
  readonly combine: CombineName
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly axes: readonly number[]
}

interface Axis {
  readonly size: number
  /** Bytes between neighbours of the operand. */
  readonly step: number
}

/** Pointers (result, operand); the extent is the first kept axis, if lanes do not run along it. */
export function reduce({ combine, dtype, shape: given, axes }: ReduceSpec): Kernel {
  const kept = stridesOf(given.filter((_, axis) => !axes.includes(axis)))
  let next = 0
  const result: Walk = { offset: 0, strides: given.map((_, axis) => (axes.includes(axis) ? 0 : (kept[next++] as number))) }
  const { shape, walks } = collapse(given, [{ offset: 0, strides: stridesOf(given) }, result])
  const [source, target] = walks as [Walk, Walk]
  const all = shape.map((size, k) => ({ size, step: (source.strides[k] as number) * 4, kept: target.strides[k] !== 0 }))
  const inner = all.at(-1) ?? { size: 1, step: 4, kept: false }
  const outer = all.slice(0, -1)
  const loops = { kept: outer.filter(axis => axis.kept), reduced: outer.filter(axis => !axis.kept) }
  if (loops.kept.length === 0) loops.kept.push({ size: 1, step: 0, kept: true })
  const spec = { ...loops, inner, dtype, combine }
  return {
    key: `reduce_${combine}${dtype === 'float32' ? '' : `:${dtype}`} [${all.map(axis => `${axis.kept ? '' : '-'}${axis.size}`).join(',')}]`,
    extent: (loops.kept[0] as Axis).size,
    define: (module, name) =>
      module.function(name, kernelType(2), f => {
        const [to, from, begin, end] = f.params as [Local, Local, Local, Local]
        const first = spec.kept[0] as Axis
        const others: readonly Axis[] = spec.kept.slice(1)
        const width = inner.kept ? inner.size : 1
        advanceBy(f, from, begin, first.step)
        advanceBy(f, to, begin, others.reduce((count, axis) => count * axis.size, width) * 4)
        between(f, begin, end, () => {
          over(f, from, others, () => {
            if (inner.kept) reduceColumns(f, to, from, spec)
            else reduceRow(f, to, from, spec)
            advance(f, to, width * 4)
          })
          advance(f, from, first.step)
        })
      }),
  }
}

interface Spec {
  readonly reduced: readonly Axis[]
  readonly inner: Axis
  readonly dtype: DType
  readonly combine: CombineName
}

/** Nested loops over axes; the pointer is where it was afterwards. */
function over(f: FunctionAssembler, pointer: Local, axes: readonly Axis[], body: () => void): void {
  const [axis, ...rest] = axes
  if (!axis) {
    body()
    return
  }
  times(f, axis.size, () => {
    over(f, pointer, rest, body)
    advance(f, pointer, axis.step)
  })
  advance(f, pointer, -axis.size * axis.step)
}

/** Sixteen columns at a time, then four, then the rest. */
function reduceColumns(f: FunctionAssembler, to: Local, from: Local, { reduced, inner, dtype, combine }: Spec): void {
  const rule = combineOf(combine, dtype)
  const group = (vectors: number, lanes: number): void => {
    const sums = Array.from({ length: vectors }, () => f.local('v128'))
    for (const sum of sums) {
      pushIdentity(f, rule, dtype)
      f.set(sum)
    }
    over(f, from, reduced, () => {
      sums.forEach((sum, k) => {
        f.get(sum)
        f.get(from)
        f.op('v128.load', 16 * k)
        f.op(rule.instruction)
        f.set(sum)
      })
    })
    sums.forEach((sum, k) => {
      storeLanes(f, to, sum, Math.min(4, lanes - 4 * k), 16 * k)
    })
    f.release(...sums)
    advance(f, from, lanes * 4)
    advance(f, to, lanes * 4)
  }
  times(f, Math.floor(inner.size / 16), () => group(4, 16))
  const rest = inner.size % 16
  if (rest > 0) group(Math.ceil(rest / 4), rest)
  advance(f, from, -inner.size * 4)
  advance(f, to, -inner.size * 4)
}

/** Four sums side by side, which is faster and loses less than one; lanes meet at the end. */
function reduceRow(f: FunctionAssembler, to: Local, from: Local, { reduced, inner, dtype, combine }: Spec): void {
  const rule = combineOf(combine, dtype)
  const vectors = inner.size >> 2
  const rest = inner.size & 3
  const sums = Array.from({ length: Math.max(1, Math.min(4, vectors)) }, () => f.local('v128'))
  for (const sum of sums) {
    pushIdentity(f, rule, dtype)
    f.set(sum)
  }
  const group = (count: number): void => {
    for (let k = 0; k < count; k++) {
      const sum = sums[k] as Local
      f.get(sum)
      f.get(from)
      f.op('v128.load', 16 * k)
      f.op(rule.instruction)
      f.set(sum)
    }
    advance(f, from, 16 * count)
  }
  over(f, from, reduced, () => {
    times(f, Math.floor(vectors / sums.length), () => group(sums.length))
    if (vectors % sums.length > 0) group(vectors % sums.length)
    if (rest > 0) {
      const [sum] = sums as [Local]
      f.get(sum)
      f.get(from)
      f.op('v128.load')
      pushIdentity(f, rule, dtype)
      pushLaneMask(f, rest)
      f.op('v128.bitselect')
      f.op(rule.instruction)
      f.set(sum)
    }
    advance(f, from, -16 * vectors)
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
