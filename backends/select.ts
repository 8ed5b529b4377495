// The selector: which backend runs a graph here, and why.

import { ArgumentError, BackendError } from '../lib/ir/errors.js'
import type { Graph } from '../lib/ir/graph.js'
import type { Backend, BackendName, Compiler, Platform } from './backend.js'
import { jit } from './jit/jit.js'
import { reference } from './reference/reference.js'
import { cpu, wasm } from './tfjs/tfjs.js'

export type Backends = Readonly<Partial<Record<BackendName, Backend>>>

/** Every backend by name. */
export const backends = { jit, wasm, cpu, reference } satisfies Backends

/** The order in which `auto` tries them. */
const order: readonly BackendName[] = ['jit', 'wasm', 'cpu', 'reference']

/** What decides which backends can be chosen. */
export interface Needs {
  readonly platform: Platform
  /** The graph to be run, as it was traced. */
  readonly graph?: Graph
}

export interface Selection {
  readonly backend: Backend
  readonly compiler: Compiler
  /** What was asked, what was passed over and the reason. */
  readonly why: string
}

/**
 * Picks and loads a backend. `auto` falls back from one to the next with a reason; a named backend that is
 * missing, or lacks what the graph needs, is an error. Tests give backends of their own.
 * @throws ArgumentError for an unknown name, BackendError for a named backend that cannot run here.
 */
export async function selectBackend(asked: string, needs: Needs, among: Backends = backends): Promise<Selection> {
  const failures = new Map<BackendName, string>()
  for (;;) {
    const { backend, why } = choose(asked, among, candidate => problemOf(candidate, needs) ?? failures.get(candidate.name))
    try {
      return { backend, compiler: await backend.load(), why }
    } catch (error) {
      failures.set(backend.name, onOneLine(error instanceof Error ? error.message : String(error)))
    }
  }
}

/** As `selectBackend`, among the backends that are loaded or need no loading. */
export function selectBackendSync(asked: string, needs: Needs, among: Backends = backends): Selection {
  const waiting = 'it is not loaded yet; await lower() once, or choose the backend "reference"'
  const { backend, why } = choose(asked, among, candidate => problemOf(candidate, needs) ?? (candidate.loaded() ? undefined : waiting))
  const compiler = backend.loaded()
  if (!compiler) throw new Error(`internal: backend ${backend.name} was loaded a moment ago`)
  return { backend, compiler, why }
}

function problemOf(candidate: Backend, { platform, graph }: Needs): string | undefined {
  return candidate.missing(platform) ?? (graph && candidate.lacks?.(graph))
}

function onOneLine(message: string): string {
  return message.replace(/\s*\n\s*/g, '; ')
}

/** The first candidate that nothing speaks against. */
function choose(asked: string, among: Backends, problem: (candidate: Backend) => string | undefined): { backend: Backend; why: string } {
  const passedOver: string[] = []
  for (const backend of candidates(asked, among)) {
    const reason = problem(backend)
    if (reason === undefined) return { backend, why: explain(asked, backend, passedOver) }
    passedOver.push(`${backend.name}: ${reason}`)
  }
  throw new BackendError(`backend ${asked} cannot run here`, "the backend 'auto' falls back to one that can", passedOver)
}

function candidates(asked: string, among: Backends): readonly Backend[] {
  if (asked === 'auto') return order.flatMap(name => among[name] ?? [])
  const backend = Object.values(among).find(known => known.name === asked)
  if (!backend) throw new ArgumentError(`there is no backend ${JSON.stringify(asked)}`, `choose auto, ${Object.keys(among).join(', ')}`)
  return [backend]
}

function explain(asked: string, { name, description }: Backend, passedOver: readonly string[]): string {
  if (asked !== 'auto') return `${name} was asked for by name`
  const reasons = passedOver.length > 0 ? `; passed over ${passedOver.join('; ')}` : ''
  return `${name} is the first of ${order.join(', ')} that runs here: ${description}${reasons}`
}
