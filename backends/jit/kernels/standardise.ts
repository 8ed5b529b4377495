// normalize, rms_normalize and l2_normalize over the last axes: one pass for the mean, one for the squares, one for the result.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { GemmEpilogue } from '../gemm/spec.js'
import type { Kernel } from '../kernel.js'
import { acrossLanes, pushLaneMask } from './combine.js'
import { advance, advanceBy, between, kernelType, storeLanes, times } from './loops.js'

export interface StandardiseSpec {
  readonly rows: number
  readonly length: number
  readonly epsilon: number
  /** `normalize` takes the mean away first; `l2_normalize` divides by the root of the sum of squares, not of their mean. */
  readonly op: 'normalize' | 'rms_normalize' | 'l2_normalize'
  readonly epilogue: GemmEpilogue | undefined
}

/** Vectors written per turn: the loop costs as much as a plain one. */
const unrolled = 4

/** Pointers (result, operand, ...epilogue operands), [rows, length]; the extent is rows. The result may take the operand's place. */
export function standardise(spec: StandardiseSpec): Kernel {
  const { rows, length, epsilon, op, epilogue } = spec
  const walks = epilogue?.operands ?? []
  return {
    key: `${op} [${rows},${length}] ${epsilon}${epilogue ? ` ${epilogue.key}` : ''}`,
    extent: rows,
    inPlace: [0],
    define: (module, name) =>
      module.function(name, kernelType(2 + walks.length), f => {
        const [to, from, ...others] = f.params.slice(0, -2) as [Local, Local, ...Local[]]
        const [begin, end] = f.params.slice(-2) as [Local, Local]
        epilogue?.begin(f)
        const steps = [length, length, ...walks.map(walk => walk.rowStride)]
        const pointers = [to, from, ...others]
        pointers.forEach((pointer, k) => {
          advanceBy(f, pointer, begin, 4 * (steps[k] as number))
        })
        const row = new Row(f, spec)
        between(f, begin, end, () => {
          row.emit(to, from, others)
          pointers.forEach((pointer, k) => {
            advance(f, pointer, 4 * (steps[k] as number))
          })
        })
      }),
  }
}

/** One row; pointers are left as they were. */
class Row {
  private readonly f: FunctionAssembler
  private readonly spec: StandardiseSpec
  private readonly value: Local
  private readonly mean: Local
  private readonly scale: Local

  constructor(f: FunctionAssembler, spec: StandardiseSpec) {
    this.f = f
    this.spec = spec
    ;[this.value, this.mean, this.scale] = [f.local('v128'), f.local('v128'), f.local('v128')]
  }

  emit(to: Local, from: Local, operands: readonly Local[]): void {
    const { f, spec, value, mean, scale } = this
    const { epsilon, op } = spec
    if (op === 'normalize') this.average(mean, from, () => f.get(value))
    this.sum(scale, from, () => {
      this.pushCentred()
      f.set(value)
      f.get(value)
      f.get(value)
      f.op('f32x4.mul')
    })
    if (op !== 'l2_normalize') this.divideByLength(scale)
    f.splat(1)
    f.get(scale)
    f.splat(epsilon)
    f.op(op === 'l2_normalize' ? 'f32x4.max' : 'f32x4.add')
    f.op('f32x4.sqrt')
    f.op('f32x4.div')
    f.set(scale)
    this.write(to, from, operands)
  }

  private pushCentred(): void {
    const { f, spec, value, mean } = this
    f.get(value)
    if (spec.op !== 'normalize') return
    f.get(mean)
    f.op('f32x4.sub')
  }

  private average(target: Local, from: Local, term: () => void): void {
    this.sum(target, from, term)
    this.divideByLength(target)
  }

  private divideByLength(sum: Local): void {
    const { f } = this
    f.get(sum)
    f.splat(this.spec.length)
    f.op('f32x4.div')
    f.set(sum)
  }

  /** The sum of `term`, which leaves its value for the vector in `value`, into all lanes of `target`. */
  private sum(target: Local, from: Local, term: () => void): void {
    const { f, value } = this
    const { length } = this.spec
    const [vectors, rest] = [length >> 2, length & 3]
    const sums = Array.from({ length: Math.max(1, Math.min(4, vectors)) }, () => f.local('v128'))
    for (const sum of sums) {
      f.splat(0)
      f.set(sum)
    }
    const add = (sum: Local, offset: number, lanes: number): void => {
      f.get(from)
      f.op('v128.load', offset)
      f.set(value)
      f.get(sum)
      term()
      if (lanes < 4) {
        pushLaneMask(f, lanes)
        f.op('v128.and')
      }
      f.op('f32x4.add')
      f.set(sum)
    }
    const group = (count: number): void => {
      sums.slice(0, count).forEach((sum, k) => {
        add(sum, 16 * k, 4)
      })
      advance(f, from, 16 * count)
    }
    times(f, Math.floor(vectors / sums.length), () => group(sums.length))
    if (vectors % sums.length > 0) group(vectors % sums.length)
    if (rest > 0) add(sums[0] as Local, 0, rest)
    advance(f, from, -16 * vectors)
    const [total, ...others] = sums as [Local, ...Local[]]
    for (const other of others) {
      f.get(total)
      f.get(other)
      f.op('f32x4.add')
      f.set(total)
    }
    acrossLanes(f, total, 'f32x4.add')
    f.get(total)
    f.set(target)
    f.release(...sums)
  }

  private write(to: Local, from: Local, operands: readonly Local[]): void {
    const { f, spec, value, scale } = this
    const { length, epilogue } = spec
    const walks = epilogue?.operands ?? []
    const vector = (lanes: number, k = 0): void => {
      f.get(from)
      f.op('v128.load', 16 * k)
      f.set(value)
      this.pushCentred()
      f.get(scale)
      f.op('f32x4.mul')
      f.set(value)
      if (epilogue) {
        const values = walks.map(({ columnStride }, at) => {
          const local = f.local('v128')
          f.get(operands[at] as Local)
          f.op(columnStride === 0 ? 'v128.load32_splat' : 'v128.load', 16 * k * columnStride)
          f.set(local)
          return local
        })
        epilogue.emit(f, value, values)
        f.set(value)
        f.release(...values)
      }
      storeLanes(f, to, value, lanes, 16 * k)
    }
    const move = (vectors: number): void => {
      for (const pointer of [to, from]) advance(f, pointer, 16 * vectors)
      operands.forEach((operand, k) => {
        advance(f, operand, 16 * vectors * (walks[k]?.columnStride ?? 0))
      })
    }
    const vectors = length >> 2
    const group = (count: number): void => {
      for (let k = 0; k < count; k++) vector(4, k)
      move(count)
    }
    times(f, Math.floor(vectors / unrolled), () => group(unrolled))
    if (vectors % unrolled > 0) group(vectors % unrolled)
    if (length % 4 > 0) vector(length % 4)
    move(-vectors)
  }
}
