// The assembler: functions as flat bytes, modules from functions. In checked mode every instruction's operands are verified.

import { type Instruction, opcodeOf, type ValueType, valueTypes } from './opcodes.js'

/** A growable byte buffer with WebAssembly's encodings. */
export class Bytes {
  private bytes = new Uint8Array(256)
  length = 0

  byte(value: number): void {
    if (this.length === this.bytes.length) this.grow(this.length + 1)
    this.bytes[this.length++] = value
  }

  /** Unsigned LEB128. */
  unsigned(value: number): void {
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  /** Signed LEB128 of an int32. */
  signed(value: number): void {
    let rest = value | 0
    for (;;) {
      const low = rest & 0x7f
      rest >>= 7
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
        this.byte(low)
        return
      }
      this.byte(low | 0x80)
    }
  }

  float(value: number): void {
    floatView.setFloat32(0, value, true)
    for (let k = 0; k < 4; k++) this.byte(floatView.getUint8(k))
  }

  text(value: string): void {
    const encoded = new TextEncoder().encode(value)
    this.unsigned(encoded.length)
    this.append(encoded)
  }

  append(other: Uint8Array): void {
    if (this.length + other.length > this.bytes.length) this.grow(this.length + other.length)
    this.bytes.set(other, this.length)
    this.length += other.length
  }

  view(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  private grow(needed: number): void {
    const bigger = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    bigger.set(this.view())
    this.bytes = bigger
  }
}

const floatView = new DataView(new ArrayBuffer(16))

/** A local variable or parameter of the function being assembled. */
export interface Local {
  readonly index: number
  readonly type: ValueType
}

export interface FunctionType {
  readonly params: readonly ValueType[]
  readonly results: readonly ValueType[]
}

/** A function of a module; calls name it by this handle. */
export interface FunctionHandle {
  readonly index: number
  readonly name: string
  readonly type: FunctionType
}

interface Frame {
  /** Stack height when the frame began. */
  readonly height: number
  readonly results: readonly ValueType[]
  unreachable: boolean
}

/** Assembles one function body. */
export class FunctionAssembler {
  readonly params: readonly Local[]
  private readonly code = new Bytes()
  private readonly locals: ValueType[] = []
  private readonly free = new Map<ValueType, Local[]>()
  private readonly paramCount: number
  /** The operand stack's types, kept in checked mode only. */
  private readonly stack: ValueType[] | undefined
  private readonly frames: Frame[]
  private readonly name: string

  constructor(name: string, type: FunctionType, checked: boolean) {
    this.name = name
    this.paramCount = type.params.length
    this.params = type.params.map((kind, index) => ({ index, type: kind }))
    this.stack = checked ? [] : undefined
    this.frames = [{ height: 0, results: type.results, unreachable: false }]
  }

  // ---- locals

  /** A fresh local, or one that was released. */
  local(type: ValueType): Local {
    const reused = this.free.get(type)?.pop()
    if (reused) return reused
    this.locals.push(type)
    return { index: this.paramCount + this.locals.length - 1, type }
  }

  /** Gives a local back for reuse; its value is lost. */
  release(...locals: readonly Local[]): void {
    for (const local of locals) {
      const list = this.free.get(local.type)
      if (list) list.push(local)
      else this.free.set(local.type, [local])
    }
  }

  get(local: Local): void {
    this.push(local.type)
    this.code.byte(0x20)
    this.code.unsigned(local.index)
  }

  set(local: Local): void {
    this.pop(local.type, 'local.set')
    this.code.byte(0x21)
    this.code.unsigned(local.index)
  }

  tee(local: Local): void {
    this.pop(local.type, 'local.tee')
    this.push(local.type)
    this.code.byte(0x22)
    this.code.unsigned(local.index)
  }

  // ---- instructions

  /** A plain instruction. Memory accesses take a byte offset; lane instructions a lane. */
  op(name: Instruction, offset = 0, lane = 0): void {
    const { prefix, code, pops, pushes, immediate, align } = opcodeOf(name)
    for (let k = pops.length - 1; k >= 0; k--) this.pop(pops[k] as ValueType, name)
    for (const type of pushes) this.push(type)
    if (prefix) {
      this.code.byte(prefix)
      this.code.unsigned(code)
    } else this.code.byte(code)
    if (immediate === 'memarg' || immediate === 'memargLane') {
      this.code.unsigned(align)
      this.code.unsigned(offset)
    }
    if (immediate === 'memargLane') this.code.byte(lane)
    else if (immediate === 'lane') this.code.byte(offset)
  }

  i32(value: number): void {
    this.push('i32')
    this.code.byte(0x41)
    this.code.signed(value)
  }

  f32(value: number): void {
    this.push('f32')
    this.code.byte(0x43)
    this.code.float(value)
  }

  /** A constant of four equal lanes; `kind` says how the number is encoded. */
  splat(value: number, kind: 'f32' | 'i32' = 'f32'): void {
    this.v128([value, value, value, value], kind)
  }

  v128(lanes: readonly [number, number, number, number], kind: 'f32' | 'i32' = 'f32'): void {
    this.push('v128')
    this.code.byte(0xfd)
    this.code.unsigned(0x0c)
    lanes.forEach((lane, k) => {
      if (kind === 'f32') floatView.setFloat32(4 * k, lane, true)
      else floatView.setInt32(4 * k, lane, true)
    })
    for (let k = 0; k < 16; k++) this.code.byte(floatView.getUint8(k))
  }

