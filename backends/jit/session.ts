// The session: all programs of one model in one memory; weights, packed panels and constants are there once.

import type { Graph } from '../../lib/ir/graph.js'
import type { DType } from '../../lib/ir/types.js'
import { sizeOf } from '../../lib/ir/types.js'
import { expandComposites } from '../../lib/ops/expand.js'
import type { Session, State } from '../backend.js'
import type { AssemblerOptions } from './assembler.js'
import { type Address, emitModule } from './emit.js'
import { Heap } from './heap.js'
import { hasKernel } from './lowerings/table.js'
import { type MemoryPlan, paddedBytes, planMemory } from './plan.js'
import { intoVariables } from './prepared.js'
import { JitProgram } from './program.js'
import type { Buffer, Schedule, Slot } from './schedule.js'
import { scheduleGraph } from './scheduler.js'
import { Window } from './transfer.js'

export interface JitOptions extends AssemblerOptions {
  /** Bytes left free around every buffer, for tests that watch for stray writes. */
  readonly band?: number
  /** Given what was made for each graph, before it runs. */
  readonly watch?: (made: Compiled) => void
}

/** Everything about a program but its instance. */
export interface Compiled {
  readonly graph: Graph
  readonly schedule: Schedule
  readonly plan: MemoryPlan
  readonly addressOf: (buffer: number) => Address
  readonly bytes: Uint8Array<ArrayBuffer>
}

interface Variable {
  readonly window: Window
  /** The version that the memory holds; −1 for none. */
  version: number
  /** Whether a `prepare` program writes it. */
  prepared: boolean
}

/** Packs weights again when one of them has changed. */
interface Packer {
  readonly variables: ReadonlySet<string>
  readonly run: (arena: number) => void
  fresh: boolean
}

type Driver = (arena: number) => void

export class JitSession implements Session {
  readonly heap: Heap
  private readonly options: JitOptions
  private readonly shared = new Map<string, number>()
  private readonly variables = new Map<string, Variable>()
  private readonly packers: Packer[] = []
  /** Packed buffers that some packer fills. */
  private readonly packed = new Set<string>()
  private readonly programs = new Map<JitProgram, number>()
  private epoch = -1

  constructor(options: JitOptions = {}) {
    this.options = options
    this.heap = new Heap(() => this.rebind())
  }

  get arena(): number {
    return this.heap.arena
  }

  compile(graph: Graph): JitProgram {
    const { compiled, finish } = this.make(graph, scheduleGraph(expandComposites(graph, hasKernel), { pack: true }))
    return finish(new WebAssembly.Instance(new WebAssembly.Module(compiled.bytes), this.imports()))
  }

  async compileAsync(graph: Graph): Promise<JitProgram> {
    const { compiled, finish } = this.make(graph, scheduleGraph(expandComposites(graph, hasKernel), { pack: true }))
    const { instance } = await WebAssembly.instantiate(compiled.bytes, this.imports())
    return finish(instance)
  }

  compilePrepare(graph: Graph): { run(state: State): void; dispose(): void } {
    const own = scheduleGraph(expandComposites(graph, hasKernel), { pack: false })
    const { schedule, moved, over } = intoVariables(own, graph.variables)
    const { compiled, finish } = this.make(graph, schedule)
    const results = schedule.outputs.map(({ name, dtype, shape }) => {
      const variable = this.variable(name, dtype, sizeOf(shape))
      variable.prepared = true
      return variable
    })
    const program = finish(new WebAssembly.Instance(new WebAssembly.Module(compiled.bytes), this.imports()))
    const names = new Set(schedule.outputs.map(output => output.name))
    return {
      run: state => {
        for (const [name, result] of over) this.variables.get(result)?.window.write(state.read(name))
        this.copyIn(state) // packs nothing yet: what is to be packed comes from this program
        program.enter()
        results.forEach(({ window }, k) => {
          if (!moved.has(k)) window.view.set((program.outputs[k] as Window).view)
        })
        this.spoil(names)
        this.pack()
      },
      dispose: () => program.dispose(),
    }
  }

  dispose(): void {
    for (const program of [...this.programs.keys()]) program.dispose()
    this.packers.length = 0
    this.variables.clear()
    this.shared.clear()
    this.heap.close()
  }

  /** Copies in the variables whose version has changed, and packs what depends on them. */
  refresh(state: State): void {
    const now = state.epoch?.() ?? -1
    if (now === this.epoch && now >= 0) return
    this.copyIn(state)
    this.pack()
    this.epoch = now
  }

  private copyIn(state: State): void {
    const changed = new Set<string>()
    for (const [name, variable] of this.variables) {
      if (variable.prepared) continue
      const version = state.version(name)
      if (version === variable.version) continue
      variable.window.write(state.read(name))
      variable.version = version
      changed.add(name)
    }
    if (changed.size > 0) this.spoil(changed)
  }

  private spoil(changed: ReadonlySet<string>): void {
    for (const packer of this.packers) if ([...packer.variables].some(name => changed.has(name))) packer.fresh = false
  }

  private pack(): void {
    for (const packer of this.packers) {
      if (packer.fresh) continue
      packer.run(this.heap.arena)
      packer.fresh = true
    }
  }

