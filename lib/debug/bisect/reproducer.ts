// Reproducers: a suspect's graph and values as text that a person can read and `reproduce` runs again.

import { FileError, KerafoldError } from '../../ir/errors.js'
import { parseGraphText } from '../../ir/parser.js'
import { graphToText, printNumber } from '../../ir/printer.js'
import { type DType, dtypes, sizeOf } from '../../ir/types.js'
import type { Value } from '../../ops/op.js'
import { opTable } from '../../ops/table.js'
import { makeValue } from '../../ops/values.js'
import { verify } from '../../ops/verify.js'
import type { Case } from '../reference.js'
import { type Suspect, type SuspectKind, showSuspect } from './suspect.js'

/** What a reproducer says: run this pass, or compile for this backend, on this case. */
export interface Reproducer {
  readonly kind: SuspectKind
  readonly name: string
  /** The backend whose fusing the pass knows. */
  readonly backend: string
  readonly given: Case
}

const kinds: readonly SuspectKind[] = ['pass', 'kernel', 'program']

/** The text of a reproducer: what went wrong, what to run, the graph, and each value that enters it. */
export function printReproducer(suspect: Suspect, backend: string): string {
  const { graph, feeds } = suspect.reproduction
  const values = [...printValues('input', feeds.inputs), ...printValues('variable', feeds.variables)]
  return [
    `// ${showSuspect(suspect)}`,
    `// ${suspect.problem}`,
    '// kerafold bisect --reproduce FILE runs this again',
    `run ${suspect.kind} ${JSON.stringify(suspect.name)} for ${JSON.stringify(backend)}`,
    graphToText(graph).trimEnd(),
    ...values,
    '',
  ].join('\n')
}

function printValues(kind: string, values: Readonly<Record<string, Value>>): string[] {
  return Object.entries(values).map(([name, { dtype, shape, data }]) => {
    const list = Array.from(data, value => printNumber(dtype === 'float32' ? Math.fround(value) : value))
    return `${kind} ${JSON.stringify(name)} ${dtype}[${shape.join(',')}] = [${list.join(', ')}]`
  })
}

/**
 * Reads a reproducer back and verifies its graph; nothing in it is run.
 * @throws FileError naming the file and the line, or what is wrong with the graph.
 */
export function parseReproducer(text: string, name: string): Reproducer {
  const lines = text.split(/\r?\n/)
  const start = lines.findIndex(line => line.startsWith('graph {'))
  const end = lines.indexOf('}', start)
  if (start < 0 || end < 0)
    throw new FileError(`${name} is no reproducer: it has no graph`, 'kerafold bisect writes one when it finds something')
  const fail = (line: number, problem: string) => new FileError(`${name}: line ${line + 1}: ${problem}`)
  const head = lines.slice(0, start).findIndex(line => line.startsWith('run '))
  const [, kind, quoted = '', backend = ''] = /^run (\w+) ("(?:[^"\\]|\\.)*") for "(\w+)"$/.exec(lines[head] ?? '') ?? []
  const known = kinds.find(each => each === kind)
  if (!known) throw fail(Math.max(head, 0), 'expected: run pass "NAME" for "BACKEND", or kernel or program')
  const values = { input: new Map<string, Value>(), variable: new Map<string, Value>() }
  lines.slice(end + 1).forEach((line, k) => {
    if (line.trim() === '' || line.startsWith('//')) return
    const at = end + 1 + k
    const [, what, label = '', dtype, sizes = '', list = ''] =
      /^(input|variable) ("(?:[^"\\]|\\.)*") (\w+)\[([\d,]*)\] = \[(.*)\]$/.exec(line) ?? []
    if (what !== 'input' && what !== 'variable') throw fail(at, 'expected: input "NAME" float32[2,3] = [numbers]')
    values[what].set(unquote(label, at, fail), parseValue(dtype, sizes, list, at, fail))
  })
  const graph = attempt(name, () => verify(parseGraphText(lines.slice(start, end + 1).join('\n'), opTable)))
  const feeds = { inputs: Object.fromEntries(values.input), variables: Object.fromEntries(values.variable) }
  const wanted = [
    ...graph.inputs.map(id => [values.input, id] as const),
    ...Object.keys(graph.variables).map(id => [values.variable, id] as const),
  ]
  const missing = wanted.find(([map, id]) => {
    const node = graph.nodes[id]
    return !map.has(map === values.input && node?.op === 'input' ? node.attrs.name : id)
  })
  if (missing) throw new FileError(`${name}: there is no value for ${JSON.stringify(missing[1])}`)
  return { kind: known, name: unquote(quoted, head, fail), backend, given: { graph, feeds } }
}

type Fail = (line: number, problem: string) => FileError

function unquote(text: string, line: number, fail: Fail): string {
  try {
    return String(JSON.parse(text))
  } catch {
    throw fail(line, `${text} is no string`)
  }
}

function parseValue(dtype: string | undefined, sizes: string, list: string, line: number, fail: Fail): Value {
  const known = dtypes.find((each): each is DType => each === dtype)
  if (!known) throw fail(line, `expected ${dtypes.join(', ')}, got ${dtype}`)
  const shape = sizes === '' ? [] : sizes.split(',').map(Number)
  const numbers = list.trim() === '' ? [] : list.split(',').map(item => parseNumber(item.trim(), line, fail))
  if (numbers.length !== sizeOf(shape)) throw fail(line, `[${sizes}] needs ${sizeOf(shape)} numbers, got ${numbers.length}`)
  return makeValue(known, shape, flat => numbers[flat] as number)
}

function parseNumber(text: string, line: number, fail: Fail): number {
  if (text === 'nan') return Number.NaN
  if (text === 'inf' || text === '-inf') return text === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)) throw fail(line, `${JSON.stringify(text)} is no number`)
  return Number(text)
}

/** Names the file in what is wrong with its graph. */
function attempt<T>(name: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (error instanceof KerafoldError) throw new FileError(`${name}: ${error.message}`)
    throw error
  }
}
