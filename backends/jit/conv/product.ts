// A convolution as a product: rows of A are windows of the image, read where they lie, so that no image is unrolled.

import type { FunctionAssembler, FunctionHandle, Local } from '../assembler.js'
import { chooseTile, panelColumns } from '../gemm/choose.js'
import type { Layout, TilePointers } from '../gemm/layout.js'
import type { GemmEpilogue } from '../gemm/spec.js'
import { emitTile } from '../gemm/tile.js'
import type { Kernel } from '../kernel.js'
import { advance, advanceBy, between, kernelType, slabwise, times } from '../kernels/loops.js'
import { showWalk, type Walk } from '../kernels/walks.js'
import type { ModuleAssembler } from '../module.js'

export interface ConvProduct {
  /** Axes of positions; tiles of rows run along the last, lines are counted over the others. */
  readonly shape: readonly number[]
  /** How each pointer steps through the positions: the result, the image, the epilogue's operands. */
  readonly result: Walk
  readonly image: Walk
  readonly operands: readonly Walk[]
  /** Loops of the contraction around its contiguous run of `length`, in elements of the image. */
  readonly taps: readonly { readonly count: number; readonly step: number }[]
  readonly length: number
  readonly groups: number
  /** Channels from one group to the next. */
  readonly groupStep: number
  /** Filters of a group. */
  readonly columns: number
  /** The epilogue; the row stride of its operands is the last step of their walks. */
  readonly epilogue: GemmEpilogue | undefined
}

/** Bytes of the image that a slab of lines reads: a quarter of a common second cache. */
const slabBytes = 1 << 18

/** Pointers (result, image, packed filters, ...epilogue operands); the extent is lines. */
export function convProduct(spec: ConvProduct): Kernel {
  const { shape, result, image, operands, taps, length, groups, groupStep, columns, epilogue } = spec
  const walks = [result, image, ...operands].map(showWalk).join(' ')
  const contraction = [...taps.map(({ count, step }) => `${count}:${step}`), length].join(' ')
  return {
    key: `conv [${shape.join(',')}] ${walks} over ${contraction}, ${groups}x${columns} by ${groupStep}${epilogue ? ` ${epilogue.key}` : ''}`,
    extent: shape.slice(0, -1).reduce((lines, size) => lines * size, 1),
    define: (module, name) => new Emitter(module, name, spec).kernel(),
  }
}

interface Move {
  readonly columns?: number
  readonly groups?: number
}

class Emitter {
  private readonly module: ModuleAssembler
  private readonly name: string
  private readonly spec: ConvProduct
  private readonly layout: Layout
  private readonly pointers: number
  private readonly panels = new Map<number, FunctionHandle>()

  constructor(module: ModuleAssembler, name: string, spec: ConvProduct) {
    this.module = module
    this.name = name
    this.spec = spec
    const { taps, length, result, image } = spec
    this.layout = {
      k: length,
      taps,
      aRow: image.strides.at(-1) as number,
      cRow: result.strides.at(-1) as number,
      bStep: panelColumns,
      bPanel: panelColumns * this.depth,
    }
    this.pointers = 3 + spec.operands.length
  }

  /** Steps of the whole contraction. */
  private get depth(): number {
    return this.spec.taps.reduce((product, { count }) => product * count, this.spec.length)
  }

  kernel(): FunctionHandle {
    const { name, spec, pointers: count } = this
    const { result, image, operands, groups, columns } = spec
    const whole = Math.floor(columns / panelColumns)
    const rest = columns % panelColumns
    if (whole > 0) this.panel(panelColumns)
    if (rest > 0) this.panel(rest)
    return this.module.function(name, kernelType(count), f => {
      const pointers = f.params.slice(0, count)
      const [begin, end] = f.params.slice(count) as [Local, Local]
      const [c, a, , ...others] = pointers as [Local, Local, Local, ...Local[]]
      advance(f, c, 4 * result.offset)
      advance(f, a, 4 * image.offset)
      others.forEach((other, k) => {
        advance(f, other, 4 * (operands[k]?.offset ?? 0))
      })
      this.slabs(f, begin, end, until => {
        const call = (width: number): void => {
          for (const local of [...pointers, begin, until]) f.get(local)
          f.call(this.panel(width))
        }
        const group = (): void => {
          times(f, whole, () => {
            call(panelColumns)
            this.move(f, pointers, { columns: panelColumns })
          })
          if (rest > 0) call(rest)
        }
        const back = { columns: -whole * panelColumns }
        if (groups === 1) {
          group()
          this.move(f, pointers, back)
          return
        }
        times(f, groups, () => {
          group()
          this.move(f, pointers, { ...back, groups: 1 })
        })
        this.move(f, pointers, { groups: -groups })
      })
    })
  }

