// The loop nest: an elementwise body over any shape, each operand walked by its own strides. Copies are nests too.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import type { ModuleAssembler } from '../module.js'
import { type Body, BodyEmitter, showBody } from '../scalar/body.js'
import { advance, advanceBy, between, kernelType, loadLanes, storeLanes, times } from './loops.js'
import { collapse, sameWalk, showWalk, type Walk } from './walks.js'

export interface NestSpec {
  readonly shape: readonly number[]
  readonly result: Walk
  readonly operands: readonly Walk[]
  readonly body: Body
  /** Whether the result covers its buffer from start to end, so that the padding behind it may be written. */
  readonly whole: boolean
}

/**
 * result[i] = body(operands[i]) for every index of `shape`. Innermost axes that all operands walk by 0 or 1 load four
 * elements at once, others gather lanes. Where everything is one straight line the extent is vectors, else the first axis.
 */
export function nest({ shape: given, result, operands, body, whole }: NestSpec): Kernel {
  const { shape, walks } = collapse(given, [result, ...operands])
  const [target, ...sources] = walks as [Walk, ...Walk[]]
  const line = shape.length === 0 || (shape.length === 1 && target.strides[0] === 1 && sources.every(isLine))
  const flat = whole && line && target.offset === 0
  const inPlace = sources.flatMap((source, k) => (sameWalk(source, target) ? [k] : []))
  const sizes = [...new Array<number>(Math.max(0, 2 - shape.length)).fill(1), ...shape]
  const pad = ({ strides, offset }: Walk): Walk => ({
    offset,
    strides: [...new Array<number>(sizes.length - strides.length).fill(0), ...strides],
  })
  const rows = { shape: sizes, result: pad(target), operands: sources.map(pad), body }
  return {
    key: `${flat ? 'line' : 'nest'} [${shape.join(',')}] ${walks.map(showWalk).join(' ')} ${showBody(body)}`,
    extent: flat ? Math.ceil((shape[0] ?? 1) / 4) : (sizes[0] as number),
    inPlace,
    define: (module, name) => (flat ? defineLine(module, name, sources, body) : defineRows(module, name, rows)),
  }
}

function isLine({ strides: [stride], offset }: Walk): boolean {
  return (stride === 0 || stride === 1) && offset === 0
}

/** One loop over vectors; the last vector's extra lanes go into the padding. */
function defineLine(module: ModuleAssembler, name: string, sources: readonly Walk[], body: Body) {
  return module.function(name, kernelType(1 + sources.length), f => {
    const [to, ...rest] = f.params as [Local, ...Local[]]
    const from = rest.slice(0, sources.length)
    const [begin, end] = rest.slice(sources.length) as [Local, Local]
    const emitter = new BodyEmitter(f, body)
    const values = sources.map(({ strides }, k) => {
      const value = f.local('v128')
      if (strides[0] === 1) advanceBy(f, from[k] as Local, begin, 16)
      else {
        loadLanes(f, from[k] as Local, 0)
        f.set(value)
      }
      return value
    })
    advanceBy(f, to, begin, 16)
    between(f, begin, end, () => {
      sources.forEach(({ strides }, k) => {
        if (strides[0] !== 1) return
        loadLanes(f, from[k] as Local, 4)
        f.set(values[k] as Local)
        advance(f, from[k] as Local, 16)
      })
      f.get(to)
      emitter.emit(values)
      f.op('v128.store')
      advance(f, to, 16)
    })
  })
}

interface Rows {
  readonly shape: readonly number[]
  readonly result: Walk
  readonly operands: readonly Walk[]
  readonly body: Body
}

