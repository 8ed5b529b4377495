// TracedFunction: a user's function as closed graphs, traced once per kind of input, or read from text.

import { ArgumentError, ParseError, ShapeError, TraceError, VerifyError } from '../ir/errors.js'
import type { Graph } from '../ir/graph.js'
import { nodeAt } from '../ir/graph.js'
import { parseGraphText } from '../ir/parser.js'
import { graphToText } from '../ir/printer.js'
import type { TensorType } from '../ir/types.js'
import { GraphBuilder, TracedTensor } from '../ops/builder.js'
import { opTable } from '../ops/table.js'
import { verify } from '../ops/verify.js'
import { checkInlinable, checkSizes, inlineGraph, inputTypes, mismatch, type SizeMap } from './inline.js'
import { onUndo } from './undo.js'

/** The tensors a function is called with. */
export interface BodyInputs {
  readonly inputs: readonly TracedTensor[]
  readonly masks: readonly (TracedTensor | null)[]
}

/** Calls the user's function; `training()` tells the mode, and that it was asked for. */
export type Code = (given: BodyInputs, training: () => boolean) => unknown

export class TracedFunction {
  /** Named in errors: `lambda "swish"`. */
  private readonly purpose: string
  private readonly code: Code | undefined
  private readonly bodies: Graph[]

  /** From code, or from bodies that were traced before and are all there is. */
  constructor(purpose: string, code: Code | undefined, bodies: readonly Graph[] = []) {
    this.purpose = purpose
    this.code = code
    this.bodies = [...bodies]
  }

  /** Emits the function's ops on the given tensors. */
  inline(builder: GraphBuilder, given: BodyInputs): TracedTensor[] {
    const operands = [...given.inputs, ...given.masks.filter(mask => mask !== null)]
    const names = inputNames(given)
    const types = operands.map(operand => operand.type)
    return inlineGraph(builder, this.bodyFor(given, names, types), operands)
  }

  private bodyFor(given: BodyInputs, names: readonly string[], types: readonly TensorType[]): Graph {
    const fitting = this.bodies.find(body => this.fits(body, names, types))
    if (fitting) return fitting
    if (this.code) {
      const body = traceJoined(this.purpose, this.code, given)
      this.bodies.push(body)
      onUndo(() => this.bodies.pop())
      return body
    }
    const [body] = this.bodies as [Graph]
    const problem = sameNames(body, names) ? mismatch(inputTypes(body), types, new Map()) : 'was traced with other inputs or masks'
    throw new ShapeError(
      `${this.purpose} ${problem ?? 'does not fit'}`,
      Object.fromEntries(types.map((type, k) => [names[k] as string, type])),
      noCode,
    )
  }

  /** Where there is code, a body serves only other names for unknown sizes: known sizes are worth a trace of their own. */
  private fits(body: Graph, names: readonly string[], types: readonly TensorType[]): boolean {
    const sizes: SizeMap = new Map()
    if (!sameNames(body, names) || mismatch(inputTypes(body), types, sizes)) return false
    return !this.code || [...sizes.values()].every(size => typeof size === 'string')
  }

  /**
   * The bodies as graph text.
   * @throws ArgumentError when the function has not been traced yet.
   */
  texts(): string[] {
    if (this.bodies.length === 0) throw new ArgumentError(`${this.purpose} has not been called yet, so there is no traced body to write`)
    return this.bodies.map(graphToText)
  }
}

const noCode = 'it was loaded without its function; give one to trace it anew'

/**
 * Reads a body that `texts` gave.
 * @throws ArgumentError that begins with `where`, when the text is no such body.
 */
export function parseBody(text: string, where: string): Graph {
  try {
    const body = checkSizes(checkInlinable(verify(parseGraphText(text, opTable))))
    const odd = bodyNames(body).find(name => !/^(input|mask)_\d+$/.test(name))
    if (odd !== undefined) throw new VerifyError(`inputs of a body are named input_0, mask_0, …, not ${JSON.stringify(odd)}`)
    return body
  } catch (error) {
    if (!(error instanceof ParseError || error instanceof VerifyError)) throw error
    throw new ArgumentError(`${where} is no graph text of a Lambda: ${error.message}`)
  }
}

/** A function that asks for the mode is traced for both, and joined where they differ. */
function traceJoined(purpose: string, code: Code, given: BodyInputs): Graph {
  let asked = false
  const trace = (training: boolean) =>
    traceOnce(purpose, code, given, () => {
      asked = true
      return training
    })
  const infer = trace(false)
  if (!asked) return infer
  const train = trace(true)
  if (graphToText(train) === graphToText(infer)) return infer
  const builder = new GraphBuilder(purpose)
  const feeds = inputFeeds(builder, given)
  const [ofTrain, ofInfer] = [train, infer].map(body => inlineGraph(builder, body, feeds)) as [TracedTensor[], TracedTensor[]]
  if (ofTrain.length !== ofInfer.length)
    throw new TraceError(`${purpose} gives ${ofTrain.length} tensors in training and ${ofInfer.length} else`)
  const joined = ofInfer.map((output, k) => builder.emit('phase', [ofTrain[k] as TracedTensor, output], {}))
  return finish(builder, joined)
}

function traceOnce(purpose: string, code: Code, given: BodyInputs, training: () => boolean): Graph {
  const builder = new GraphBuilder(purpose)
  const feeds = inputFeeds(builder, given)
  const inputs = feeds.slice(0, given.inputs.length)
  const rest = feeds.slice(given.inputs.length)
  const masks = given.masks.map(mask => (mask ? (rest.shift() as TracedTensor) : null))
  return finish(builder, tensorsFrom(purpose, code({ inputs, masks }, training)))
}

function inputFeeds(builder: GraphBuilder, given: BodyInputs): TracedTensor[] {
  const tensors = [...given.inputs, ...given.masks.filter(mask => mask !== null)]
  return inputNames(given).map((name, k) => builder.input(name, (tensors[k] as TracedTensor).type))
}

function inputNames({ inputs, masks }: BodyInputs): string[] {
  return [...inputs.map((_, k) => `input_${k}`), ...masks.flatMap((mask, k) => (mask ? [`mask_${k}`] : []))]
}

function finish(builder: GraphBuilder, outputs: readonly TracedTensor[]): Graph {
  return checkInlinable(builder.build({ outputs: outputs.map((value, k) => ({ name: `output_${k}`, value })) }))
}

/** What a traced function may give: a tensor, a list of tensors, or nothing (no mask). */
function tensorsFrom(purpose: string, result: unknown): TracedTensor[] {
  const list: readonly unknown[] = result === null ? [] : Array.isArray(result) ? result : [result]
  return list.map(part => {
    if (part instanceof TracedTensor) return part
    const hint = part instanceof Promise ? 'a traced function cannot be async' : 'compute it from the input with K functions'
    throw new TraceError(`${purpose} should give a tensor or a list of tensors, got ${describe(part)}`, hint)
  })
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  return typeof value === 'object' && value !== null ? value.constructor.name : String(value)
}

function bodyNames(body: Graph): string[] {
  return body.inputs.map(id => {
    const node = nodeAt(body, id)
    return node.op === 'input' ? node.attrs.name : id
  })
}

function sameNames(body: Graph, names: readonly string[]): boolean {
  const own = bodyNames(body)
  return own.length === names.length && own.every((name, k) => name === names[k])
}
