// The text form of a graph, read back: a tokeniser and a recursive descent parser.

import { ParseError } from './errors.js'
import { freezeGraph, type Graph, makeNode, type Node, type Result, type VariableInfo, type VariableKind } from './graph.js'
import { leafOps } from './printer.js'
import { type DType, dtypes, isTuple, type Shape, type TensorType, type ValueType } from './types.js'
import type { OpAttrs, OpName } from './vocabulary.js'

/** The deepest nesting of regions and attribute lists that is read: text may come from a file. */
const maxDepth = 64
const kinds: readonly string[] = ['weight', 'statistic', 'counter', 'state', 'prepared', 'bound'] satisfies VariableKind[]

type TokenKind = 'word' | 'string' | 'number' | 'id' | 'punct' | 'end'
interface Token {
  readonly kind: TokenKind
  readonly text: string
  readonly line: number
}

/** What the parser must know of an op: whether the name exists. */
export type OpNames = Readonly<Record<string, unknown>>

/**
 * Reads graph text as `graphToText` prints it. `ops` tells which op names exist.
 * The result is well formed but not verified: types are taken as written.
 * @throws ParseError with the line of the first mistake.
 */
export function parseGraphText(text: string, ops: OpNames): Graph {
  const parser = new Parser(tokenize(text), ops)
  parser.keyword('graph')
  const graph = parser.graph(0)
  parser.expect('end')
  return freezeGraph(graph)
}

const tokenPattern =
  /(\s+|\/\/[^\n]*)|%(?:("(?:[^"\\\n]|\\.)*")|([\w/.#:-]+))|("(?:[^"\\\n]|\\.)*")|(-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|inf)(?![\w/#.])|nan(?![\w/#.]))|([\w/.#-]+)|([{}()[\],:=@])/y

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  tokenPattern.lastIndex = 0
  while (tokenPattern.lastIndex < text.length) {
    const at = tokenPattern.lastIndex
    const match = tokenPattern.exec(text)
    if (!match) throw new ParseError(`unexpected character ${JSON.stringify(text[at])}`, line)
    const [all, space, quotedId, bareId, quoted, number, word, punct] = match
    if (space !== undefined) line += all.split('\n').length - 1
    else if (quotedId !== undefined) tokens.push({ kind: 'id', text: unquote(quotedId, line), line })
    else if (bareId !== undefined) tokens.push({ kind: 'id', text: bareId, line })
    else if (quoted !== undefined) tokens.push({ kind: 'string', text: unquote(quoted, line), line })
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, line })
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, line })
    else tokens.push({ kind: 'punct', text: punct as string, line })
  }
  tokens.push({ kind: 'end', text: 'end of text', line })
  return tokens
}

function unquote(text: string, line: number): string {
  try {
    return JSON.parse(text) as string
  } catch {
    throw new ParseError(`bad string ${text}`, line)
  }
}

class Parser {
  private readonly tokens: readonly Token[]
  private readonly ops: OpNames
  private at = 0

  constructor(tokens: readonly Token[], ops: OpNames) {
    this.tokens = tokens
    this.ops = ops
  }

  graph(depth: number): Graph {
    if (depth > maxDepth) throw this.error(`regions nest deeper than ${maxDepth}`)
    this.punct('{')
    const inputs: string[] = []
    const variables: Record<string, VariableInfo> = Object.create(null)
    const nodes: Record<string, Node> = Object.create(null)
    const outputs: Result[] = []
    const losses: Result[] = []
    const updates: Record<string, string> = Object.create(null)
    while (!this.takes('punct', '}')) {
      const token = this.peek()
      if (token.kind === 'id') {
        const node = this.node(depth)
        if (nodes[node.id]) throw new ParseError(`%${node.id} is defined twice`, token.line)
        nodes[node.id] = node
        if (node.op === 'input') inputs.push(node.id)
      } else if (this.takes('word', 'var')) {
        const name = this.expect('string').text
        if (variables[name]) throw this.error(`variable ${JSON.stringify(name)} is declared twice`)
        this.punct(':')
        variables[name] = { type: this.tensorType(), kind: this.variableKind() }
      } else if (this.takes('word', 'output')) outputs.push(this.result())
      else if (this.takes('word', 'loss')) losses.push(this.result())
      else if (this.takes('word', 'update')) {
        const { name, node } = this.result()
        if (updates[name]) throw this.error(`variable ${JSON.stringify(name)} is updated twice`)
        updates[name] = node
      } else throw this.error(`expected a node, var, output, loss, update or "}", got ${JSON.stringify(token.text)}`)
    }
    return { inputs, variables: { ...variables }, nodes: { ...nodes }, results: { outputs, losses, updates: { ...updates } } }
  }