  /** Slab after slab of lines, so that what a slab reads of the image stays near while the panels go by. Uses up `begin`. */
  private slabs(f: FunctionAssembler, begin: Local, end: Local, body: (until: Local) => void): void {
    const { shape, image } = this.spec
    const line = 4 * Math.max(1, image.strides.at(-2) ?? 1)
    const slab = Math.max(1, Math.floor(slabBytes / line))
    if (shape.slice(0, -1).reduce((lines, size) => lines * size, 1) <= slab) body(end)
    else slabwise(f, begin, end, slab, body)
  }

  private move(f: FunctionAssembler, pointers: readonly Local[], { columns = 0, groups = 0 }: Move): void {
    const { spec, layout } = this
    const panels = Math.ceil(spec.columns / panelColumns)
    const across = columns + groups * spec.columns
    const steps = [
      across,
      groups * spec.groupStep,
      (columns / panelColumns + groups * panels) * layout.bPanel,
      ...(spec.epilogue?.operands ?? []).map(({ columnStride }) => across * columnStride),
    ]
    pointers.forEach((pointer, k) => {
      advance(f, pointer, 4 * (steps[k] as number))
    })
  }

  /** The function for one block of columns over a range of lines; V8 puts in faster code where a function is called anew. */
  private panel(columns: number): FunctionHandle {
    const known = this.panels.get(columns)
    if (known) return known
    const { spec, layout, pointers: count } = this
    const { shape, result, image, operands, epilogue } = spec
    const width = shape.at(-1) as number
    const walks = [result, image, { offset: 0, strides: shape.map(() => 0) }, ...operands]
    const fma = this.module.options.fma ?? false
    const tile = chooseTile(4, this.depth, columns).rows
    const handle = this.module.helper(this.name, columns, kernelType(count), f => {
      const bases = f.params.slice(0, count)
      const [begin, end] = f.params.slice(count) as [Local, Local]
      epilogue?.begin(f)
      const locals = bases.map(base => (base === bases[2] ? base : f.local('i32')))
      const [c, a, b, ...others] = locals as [Local, Local, Local, ...Local[]]
      const pointers: TilePointers = { c, a, b, operands: others }
      const emit = (rows: number): void => {
        emitTile(f, { rows, columns }, layout, pointers, { fma, epilogue })
        locals.forEach((local, k) => {
          advance(f, local, 4 * rows * (walks[k]?.strides.at(-1) as number))
        })
      }
      between(f, begin, end, () => {
        startLine(f, shape, walks, bases, locals, begin)
        times(f, Math.floor(width / tile), () => emit(tile))
        if (width % tile > 0) emit(width % tile)
      })
    })
    this.panels.set(columns, handle)
    return handle
  }
}

/** Sets `locals` to where a line begins. */
function startLine(
  f: FunctionAssembler,
  shape: readonly number[],
  walks: readonly Walk[],
  bases: readonly Local[],
  locals: readonly Local[],
  line: Local,
): void {
  locals.forEach((local, k) => {
    if (local === bases[k]) return
    f.get(bases[k] as Local)
    f.set(local)
  })
  const [rest, index] = [f.local('i32'), f.local('i32')]
  f.get(line)
  f.set(rest)
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    const size = shape[axis] as number
    if (axis === 0) {
      f.get(rest)
      f.set(index)
    } else {
      f.get(rest)
      f.i32(size)
      f.op('i32.rem_u')
      f.set(index)
      f.get(rest)
      f.i32(size)
      f.op('i32.div_u')
      f.set(rest)
    }
    locals.forEach((local, k) => {
      advanceBy(f, local, index, 4 * (walks[k]?.strides[axis] as number))
    })
  }
  f.release(rest, index)
}
