// The memory plan: where each temporary lies in the arena, by lifetimes; results take over operands that die.

import type { KernelStep, Schedule, Step } from './schedule.js'

export interface PlanOptions {
  /** Bytes left free around every buffer, for tests that watch for stray writes; no memory is used twice then. */
  readonly band?: number
}

export interface MemoryPlan {
  /** Byte offsets of temporaries from the arena's start. */
  readonly arena: ReadonlyMap<number, number>
  readonly arenaBytes: number
  /** The largest sum of temporaries that live at once in this order: no plan needs less. */
  readonly boundBytes: number
  /** Byte offsets of inputs, outputs and what shares their memory, from the start of the program's own block. */
  readonly own: ReadonlyMap<number, number>
  readonly ownBytes: number
  /** First and last step of each temporary. */
  readonly lives: ReadonlyMap<number, Life>
}

export interface Life {
  readonly first: number
  readonly last: number
}

const always: Life = { first: 0, last: Infinity }

/** Bytes a buffer takes: whole vectors, and cache lines where it is big. */
export function paddedBytes(elements: number): number {
  const bytes = Math.max(16, elements * 4)
  const align = bytes >= 4096 ? 64 : 16
  return Math.ceil(bytes / align) * align
}

export function planMemory(schedule: Schedule, { band = 0 }: PlanOptions = {}): MemoryPlan {
  const { buffers } = schedule
  const lives = new Lives(schedule)
  const home = band > 0 ? buffers.map(({ id }) => id) : takeOver(schedule, lives)
  const ownBuffers = buffers.filter(({ id, kind }) => home[id] === id && (kind === 'input' || kind === 'output'))
  const own = new Map<number, number>()
  let ownBytes = 0
  for (const { id, elements } of ownBuffers) {
    own.set(id, ownBytes + band)
    ownBytes += paddedBytes(elements) + 2 * band
  }
  const blocks = buffers
    .filter(({ id, kind }) => kind === 'temporary' && home[id] === id && lives.of(id))
    .map(({ id, elements }) => ({ id, bytes: paddedBytes(elements) + 2 * band, ...(band > 0 ? always : mergedLife(id, home, lives)) }))
  const boundBytes = bound(blocks)
  const placed = bestPacking(blocks, boundBytes)
  const arena = new Map(placed.map(({ id, offset }) => [id, offset + band]))
  buffers.forEach(({ id }) => {
    const root = home[id] as number
    const offset = own.get(root)
    if (offset !== undefined) own.set(id, offset)
    else if (arena.has(root)) arena.set(id, arena.get(root) as number)
  })
  return {
    arena,
    arenaBytes: topOf(placed),
    boundBytes,
    own,
    ownBytes,
    lives: new Map(blocks.map(({ id, first, last }) => [id, { first, last }])),
  }
}

/** First and last touch of every buffer, where what a loop reads from outside lives until its end. */
export class Lives {
  readonly fixed = new Set<number>()
  private readonly first = new Map<number, number>()
  private readonly last = new Map<number, number>()
  private clock = 0

  constructor({ steps, outputs, losses, updates }: Schedule) {
    this.walk(steps)
    for (const { place } of [...outputs, ...losses, ...updates]) this.touch(place.buffer, this.clock)
  }

  of(id: number): Life | undefined {
    const first = this.first.get(id)
    return first === undefined ? undefined : { first, last: this.last.get(id) as number }
  }

  private walk(steps: readonly Step[]): Set<number> {
    const touched = new Set<number>()
    for (const step of steps) {
      if ('kernel' in step) {
        for (const { buffer } of step.places) {
          this.touch(buffer, this.clock)
          touched.add(buffer)
        }
        this.clock++
        continue
      }
      const start = this.clock
      const inside = this.walk(step.body)
      const carried = new Set([...step.held, ...[...inside].filter(id => (this.first.get(id) as number) < start)])
      for (const id of carried) {
        this.touch(id, start)
        this.touch(id, Math.max(start, this.clock - 1))
        this.first.set(id, Math.min(start, this.first.get(id) as number))
        this.fixed.add(id)
      }
      for (const id of [...inside, ...carried]) touched.add(id)
    }
    return touched
  }

