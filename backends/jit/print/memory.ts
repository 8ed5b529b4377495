// Prints the memory map: every buffer of a session's programs, where it lies, how many bytes it takes, and when it is needed.

import { Lives, paddedBytes } from '../common.js'
import type { Buffer } from '../schedule.js'
import type { Compiled } from '../session.js'
import type { Labels } from './labels.js'
import { showWord } from './numbers.js'

export interface ShownProgram {
  readonly name: string
  readonly compiled: Compiled
}

export interface HeapBounds {
  /** Where the arena begins. */
  readonly arena: number
  readonly bytes: number
}

interface Row {
  readonly at: number | undefined
  readonly bytes: number
  readonly text: string
}

const shownWords = 4

/**
 * What programs of one session share comes first, then what each has of its own, and the arena, which they use in turns:
 * buffers there may lie where others do that are not needed at the same time.
 */
export function showMemory(programs: readonly ShownProgram[], labels: Labels, heap: HeapBounds): string {
  const shared = new Map<string, Row>()
  const sections = programs.flatMap(({ name, compiled }) => {
    const { schedule, plan, addressOf } = compiled
    const [label, lives] = [labels.of(schedule), new Lives(schedule)]
    const [own, arena, unused]: [Row[], Row[], Row[]] = [[], [], []]
    const takers = takersOf(compiled, lives)
    for (const buffer of schedule.buffers) {
      const { id, kind, elements } = buffer
      const text = label[id] ?? ''
      const life = lives.of(id)
      const { base, bytes: offset } = addressOf(id)
      const bytes = paddedBytes(elements)
      const taken = takers.get(id)
      const place = taken === undefined ? '' : `, in place of ${label[taken] ?? ''}`
      const span = kind === 'output' ? `from step ${life?.first}` : `steps ${life?.first}–${life?.last}`
      const when = life && kind !== 'input' ? `  ${span}${place}` : ''
      if (base === 'arena') arena.push({ at: heap.arena + offset, bytes, text: `${text}${when}` })
      else if (plan.own.has(id)) own.push({ at: offset, bytes, text: `${text}${when}` })
      else if (offset === 0) unused.push({ at: undefined, bytes: 0, text: `${text}  needs no memory of its own` })
      else shared.set(text, { at: offset, bytes, text: `${text}${contentOf(buffer)}` })
    }
    const bound = plan.boundBytes
    return [
      ...section(`own of ${name}: ${plan.ownBytes} bytes`, [...own, ...unused]),
      ...section(`arena of ${name}: from ${heap.arena}, ${plan.arenaBytes} bytes; ${bound} are needed at once`, arena),
    ]
  })
  const total = `memory: ${heap.bytes} bytes, the first and last 64 are free`
  return [total, ...section('shared by all programs', [...shared.values()]), ...sections].join('\n')
}

function section(title: string, rows: readonly Row[]): string[] {
  const column = (value: number | undefined): string => String(value ?? '–').padStart(10)
  const sorted = [...rows].sort((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity))
  return ['', title, ...sorted.map(({ at, bytes, text }) => `${column(at)}${column(bytes)}  ${text}`)]
}

/** The first elements of a constant. */
function contentOf({ content }: Buffer): string {
  if (!content) return ''
  const words = Array.from(content.subarray(0, shownWords), showWord)
  return ` = ${words.join(' ')}${content.length > shownWords ? ' …' : ''}`
}

/** Results that were given the memory of an operand that dies, with that operand. */
function takersOf({ schedule, plan, addressOf }: Compiled, lives: Lives): ReadonlyMap<number, number> {
  const key = (id: number, step: number): string => `${addressOf(id).base} ${addressOf(id).bytes} ${step}`
  const planned = schedule.buffers.flatMap(({ id }) => {
    const life = plan.own.has(id) || plan.arena.has(id) ? lives.of(id) : undefined
    return life ? [{ id, ...life }] : []
  })
  const dying = new Map(planned.filter(({ first, last }) => first < last).map(({ id, last }) => [key(id, last), id]))
  return new Map(
    planned.flatMap(({ id, first }) => {
      const before = dying.get(key(id, first))
      return before === undefined ? [] : [[id, before] as const]
    }),
  )
}