function defineRows(module: ModuleAssembler, name: string, { shape, result, operands, body }: Rows) {
  return module.function(name, kernelType(1 + operands.length), f => {
    const pointers = f.params.slice(0, -2)
    const [begin, end] = f.params.slice(-2) as [Local, Local]
    const walks = [result, ...operands]
    const last = shape.length - 1
    const emitter = new BodyEmitter(f, body)
    walks.forEach(({ offset, strides }, k) => {
      advance(f, pointers[k] as Local, offset * 4)
      advanceBy(f, pointers[k] as Local, begin, (strides[0] as number) * 4)
    })
    const row = new RowEmitter(f, emitter, pointers, walks, shape[last] as number)
    /** Runs over axes from `axis` on; afterwards each pointer has moved by the axis' size times its stride. */
    const over = (axis: number): void => {
      if (axis === last) row.emit()
      else times(f, shape[axis] as number, () => step(axis))
    }
    const step = (axis: number): void => {
      over(axis + 1)
      walks.forEach(({ strides }, k) => {
        const moved = axis + 1 === last ? row.moved(k) : (shape[axis + 1] as number) * (strides[axis + 1] as number)
        advance(f, pointers[k] as Local, ((strides[axis] as number) - moved) * 4)
      })
    }
    row.hoist()
    between(f, begin, end, () => step(0))
  })
}

/** Elements from which on a call of memory.copy is faster than a loop of our own. */
const blockLength = 128

/** One row of a nest: whole vectors in a loop, then the rest with nothing written behind it. */
class RowEmitter {
  private readonly f: FunctionAssembler
  private readonly emitter: BodyEmitter
  private readonly pointers: readonly Local[]
  private readonly walks: readonly Walk[]
  private readonly vectors: number
  private readonly length: number
  /** Whether the row is copied as a block of bytes. */
  private readonly isBlock: boolean
  private readonly rest: number
  private readonly values: readonly Local[]

  constructor(f: FunctionAssembler, emitter: BodyEmitter, pointers: readonly Local[], walks: readonly Walk[], length: number) {
    this.f = f
    this.emitter = emitter
    this.pointers = pointers
    this.walks = walks
    this.vectors = length >> 2
    this.length = length
    this.isBlock = length >= blockLength && emitter.isCopy && walks.every(({ strides }) => strides.at(-1) === 1)
    this.rest = length & 3
    this.values = walks.map(() => f.local('v128'))
  }

  /** The elements by which `emit` moves the pointer of walk k. */
  moved(k: number): number {
    if (this.isBlock) return 0
    return this.vectors * 4 * this.innerStride(k)
  }

  /** Loads what is the same everywhere; before all loops. */
  hoist(): void {
    this.loadWhere(k => this.isScalar(k), 4)
  }

  emit(): void {
    if (this.isBlock) {
      for (const pointer of this.pointers) this.f.get(pointer)
      this.f.i32(this.length * 4)
      this.f.copy()
      return
    }
    this.loadWhere(k => this.innerStride(k) === 0 && !this.isScalar(k), 4)
    times(this.f, this.vectors, () => {
      this.vector(4)
      this.walks.forEach((_, k) => {
        advance(this.f, this.pointers[k] as Local, 16 * this.innerStride(k))
      })
    })
    if (this.rest > 0) this.vector(this.rest)
  }

  private vector(count: number): void {
    const { f } = this
    this.loadWhere(k => this.innerStride(k) !== 0, count)
    const [to] = this.pointers as [Local]
    const value = f.local('v128')
    this.emitter.emit(this.values.slice(1))
    f.set(value)
    if (this.innerStride(0) === 1 || count === 1) storeLanes(f, to, value, count)
    else scatterLanes(f, to, value, this.innerStride(0) * 4, count)
    f.release(value)
  }

  private loadWhere(wanted: (k: number) => boolean, count: number): void {
    for (let k = 1; k < this.walks.length; k++) {
      if (!wanted(k)) continue
      loadLanes(this.f, this.pointers[k] as Local, this.innerStride(k) * 4, count)
      this.f.set(this.values[k] as Local)
    }
  }

  private innerStride(k: number): number {
    return this.walks[k]?.strides.at(-1) as number
  }

  private isScalar(k: number): boolean {
    return this.walks[k]?.strides.every(stride => stride === 0) ?? false
  }
}

/** Stores lanes that lie `stride` bytes apart, `stride` > 0. */
function scatterLanes(f: FunctionAssembler, pointer: Local, value: Local, stride: number, count: number): void {
  for (let lane = 0; lane < count; lane++) {
    f.get(pointer)
    f.get(value)
    f.op('v128.store32_lane', lane * stride, lane)
  }
}