  private touch(id: number, at: number): void {
    if (!this.first.has(id)) this.first.set(id, at)
    this.last.set(id, Math.max(at, this.last.get(id) ?? at))
  }
}

/** The buffer whose memory each buffer uses: its own, or that of an operand (or result) it shares with. */
function takeOver({ buffers, steps }: Schedule, lives: Lives): number[] {
  const home = buffers.map(({ id }) => id)
  const find = (id: number): number => (home[id] === id ? id : find(home[id] as number))
  let clock = 0
  const visit = (step: KernelStep): void => {
    const at = clock++
    const [result, ...operands] = step.places
    const target = buffers[result?.buffer ?? -1]
    if (!result || !target || result.offset !== 0 || result.perStep !== undefined || lives.fixed.has(target.id)) return
    if (lives.of(target.id)?.first !== at || (target.kind !== 'temporary' && target.kind !== 'output')) return
    for (const k of step.kernel.inPlace ?? []) {
      const place = operands[k]
      const source = buffers[place?.buffer ?? -1]
      if (!place || !source || place.offset !== 0 || place.perStep !== undefined || lives.fixed.has(source.id)) continue
      const dies = source.kind === 'temporary' && lives.of(source.id)?.last === at
      const alone = step.places.filter(other => find(other.buffer) === find(source.id)).length === 1
      if (!dies || !alone || paddedBytes(source.elements) !== paddedBytes(target.elements)) continue
      home[find(source.id)] = target.id
      return
    }
  }
  const walk = (list: readonly Step[]): void => {
    for (const step of list) {
      if ('kernel' in step) visit(step)
      else walk(step.body)
    }
  }
  walk(steps)
  return home.map((_, id) => find(id))
}

function mergedLife(root: number, home: readonly number[], lives: Lives): Life {
  const members = home.flatMap((other, id) => (other === root ? [lives.of(id) as Life] : []))
  return { first: Math.min(...members.map(life => life.first)), last: Math.max(...members.map(life => life.last)) }
}

interface Block extends Life {
  readonly id: number
  readonly bytes: number
}

interface Placed extends Block {
  readonly offset: number
}

/** Orders in which blocks may take their places: no one of them is the best for every graph. */
const orders: readonly ((a: Block, b: Block) => number)[] = [
  (a, b) => b.bytes - a.bytes || a.first - b.first,
  (a, b) => b.last - a.last || b.bytes - a.bytes,
  (a, b) => a.first - b.first || b.bytes - a.bytes,
]

/** The lowest of the packings by each order; the first that reaches the bound is as good as any. */
function bestPacking(blocks: readonly Block[], enough: number): readonly Placed[] {
  let best: readonly Placed[] | undefined
  for (const order of orders) {
    const placed = pack([...blocks].sort((a, b) => order(a, b) || a.id - b.id))
    if (!best || topOf(placed) < topOf(best)) best = placed
    if (topOf(best) <= enough) break
  }
  return best ?? []
}

function topOf(placed: readonly Placed[]): number {
  return placed.reduce((top, { offset, bytes }) => Math.max(top, offset + bytes), 0)
}

/** Each block in turn at the lowest offset that is free for its whole life. */
function pack(order: readonly Block[]): readonly Placed[] {
  const placed: Placed[] = []
  for (const block of order) {
    const busy = placed.filter(other => other.first <= block.last && block.first <= other.last).sort((a, b) => a.offset - b.offset)
    const align = block.bytes >= 4096 ? 64 : 16
    let offset = 0
    for (const other of busy) {
      if (other.offset >= offset + block.bytes) break
      offset = Math.max(offset, Math.ceil((other.offset + other.bytes) / align) * align)
    }
    placed.push({ ...block, offset })
  }
  return placed
}

function bound(blocks: readonly Block[]): number {
  const steps = new Set(blocks.map(block => block.first))
  return Math.max(
    0,
    ...[...steps].map(at => blocks.reduce((sum, { first, last, bytes }) => (first <= at && at <= last ? sum + bytes : sum), 0)),
  )
}