  private make(graph: Graph, whole: Schedule): { compiled: Compiled; finish: (instance: WebAssembly.Instance) => JitProgram } {
    const known = (id: number): boolean => this.packed.has((whole.buffers[id] as Buffer).name)
    const schedule = { ...whole, prepare: whole.prepare.filter(step => !known(step.places[0]?.buffer ?? -1)) }
    const { band = 0 } = this.options
    const plan = planMemory(schedule, { band })
    this.heap.reserve(this.missing(schedule, band) + plan.ownBytes + plan.arenaBytes) // growing bit by bit makes the engine collect garbage
    this.place(schedule, graph, band)
    const own = this.heap.allocate(plan.ownBytes)
    this.arrange(plan.arenaBytes)
    const addressOf = (id: number): Address => {
      const offset = plan.own.get(id)
      if (offset !== undefined) return { base: 'fixed', bytes: own + offset }
      const inArena = plan.arena.get(id)
      if (inArena !== undefined) return { base: 'arena', bytes: inArena }
      return { base: 'fixed', bytes: this.shared.get(sharedKey(schedule.buffers[id] as Buffer)) ?? 0 }
    }
    const bytes = emitModule(schedule, addressOf, this.options)
    const compiled = { graph, schedule, plan, addressOf, bytes }
    this.options.watch?.(compiled)
    return { compiled, finish: instance => this.finish(compiled, own, instance) }
  }

  private finish(compiled: Compiled, own: number, instance: WebAssembly.Instance): JitProgram {
    const { schedule, plan, addressOf } = compiled
    const { run, prepare, warm } = instance.exports as Record<string, Driver>
    if (!run) throw new Error('internal: the module has no run')
    const window = ({ place, dtype, shape }: Slot): Window =>
      new Window(this.heap, addressOf(place.buffer).bytes + place.offset * 4, dtype, sizeOf(shape))
    const ownPlace = ({ place }: Slot): boolean => schedule.buffers[place.buffer]?.kind === 'output'
    const program: JitProgram = new JitProgram(this, {
      run,
      inputs: schedule.inputs.map(window),
      outputs: schedule.outputs.map(window),
      losses: schedule.losses.map(window),
      updates: schedule.updates.map(slot => ({ name: slot.name, window: window(slot) })),
      ownOutputs: new Set(schedule.outputs.filter(ownPlace).map(({ place }) => place.buffer)).size === schedule.outputs.length,
      release: () => {
        if (!this.programs.delete(program)) return
        this.heap.release(own, plan.ownBytes)
      },
      profile: async (inputs, state, runs) => {
        const { profileProgram } = await import('./profile.js')
        const call = (): void => program.call(inputs, state)
        const again = (): unknown => program.run(inputs, state)
        const alive = (): boolean => this.programs.has(program)
        return profileProgram({ compiled, options: this.options, heap: this.heap, run, call, again, alive }, runs)
      },
    })
    this.programs.set(program, plan.arenaBytes)
    this.arrange(0) // a program compiled meanwhile may have moved the arena
    warm?.(this.heap.arena) // V8 compiles in the background while weights are copied and packed
    if (prepare) {
      for (const { places } of schedule.prepare) this.packed.add((schedule.buffers[places[0]?.buffer ?? -1] as Buffer).name)
      const sources = schedule.prepare.map(step => schedule.buffers[step.places[1]?.buffer ?? -1] as Buffer)
      this.packers.push({ variables: new Set(sources.map(source => source.name)), run: prepare, fresh: false })
    }
    this.epoch = -1
    return program
  }

  /** Bytes, at most, that `place` will allocate. */
  private missing({ buffers }: Schedule, band: number): number {
    return buffers.reduce(
      (sum, buffer) => sum + (isShared(buffer) && !this.shared.has(sharedKey(buffer)) ? 64 + paddedBytes(buffer.elements) + 2 * band : 0),
      0,
    )
  }

  /** Gives addresses to what the session shares, and fills in constants. */
  private place({ buffers, outputs }: Schedule, graph: Graph, band: number): void {
    const results = new Map(outputs.map(({ name, dtype }) => [name, dtype]))
    for (const buffer of buffers) {
      const { kind, name, elements, content } = buffer
      const key = sharedKey(buffer)
      if (!isShared(buffer) || this.shared.has(key)) continue
      if (kind === 'variable') {
        this.variable(name, graph.variables[name]?.type.dtype ?? results.get(name) ?? 'float32', elements)
        continue
      }
      const start = this.heap.allocate(paddedBytes(elements) + 2 * band) + band
      this.shared.set(key, start)
      if (content) this.heap.words(start, elements).set(content)
    }
  }

  private variable(name: string, dtype: DType, elements: number): Variable {
    const known = this.variables.get(name)
    if (known) return known
    const { band = 0 } = this.options
    const start = this.heap.allocate(paddedBytes(elements) + 2 * band) + band
    this.shared.set(`variable ${name}`, start)
    const variable = { window: new Window(this.heap, start, dtype, elements), version: -1, prepared: false }
    this.variables.set(name, variable)
    return variable
  }

  /** The arena is as large as the largest live program needs. */
  private arrange(wanted: number): void {
    this.heap.reserve(Math.max(wanted, ...this.programs.values()))
  }

  private rebind(): void {
    for (const program of this.programs.keys()) program.rebind()
    for (const { window } of this.variables.values()) window.rebind()
  }

  private imports(): WebAssembly.Imports {
    return { env: { memory: this.heap.memory } }
  }
}

function isShared({ kind }: Buffer): boolean {
  return kind === 'variable' || kind === 'packed' || kind === 'constant'
}

function sharedKey({ kind, name }: Buffer): string {
  return `${kind} ${name}`
}
