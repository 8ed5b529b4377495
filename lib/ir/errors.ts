// The errors a user can meet: each says what was expected, what came and what to do.

import { showType, type ValueType } from './types.js'

export type Operands = Readonly<Record<string, ValueType>>

/** V8 keeps ten frames of a stack, which end within this library where layers are nested: these reach the user's line. */
const framesKept = 64

/** A mistake the user can fix. Anything else is a plain Error that starts with "internal:". */
export abstract class KerafoldError extends Error {
  abstract override readonly name: string // spelled out in each class: minifiers rename constructors
  readonly hint: string | undefined

  constructor(problem: string, hint?: string, details: readonly string[] = []) {
    super([problem, ...details.map(line => `  ${line}`), ...(hint ? [`  hint: ${hint}`] : [])].join('\n'))
    this.hint = hint
    keepStack(this)
  }
}

/** Operands whose shapes do not fit each other or the op, layer or model. */
export class ShapeError extends KerafoldError {
  override readonly name = 'ShapeError'
  readonly operands: Operands
  constructor(problem: string, operands: Operands = {}, hint?: string) {
    super(problem, hint, showOperands(operands))
    this.operands = operands
  }
}

/** Operands whose dtypes do not fit each other or the op. */
export class DTypeError extends KerafoldError {
  override readonly name = 'DTypeError'
  readonly operands: Operands
  constructor(problem: string, operands: Operands = {}, hint?: string) {
    super(problem, hint, showOperands(operands))
    this.operands = operands
  }
}

/** An option, argument or piece of data that is not what its documentation asks for. */
export class ArgumentError extends KerafoldError {
  override readonly name = 'ArgumentError'
}

/** Layers or tensors wired into something that is no model: disconnected, duplicate names, cycles. */
export class GraphError extends KerafoldError {
  override readonly name = 'GraphError'
}

/** Something that is not possible while a function is traced, such as reading a value. */
export class TraceError extends KerafoldError {
  override readonly name = 'TraceError'
}

/** Graph text that cannot be read; `line` counts from 1. */
export class ParseError extends KerafoldError {
  override readonly name = 'ParseError'
  readonly line: number
  constructor(problem: string, line: number, hint?: string) {
    super(`line ${line}: ${problem}`, hint)
    this.line = line
  }
}

/** A graph that breaks an invariant; thrown by `verify`. */
export class VerifyError extends KerafoldError {
  override readonly name = 'VerifyError'
}

/** A layer that was given a mask it cannot use, under `strictMasking`. */
export class MaskError extends KerafoldError {
  override readonly name = 'MaskError'
}

/** A file that is damaged, hostile, or of a kind that cannot be read; says which file and where in it. */
export class FileError extends KerafoldError {
  override readonly name = 'FileError'
}

/** A file or config that names a layer, function or op that nothing resolves. */
export class UnknownNameError extends KerafoldError {
  override readonly name = 'UnknownNameError'
}

/** A backend that is missing, not loaded, or cannot run a graph. */
export class BackendError extends KerafoldError {
  override readonly name = 'BackendError'
}

/** Use of a model or executable after `dispose()`. */
export class DisposedError extends KerafoldError {
  override readonly name = 'DisposedError'
}

function showOperands(operands: Operands): string[] {
  return Object.entries(operands).map(([name, type]) => `${name}: ${showType(type)}`)
}

/** Takes the stack of an error again, deep enough; elsewhere than on V8 it is whole already. */
function keepStack(error: KerafoldError): void {
  const limit = Error.stackTraceLimit
  if (!(limit > 0 && limit < framesKept && Reflect.set(Error, 'stackTraceLimit', framesKept))) return // absent, off, deep, or frozen
  Error.captureStackTrace(error, error.constructor)
  Error.stackTraceLimit = limit
}
