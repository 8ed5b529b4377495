// ModuleAssembler: functions, one memory, its data, exports and custom sections to the bytes of a module.

import { type AssemblerOptions, FunctionAssembler, type FunctionHandle, type FunctionType, type GlobalVariable } from './assembler.js'
import { Bytes } from './bytes.js'
import { type ValueType, valueTypes } from './opcodes.js'

export interface MemoryLimits {
  /** Pages of 64 KiB. */
  readonly pages: number
  readonly maximum?: number
  readonly shared?: boolean
}

/** Assembles a module: functions, one memory (imported as env.memory or its own), data, exports, custom sections. */
export class ModuleAssembler {
  readonly options: AssemblerOptions
  private readonly types: FunctionType[] = []
  private readonly functions: { readonly handle: FunctionHandle; body: Uint8Array | undefined }[] = []
  private readonly exports: { readonly name: string; readonly kind: 0 | 2 | 3; readonly index: number }[] = []
  private readonly globals: { readonly value: number; readonly mutable: boolean }[] = []
  private readonly segments: { readonly offset: number; readonly data: Uint8Array }[] = []
  private readonly customs: { readonly name: string; readonly data: Uint8Array }[] = []
  private memory: (MemoryLimits & { readonly imported: boolean }) | undefined

  constructor(options: AssemblerOptions = {}) {
    this.options = options
  }

  importMemory(limits: MemoryLimits): void {
    this.memory = { ...limits, imported: true }
  }

  ownMemory(limits: MemoryLimits, exportAs: string): void {
    this.memory = { ...limits, imported: false }
    this.exports.push({ name: exportAs, kind: 2, index: 0 })
  }

  /** Declares a function, so that it can be called before it is defined. */
  declare(name: string, type: FunctionType): FunctionHandle {
    const handle = { index: this.functions.length, name, type }
    this.functions.push({ handle, body: undefined })
    return handle
  }

  define(handle: FunctionHandle, write: (body: FunctionAssembler) => void): void {
    const body = new FunctionAssembler(handle.name, handle.type, this.options)
    write(body)
    const entry = this.functions[handle.index]
    if (!entry || entry.body) throw new Error(`internal: ${handle.name} is defined twice`)
    entry.body = body.finish()
  }

  function(name: string, type: FunctionType, write: (body: FunctionAssembler) => void): FunctionHandle {
    const handle = this.declare(name, type)
    this.define(handle, write)
    return handle
  }

  /** A function that only `owner` calls, under a short name: names are bytes of the module. */
  helper(owner: string, part: string | number, type: FunctionType, write: (body: FunctionAssembler) => void): FunctionHandle {
    return this.function(`${owner.slice(0, Math.max(0, owner.indexOf(' ')))}.${part}`, type, write)
  }

  export(handle: FunctionHandle, name: string = handle.name): void {
    this.exports.push({ name, kind: 0, index: handle.index })
  }

  /** Exports a number that never changes, as an i32. */
  exportNumber(name: string, value: number): void {
    this.exports.push({ name, kind: 3, index: this.globals.push({ value, mutable: false }) - 1 })
  }

  /** An i32 of the module's own that functions change; 0 at first. */
  variable(): GlobalVariable {
    return { global: this.globals.push({ value: 0, mutable: true }) - 1 }
  }

  /** Bytes that lie in memory from the beginning. */
  data(offset: number, data: Uint8Array): void {
    if (data.length > 0) this.segments.push({ offset, data })
  }

  custom(name: string, data: Uint8Array): void {
    this.customs.push({ name, data })
  }

  /** The binary module; function names are in a name section so that profiles and disassemblies can be read. */
  finish(): Uint8Array<ArrayBuffer> {
    const typeIndexes = this.functions.map(({ handle }) => this.typeIndex(handle.type))
    const module = new Bytes()
    for (const byte of [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]) module.byte(byte)
    this.section(module, 1, this.types, (out, type) => {
      out.byte(0x60)
      this.valueList(out, type.params)
      this.valueList(out, type.results)
    })
    const { memory } = this
    if (memory?.imported) {
      this.section(module, 2, [memory], (out, limits) => {
        out.text('env')
        out.text('memory')
        out.byte(0x02)
        this.limits(out, limits)
      })
    }
    this.section(module, 3, typeIndexes, (out, index) => out.unsigned(index))
    if (memory && !memory.imported) this.section(module, 5, [memory], (out, limits) => this.limits(out, limits))
    this.section(module, 6, this.globals, (out, { value, mutable }) => {
      out.byte(valueTypes.i32)
      out.byte(mutable ? 0x01 : 0x00)
      constant(out, value)
    })
    this.section(module, 7, this.exports, (out, { name, kind, index }) => {
      out.text(name)
      out.byte(kind)
      out.unsigned(index)
    })
    this.section(module, 10, this.functions, (out, { handle, body }) => {
      if (!body) throw new Error(`internal: ${handle.name} is declared but not defined`)
      out.unsigned(body.length)
      out.append(body)
    })
    this.section(module, 11, this.segments, (out, { offset, data }) => {
      out.byte(0x00)
      constant(out, offset)
      out.unsigned(data.length)
      out.append(data)
    })
    this.customSection(module, 'name', this.nameSection())
    for (const { name, data } of this.customs) this.customSection(module, name, data)
    return module.view().slice()
  }

  private typeIndex(type: FunctionType): number {
    const key = JSON.stringify([type.params, type.results])
    const known = this.types.findIndex(other => JSON.stringify([other.params, other.results]) === key)
    return known >= 0 ? known : this.types.push(type) - 1
  }

  private section<T>(module: Bytes, id: number, items: readonly T[], write: (out: Bytes, item: T) => void): void {
    if (items.length === 0) return
    const out = new Bytes()
    out.unsigned(items.length)
    for (const item of items) write(out, item)
    module.byte(id)
    module.unsigned(out.length)
    module.append(out.view())
  }

  private customSection(module: Bytes, name: string, data: Uint8Array): void {
    const out = new Bytes()
    out.text(name)
    out.append(data)
    module.byte(0)
    module.unsigned(out.length)
    module.append(out.view())
  }

  private nameSection(): Uint8Array {
    const names = new Bytes()
    names.unsigned(this.functions.length)
    for (const { handle } of this.functions) {
      names.unsigned(handle.index)
      names.text(handle.name)
    }
    const out = new Bytes()
    out.byte(1)
    out.unsigned(names.length)
    out.append(names.view())
    return out.view()
  }

  private valueList(out: Bytes, types: readonly ValueType[]): void {
    out.unsigned(types.length)
    for (const type of types) out.byte(valueTypes[type])
  }

  private limits(out: Bytes, { pages, maximum, shared = false }: MemoryLimits): void {
    if (shared && maximum === undefined) throw new Error('internal: a shared memory needs a maximum')
    out.byte(shared ? 0x03 : maximum === undefined ? 0x00 : 0x01)
    out.unsigned(pages)
    if (maximum !== undefined) out.unsigned(maximum)
  }
}

/** The constant expression of an i32. */
function constant(out: Bytes, value: number): void {
  out.byte(0x41)
  out.signed(value)
  out.byte(0x0b)
}
