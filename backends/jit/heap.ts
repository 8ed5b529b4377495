// The heap of a session: one WebAssembly memory, fixed blocks at its start, the arena behind them.

import { BackendError, DisposedError } from '../../lib/ir/errors.js'

/** Bytes kept free at both ends: kernels may load a little past a buffer. */
const slack = 64
const pageBytes = 65536
/** Memory grows by a little more than is missing: what a model's other programs add to the first then fits. No page is touched. */
const headroom = 1 / 32

/** @throws BackendError where the engine has no room for another memory. */
function freshMemory(): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: 1 })
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new BackendError(`the jit backend gets no memory: ${problem}`, 'dispose() of models and executables that are not needed any more')
  }
}

interface Block {
  readonly start: number
  readonly bytes: number
}

export class Heap {
  private held: WebAssembly.Memory | undefined
  /** Where the arena begins; it moves when fixed blocks are added. */
  arena = slack
  private top = slack
  private free: Block[] = []
  private readonly grown: () => void

  /** `grown` is called whenever the memory has a new buffer, so that views can be made again. */
  constructor(grown: () => void) {
    this.grown = grown
    this.held = freshMemory()
  }

  /** @throws DisposedError after `close()`. */
  get memory(): WebAssembly.Memory {
    if (!this.held) throw new DisposedError('the memory of this executable has been given back')
    return this.held
  }

  /** Lets go of the memory: whoever still holds the heap does not hold megabytes. */
  close(): void {
    this.held = undefined
  }

  get bytes(): number {
    return this.memory.buffer.byteLength
  }

  /** A fixed block of whole cache lines, zeroed. Its start never changes. */
  allocate(wanted: number): number {
    const bytes = Math.ceil(Math.max(1, wanted) / 64) * 64
    const index = this.free.findIndex(block => block.bytes >= bytes)
    const block = this.free[index]
    if (!block) {
      this.top += bytes
      this.reserve(0)
      return this.top - bytes
    }
    const rest = block.bytes > bytes ? [{ start: block.start + bytes, bytes: block.bytes - bytes }] : []
    this.free.splice(index, 1, ...rest)
    new Uint8Array(this.memory.buffer, block.start, bytes).fill(0)
    return block.start
  }

  release(start: number, wanted: number): void {
    const bytes = Math.ceil(Math.max(1, wanted) / 64) * 64
    const blocks = [...this.free, { start, bytes }].sort((a, b) => a.start - b.start)
    this.free = []
    for (const block of blocks) {
      const last = this.free.at(-1)
      if (last && last.start + last.bytes === block.start) this.free.splice(-1, 1, { start: last.start, bytes: last.bytes + block.bytes })
      else this.free.push(block)
    }
  }

  /** Makes room for an arena behind the fixed blocks. */
  reserve(arenaBytes: number): void {
    this.arena = this.top
    const missing = this.top + arenaBytes + slack - this.memory.buffer.byteLength
    if (missing <= 0) return
    this.memory.grow(Math.ceil((missing * (1 + headroom)) / pageBytes))
    this.grown()
  }

  floats(start: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, start, length)
  }

  words(start: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, start, length)
  }
}