  /** i8x16.shuffle by 32-bit lanes: 0–3 from the first operand, 4–7 from the second. */
  shuffle(lanes: readonly [number, number, number, number]): void {
    this.pop('v128', 'i8x16.shuffle')
    this.pop('v128', 'i8x16.shuffle')
    this.push('v128')
    this.code.byte(0xfd)
    this.code.unsigned(0x0d)
    for (const lane of lanes) for (let k = 0; k < 4; k++) this.code.byte(lane * 4 + k)
  }

  call(target: FunctionHandle): void {
    for (let k = target.type.params.length - 1; k >= 0; k--) this.pop(target.type.params[k] as ValueType, `call ${target.name}`)
    for (const type of target.type.results) this.push(type)
    this.code.byte(0x10)
    this.code.unsigned(target.index)
  }

  /** memory.fill: pops destination, byte value, length. */
  fill(): void {
    for (let k = 0; k < 3; k++) this.pop('i32', 'memory.fill')
    for (const byte of [0xfc, 0x0b, 0x00]) this.code.byte(byte)
  }

  /** memory.copy: pops destination, source, length. */
  copy(): void {
    for (let k = 0; k < 3; k++) this.pop('i32', 'memory.copy')
    for (const byte of [0xfc, 0x0a, 0x00, 0x00]) this.code.byte(byte)
  }

  // ---- control

  /** A block that `branch(0)` inside leaves. */
  block(body: () => void): void {
    this.structured(0x02, body)
  }

  /** A loop that `branch(0)` inside begins again. */
  loop(body: () => void): void {
    this.structured(0x03, body)
  }

  /** Pops a condition; runs one side or the other. */
  if(then: () => void, otherwise?: () => void): void {
    this.pop('i32', 'if')
    this.code.byte(0x04)
    this.code.byte(0x40)
    this.frame(then)
    if (otherwise) {
      this.code.byte(0x05)
      this.frame(otherwise)
    }
    this.code.byte(0x0b)
  }

  branch(depth: number): void {
    this.code.byte(0x0c)
    this.code.unsigned(depth)
    const frame = this.frames.at(-1)
    if (frame) frame.unreachable = true
    if (this.stack && frame) this.stack.length = frame.height
  }

  /** Pops a condition and branches if it is not 0. */
  branchIf(depth: number): void {
    this.pop('i32', 'br_if')
    this.code.byte(0x0d)
    this.code.unsigned(depth)
  }

  /** The finished body with its locals, as the code section holds it. */
  finish(): Uint8Array {
    if (this.stack) this.checkEnd(this.frames[0] as Frame)
    this.code.byte(0x0b)
    const body = new Bytes()
    const runs: { type: ValueType; count: number }[] = []
    for (const type of this.locals) {
      const last = runs.at(-1)
      if (last?.type === type) last.count++
      else runs.push({ type, count: 1 })
    }
    body.unsigned(runs.length)
    for (const { type, count } of runs) {
      body.unsigned(count)
      body.byte(valueTypes[type])
    }
    body.append(this.code.view())
    return body.view()
  }

  private structured(opcode: number, body: () => void): void {
    this.code.byte(opcode)
    this.code.byte(0x40)
    this.frame(body)
    this.code.byte(0x0b)
  }

  private frame(body: () => void): void {
    const frame: Frame = { height: this.stack?.length ?? 0, results: [], unreachable: false }
    this.frames.push(frame)
    body()
    if (this.stack) this.checkEnd(frame)
    this.frames.pop()
  }

  private push(type: ValueType): void {
    this.stack?.push(type)
  }

  private pop(type: ValueType, by: string): void {
    if (!this.stack) return
    const frame = this.frames.at(-1) as Frame
    if (this.stack.length === frame.height && frame.unreachable) return
    const found = this.stack.length > frame.height ? this.stack.pop() : undefined
    if (found !== type) throw new Error(`internal: ${this.name}: ${by} needs ${type}, the stack has ${found ?? 'nothing'}`)
  }

  private checkEnd({ height, results, unreachable }: Frame): void {
    const left = (this.stack ?? []).slice(height)
    if (unreachable && left.length === 0) return
    if (left.length !== results.length || left.some((type, k) => type !== results[k])) {
      throw new Error(`internal: ${this.name}: a block ends with [${left.join(', ')}], not [${results.join(', ')}]`)
    }
  }
}

export interface MemoryLimits {
  /** Pages of 64 KiB. */
  readonly pages: number
  readonly maximum?: number
  readonly shared?: boolean
}

/** Assembles a module: functions, one memory (imported as env.memory or its own), exports, custom sections. */
export class ModuleAssembler {
  private readonly checked: boolean
  private readonly types: FunctionType[] = []
  private readonly functions: { readonly handle: FunctionHandle; body: Uint8Array | undefined }[] = []
  private readonly exports: { readonly name: string; readonly kind: 0 | 2; readonly index: number }[] = []
  private readonly customs: { readonly name: string; readonly data: Uint8Array }[] = []
  private memory: (MemoryLimits & { readonly imported: boolean }) | undefined

  /** `checked` verifies operand types while assembling; tests and debugging pay for it, production does not. */
  constructor(checked = false) {
    this.checked = checked
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
    const body = new FunctionAssembler(handle.name, handle.type, this.checked)
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

  export(handle: FunctionHandle, name: string = handle.name): void {
    this.exports.push({ name, kind: 0, index: handle.index })
  }

  custom(name: string, data: Uint8Array): void {
    this.customs.push({ name, data })
  }

  /** The binary module; function names are in a name section so that profiles and disassemblies can be read. */
  finish(): Uint8Array {
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