  private node(depth: number): Node {
    const id = this.safe(this.expect('id').text)
    this.punct('=')
    const opToken = this.expect('word')
    const op = opToken.text
    if (!this.isOp(op)) throw new ParseError(`there is no op ${JSON.stringify(op)}`, opToken.line)
    const inputs = this.list('(', ')', () => this.expect('id').text)
    const attrs = this.startsAttrs() ? this.attrs(depth) : {}
    const body = this.peek().text === '{' && this.peek().kind === 'punct' ? this.graph(depth + 1) : undefined
    if ((body !== undefined) !== (op === 'fused' || op === 'scan')) throw this.error(`${op} ${body ? 'has no' : 'needs a'} region`)
    this.punct(':')
    const type = this.type()
    const origin: string[] = []
    if (this.takes('punct', '@')) {
      do origin.push(this.originWord())
      while (this.takes('punct', ','))
    }
    if (leafOps.has(op)) {
      if (isTuple(type)) throw this.error(`${op} cannot be a tuple`)
      Object.assign(attrs, { dtype: type.dtype, shape: type.shape })
    }
    // The attributes are checked against the op by `verify`; here they are plain JSON.
    return makeNode({ id, op, inputs, attrs: attrs as OpAttrs[OpName], type, origin, body })
  }

  /** `{key: value}` are attributes; `{%id = …}` or `{var …}` begin a region. */
  private startsAttrs(): boolean {
    const [brace, key, colon] = this.tokens.slice(this.at, this.at + 3)
    return brace?.text === '{' && brace.kind === 'punct' && key?.kind === 'word' && colon?.text === ':'
  }

  private attrs(depth: number): Record<string, unknown> {
    const attrs: Record<string, unknown> = {}
    this.list('{', '}', () => {
      const key = this.safe(this.expect('word').text)
      this.punct(':')
      attrs[key] = this.value(depth)
    })
    return attrs
  }

  private value(depth: number): unknown {
    if (depth > maxDepth) throw this.error(`values nest deeper than ${maxDepth}`)
    const token = this.peek()
    if (token.kind === 'string') return this.next().text
    if (token.kind === 'number') return this.number()
    if (token.text === '[' && token.kind === 'punct') return this.list('[', ']', () => this.value(depth + 1))
    const word = this.expect('word').text
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === 'null') return null
    throw new ParseError(`expected a value, got ${word}`, token.line)
  }

  private isOp(name: string): name is OpName {
    return Object.hasOwn(this.ops, name)
  }

  private number(): number {
    const { text } = this.expect('number')
    if (text === 'nan') return Number.NaN
    if (text.endsWith('inf')) return text.startsWith('-') ? -Infinity : Infinity
    return Number(text)
  }

  private type(): ValueType {
    if (this.peek().text !== '(') return this.tensorType()
    return { tuple: this.list('(', ')', () => this.tensorType()) }
  }

  private tensorType(): TensorType {
    const token = this.expect('word')
    const dtype = dtypes.find(name => name === token.text) as DType | undefined
    if (!dtype) throw new ParseError(`expected a dtype (${dtypes.join(', ')}), got ${JSON.stringify(token.text)}`, token.line)
    return { dtype, shape: this.shape() }
  }

  private shape(): Shape {
    return this.list('[', ']', () => {
      const token = this.next()
      if (token.kind === 'word' || token.kind === 'string') return token.text
      const size = token.kind === 'number' ? Number(token.text) : Number.NaN
      if (!Number.isSafeInteger(size) || size < 0) throw new ParseError(`expected a size, got ${token.text}`, token.line)
      return size
    })
  }

  private variableKind(): VariableKind {
    const token = this.expect('word')
    if (!kinds.includes(token.text)) throw new ParseError(`expected a kind of variable, got ${token.text}`, token.line)
    return token.text as VariableKind
  }

  private result(): Result {
    const name = this.safe(this.expect('string').text)
    this.punct('=')
    return { name, node: this.expect('id').text }
  }

  private originWord(): string {
    const token = this.next()
    if (token.kind === 'string' || token.kind === 'word' || token.kind === 'number') return token.text
    throw new ParseError(`expected a layer call, got ${JSON.stringify(token.text)}`, token.line)
  }

  private list<T>(open: string, close: string, item: () => T): T[] {
    this.punct(open)
    const items: T[] = []
    if (this.takes('punct', close)) return items
    do items.push(item())
    while (this.takes('punct', ','))
    this.punct(close)
    return items
  }

  private safe(key: string): string {
    if (key === '__proto__') throw this.error('"__proto__" is not allowed as a name')
    return key
  }

  keyword(text: string): void {
    if (!this.takes('word', text)) throw this.error(`expected "${text}", got ${JSON.stringify(this.peek().text)}`)
  }

  private punct(text: string): void {
    if (!this.takes('punct', text)) throw this.error(`expected "${text}", got ${JSON.stringify(this.peek().text)}`)
  }

  private takes(kind: TokenKind, text: string): boolean {
    const token = this.peek()
    if (token.kind !== kind || token.text !== text) return false
    this.at++
    return true
  }

  expect(kind: TokenKind): Token {
    const token = this.peek()
    if (token.kind !== kind) throw this.error(`expected ${kind === 'end' ? 'the end' : `a ${kind}`}, got ${JSON.stringify(token.text)}`)
    this.at++
    return token
  }

  private next(): Token {
    const token = this.peek()
    this.at++
    return token
  }

  private peek(): Token {
    return this.tokens[Math.min(this.at, this.tokens.length - 1)] as Token
  }

  private error(problem: string): ParseError {
    return new ParseError(problem, this.peek().line)
  }
}
