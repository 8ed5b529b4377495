// Disassembles a module that ModuleAssembler made: its bytes to the text format, by the table that assembled them.

import { opcodes, valueTypes } from '../common.js'
import type { Opcode } from '../opcodes.js'
import { ByteReader } from './byteReader.js'
import { showFloat, showLanes } from './numbers.js'

/** The text of a module; any tool that reads the format makes the same code of it again. */
export function disassemble(wasm: Uint8Array): string {
  const parts = sectionsOf(wasm)
  const names = namesOf(wasm)
  const each = <T>(id: number, read: (part: ByteReader, index: number) => T): T[] => {
    const part = parts.get(id)
    return part ? Array.from({ length: part.unsigned() }, (_, index) => read(part, index)) : []
  }
  const types = each(1, part => {
    part.byte()
    return { params: valueList(part), results: valueList(part) }
  })
  const signature = ({ params, results }: Signature): string => `${group('param', params)}${group('result', results)}`
  const importedMemory = each(2, part => {
    const [module, name] = [part.text(), part.text()].map(quoted)
    part.byte()
    return `(import ${module} ${name} (memory (;0;)${limits(part)}))`
  })
  const functionTypes = each(3, part => part.unsigned())
  const memory = each(5, part => `(memory (;0;)${limits(part)})`)
  const globals = each(6, (part, index) => {
    const type = valueType(part)
    return `(global (;${index};) ${part.byte() ? `(mut ${type})` : type} (i32.const ${constant(part)}))`
  })
  const exported = each(7, part => `(export ${quoted(part.text())} (${exportKinds[part.byte()] ?? ''} ${part.unsigned()}))`)
  const functions = each(10, (part, index) => {
    const body = new ByteReader(part.take(part.unsigned()))
    const type = functionTypes[index] ?? 0
    const locals = Array.from({ length: body.unsigned() }, () => Array<string>(body.unsigned()).fill(valueType(body))).flat()
    const head = `(func (;${index};) (type ${type})${signature(types[type] as Signature)}${remark(names.get(index))}`
    return [head, ...(locals.length > 0 ? [` ${group('local', locals)}`] : []), ...instructions(body, names), ')'].join('\n  ')
  })
  const data = each(11, (part, index) => {
    part.byte()
    return `(data (;${index};) (i32.const ${constant(part)}) ${quoted(part.take(part.unsigned()))})`
  })
  const fields = [
    ...types.map((type, index) => `(type (;${index};) (func${signature(type)}))`),
    ...importedMemory,
    ...functions,
    ...memory,
    ...globals,
    ...exported,
    ...data,
  ]
  return `(module\n${fields.map(field => `  ${field}\n`).join('')})\n`
}

interface Signature {
  readonly params: readonly string[]
  readonly results: readonly string[]
}

const exportKinds: Readonly<Record<number, string>> = { 0: 'func', 2: 'memory', 3: 'global' }
const typeNames = new Map<number, string>(Object.entries(valueTypes).map(([name, code]) => [code, name]))

/** Prefix and code to name and row; two rows of one code differ in what the assembler checks, not in what they are called. */
const known = new Map<string, readonly [string, Opcode]>(
  Object.entries(opcodes).map(([name, row]) => [`${row.prefix} ${row.code}`, [name.includes('.') ? name : name.replace(/_.*/, ''), row]]),
)

/** What the assembler writes beside the table: control, locals, calls, constants, shuffles, bulk memory. */
const own: Readonly<Record<string, (code: ByteReader, names: ReadonlyMap<number, string>) => string>> = {
  '0 2': code => opening(code, 'block'),
  '0 3': code => opening(code, 'loop'),
  '0 4': code => opening(code, 'if'),
  '0 5': () => 'else',
  '0 11': () => 'end',
  '0 12': code => `br ${code.unsigned()}`,
  '0 13': code => `br_if ${code.unsigned()}`,
  '0 16': (code, names) => {
    const index = code.unsigned()
    return `call ${index}${remark(names.get(index))}`
  },
  '0 32': code => `local.get ${code.unsigned()}`,
  '0 33': code => `local.set ${code.unsigned()}`,
  '0 34': code => `local.tee ${code.unsigned()}`,
  '0 35': code => `global.get ${code.unsigned()}`,
  '0 36': code => `global.set ${code.unsigned()}`,
  '0 65': code => `i32.const ${code.signed()}`,
  '0 67': code => `f32.const ${showFloat(code.word())}`,
  '252 10': code => bulk(code, 2, 'memory.copy'),
  '252 11': code => bulk(code, 1, 'memory.fill'),
  '253 12': code => `v128.const ${showLanes([code.word(), code.word(), code.word(), code.word()])}`,
  '253 13': code => `i8x16.shuffle ${[...code.take(16)].join(' ')}`,
}

