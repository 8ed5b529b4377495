// A whole product from tiles: slabs of rows, in them blocks of columns, in those blocks of rows.

import type { FunctionAssembler, FunctionHandle, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { advance, advanceBy, between, kernelType, minimum, slabwise, times } from '../kernels/loops.js'
import type { ModuleAssembler } from '../module.js'
import { chooseTile, panelColumns, type TileChoice } from './choose.js'
import type { Layout, TileOptions, TilePointers } from './layout.js'
import type { GemmSpec } from './spec.js'
import { emitTile } from './tile.js'

/** The kernel of a product, B laid out as told. */
export function productKernel(name: string, spec: GemmSpec, { bStep, bPanel }: Pick<Layout, 'bStep' | 'bPanel'>, int = false): Kernel {
  const { m, k, n, epilogue, fma } = spec
  const choice = chooseTile(m, k, n)
  const layout = { k, aRow: k, cRow: n, bStep, bPanel }
  const extent = m <= choice.rows ? Math.ceil(n / choice.columns) : Math.ceil(m / choice.rows)
  return {
    key: `${name} ${m}x${k}x${n}${fma === undefined ? '' : fma ? ' fma' : ' strict'}${epilogue ? ` ${epilogue.key}` : ''}`,
    extent: m === 0 || n === 0 ? 0 : extent,
    ...(m <= choice.rows ? { streamed: 4 * k * choice.columns } : {}),
    define: (module, as) =>
      emitProduct(module, as, { m, n, layout, choice, options: { int, epilogue, fma: !int && (fma ?? module.options.fma ?? false) } }),
  }
}

interface Product {
  readonly m: number
  readonly n: number
  readonly layout: Layout
  readonly options: TileOptions
  readonly choice: TileChoice
}

/**
 * Pointers (C, A, B, ...epilogue operands), begin and end over blocks of rows, or of columns where all rows are one block.
 *
 * The work on one block of columns is a function of its own if there are several: V8 puts in its faster code only where a
 * function is called anew. A function per tile would do that sooner, but costs 14 % of the speed.
 */
function emitProduct(module: ModuleAssembler, name: string, product: Product): FunctionHandle {
  const { m, n, choice, options } = product
  const count = 3 + (options.epilogue?.operands.length ?? 0)
  const oneBlock = m <= choice.rows
  const work = n <= choice.columns ? inlineColumns(product) : calledColumns(module, name, product, count)
  return module.function(name, kernelType(count), f => {
    const pointers = asPointers(f.params.slice(0, count))
    const [begin, end] = f.params.slice(count) as [Local, Local]
    if (n <= choice.columns) options.epilogue?.begin(f)
    if (!oneBlock) {
      move(f, product, pointers, { rows: choice.rows, times: begin })
      slabs(f, product, pointers, begin, end, work)
    } else {
      move(f, product, pointers, { columns: choice.columns, times: begin })
      blocks(f, begin, end, n, choice.columns, columns => {
        work(f, columns, pointers)
        move(f, product, pointers, { columns })
      })
    }
  })
}

/** Emits the work on a block of columns: over all rows if they are one block, else over the row blocks of a range, which uses up its locals. */
type ColumnWork = (f: FunctionAssembler, columns: number, pointers: TilePointers, range?: readonly [Local, Local]) => void

function inlineColumns(product: Product): ColumnWork {
  const { m, choice, layout, options } = product
  return (f, columns, pointers, range) => {
    if (!range) {
      emitTile(f, { rows: m, columns }, layout, pointers, options)
      return
    }
    const [begin, end] = range
    blocks(f, begin, end, m, choice.rows, rows => {
      emitTile(f, { rows, columns }, layout, pointers, options)
      move(f, product, pointers, { rows })
    })
  }
}

function calledColumns(module: ModuleAssembler, name: string, product: Product, count: number): ColumnWork {
  const made = new Map<number, FunctionHandle>()
  return (f, columns, pointers, range) => {
    const type = { params: new Array<'i32'>(count + (range?.length ?? 0)).fill('i32'), results: [] }
    const handle =
      made.get(columns) ??
      module.helper(name, columns, type, inner => {
        product.options.epilogue?.begin(inner)
        const [begin, end] = inner.params.slice(count)
        inlineColumns(product)(inner, columns, asPointers(inner.params.slice(0, count)), begin && end && [begin, end])
      })
    made.set(columns, handle)
    for (const local of [...asList(pointers), ...(range ?? [])]) f.get(local)
    f.call(handle)
  }
}

/** Slab after slab of rows; within a slab, block after block of columns. Uses up `begin`. */
function slabs(f: FunctionAssembler, product: Product, pointers: TilePointers, begin: Local, end: Local, work: ColumnWork): void {
  const { m, n, choice } = product
  const whole = Math.floor(n / choice.columns)
  if (n <= choice.columns) {
    work(f, n, pointers, [begin, end])
    return
  }
  const column = (until: Local, columns: number): void => work(f, columns, pointers, [begin, until])
  const slab = (until: Local): void => {
    times(f, whole, () => {
      column(until, choice.columns)
      move(f, product, pointers, { columns: choice.columns })
    })
    if (n % choice.columns > 0) column(until, n % choice.columns)
  }
  if (m <= choice.rows * choice.slab) {
    slab(end)
    return
  }
  slabwise(f, begin, end, choice.slab, until => {
    slab(until)
    move(f, product, pointers, { columns: -whole * choice.columns, rows: choice.rows * choice.slab })
  })
}

/** Runs `body` for blocks begin…end of the ⌈total / size⌉ there are, the last of which may be smaller. Uses up `begin`. */
function blocks(f: FunctionAssembler, begin: Local, end: Local, total: number, size: number, body: (size: number) => void): void {
  const whole = Math.floor(total / size)
  const rest = total % size
  if (whole > 0) {
    const last = f.local('i32')
    if (rest > 0) minimum(f, end, () => f.i32(whole))
    else f.get(end)
    f.set(last)
    between(f, begin, last, () => body(size))
    f.release(last)
  }
  if (rest === 0) return
  // the loop has brought begin to the last block, if that is in the range
  f.get(begin)
  f.get(end)
  f.op('i32.lt_s')
  f.if(() => body(rest))
}

interface Move {
  readonly rows?: number
  /** A multiple of the panel's columns, or 0. */
  readonly columns?: number
  /** How often, if not once. */
  readonly times?: Local
}

/** Moves the pointers of a tile. */
function move(
  f: FunctionAssembler,
  { layout, options }: Product,
  pointers: TilePointers,
  { rows = 0, columns = 0, times: count }: Move,
): void {
  const { aRow, cRow, bPanel } = layout
  const operands = options.epilogue?.operands ?? []
  const steps = [
    rows * cRow + columns,
    rows * aRow,
    (columns / panelColumns) * bPanel,
    ...operands.map(({ rowStride, columnStride }) => rows * rowStride + columns * columnStride),
  ]
  asList(pointers).forEach((pointer, i) => {
    const bytes = 4 * (steps[i] as number)
    if (count) advanceBy(f, pointer, count, bytes)
    else advance(f, pointer, bytes)
  })
}

function asPointers(locals: readonly Local[]): TilePointers {
  const [c, a, b, ...operands] = locals as [Local, Local, Local, ...Local[]]
  return { c, a, b, operands }
}

function asList({ c, a, b, operands }: TilePointers): Local[] {
  return [c, a, b, ...operands]
}
