// FunctionAssembler: one function body as flat bytes. In checked mode every instruction's operands are verified.

import { Bytes, floatView } from './bytes.js'
import { type Instruction, opcodeOf, type ValueType, valueTypes } from './opcodes.js'

export interface AssemblerOptions {
  /** Verifies operand types while assembling; tests and debugging pay for it, production does not. */
  readonly checked?: boolean
  /** Whether kernels may use relaxed SIMD's multiply-add: faster, and one rounding instead of two on some machines. */
  readonly fma?: boolean
}

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

/** A number that keeps its value from call to call, an i32. */
export interface GlobalVariable {
  readonly global: number
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
  /** Whether `f32x4.relaxed_madd` may be used. */
  readonly fma: boolean

  constructor(name: string, type: FunctionType, options: AssemblerOptions) {
    this.name = name
    this.paramCount = type.params.length
    this.params = type.params.map((kind, index) => ({ index, type: kind }))
    this.stack = options.checked ? [] : undefined
    this.fma = options.fma ?? false
    this.frames = [{ height: 0, results: type.results, unreachable: false }]
  }

  // ---- locals and globals

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

  getGlobal({ global }: GlobalVariable): void {
    this.push('i32')
    this.code.byte(0x23)
    this.code.unsigned(global)
  }

  setGlobal({ global }: GlobalVariable): void {
    this.pop('i32', 'global.set')
    this.code.byte(0x24)
    this.code.unsigned(global)
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
  finish(): Uint8Array<ArrayBuffer> {
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