/** One line per instruction, indented as blocks are. */
function instructions(code: ByteReader, names: ReadonlyMap<number, string>): string[] {
  const lines: string[] = []
  let depth = 1
  for (;;) {
    const text = instruction(code, names)
    if (text === 'end' || text === 'else') depth--
    if (depth === 0) return lines
    lines.push(`${'  '.repeat(depth)}${text}`)
    if (/^(block|loop|if|else)$/.test(text)) depth++
  }
}

function instruction(code: ByteReader, names: ReadonlyMap<number, string>): string {
  const first = code.byte()
  const key = first === 0xfc || first === 0xfd ? `${first} ${code.unsigned()}` : `0 ${first}`
  const special = own[key]
  if (special) return special(code, names)
  const [name, { immediate, align }] = known.get(key) ?? fail(`no instruction ${key}`)
  if (immediate === 'none') return name
  if (immediate === 'lane') return `${name} ${code.byte()}`
  const wanted = code.unsigned()
  const offset = code.unsigned()
  const access = `${offset ? ` offset=${offset}` : ''}${wanted === align ? '' : ` align=${2 ** wanted}`}`
  return `${name}${access}${immediate === 'memargLane' ? ` ${code.byte()}` : ''}`
}

function opening(code: ByteReader, name: string): string {
  code.byte() // blocks of ours have no results
  return name
}

function bulk(code: ByteReader, zeros: number, name: string): string {
  code.take(zeros)
  return name
}

/** Sections by id, without custom ones. */
function sectionsOf(wasm: Uint8Array): Map<number, ByteReader> {
  const parts = new Map<number, ByteReader>()
  for (const [id, content] of walk(wasm)) if (id !== 0) parts.set(id, content)
  return parts
}

/** Names of functions, from the name section. */
function namesOf(wasm: Uint8Array): Map<number, string> {
  for (const [id, content] of walk(wasm)) {
    if (id !== 0 || content.string() !== 'name') continue
    content.byte()
    content.unsigned()
    return new Map(Array.from({ length: content.unsigned() }, () => [content.unsigned(), content.string()]))
  }
  return new Map()
}

function* walk(wasm: Uint8Array): Generator<readonly [number, ByteReader]> {
  const all = new ByteReader(wasm)
  all.take(8)
  while (!all.done) yield [all.byte(), new ByteReader(all.take(all.unsigned()))]
}

function valueList(part: ByteReader): string[] {
  return Array.from({ length: part.unsigned() }, () => valueType(part))
}

function valueType(part: ByteReader): string {
  return typeNames.get(part.byte()) ?? fail('no value type')
}

function limits(part: ByteReader): string {
  const flags = part.byte()
  return ` ${part.unsigned()}${flags & 1 ? ` ${part.unsigned()}` : ''}${flags & 2 ? ' shared' : ''}`
}

/** The number in the constant expression of an i32. */
function constant(part: ByteReader): number {
  part.byte()
  const value = part.signed()
  part.byte()
  return value
}

function group(name: string, types: readonly string[]): string {
  return types.length > 0 ? ` (${name} ${types.join(' ')})` : ''
}

/** A comment to the end of the line. */
function remark(text: string | undefined): string {
  return text ? ` ;; ${text.replace(/\p{Cc}/gu, ' ')}` : ''
}

function quoted(bytes: Uint8Array): string {
  const character = (byte: number): string => {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
    return plain ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, '0')}`
  }
  return `"${Array.from(bytes, character).join('')}"`
}

function fail(problem: string): never {
  throw new Error(`internal: disassembling: ${problem}`)
}
