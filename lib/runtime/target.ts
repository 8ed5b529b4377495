// Target: a backend opened for one model: where its programs are compiled, what it can fuse, and why it was chosen.

import { platform as thisPlatform } from '#platform'
import type { BackendName, Numerics, Platform, Session } from '../../backends/backend.js'
import { plainSession } from '../../backends/plainSession.js'
import { type Backends, type Selection, selectBackend, selectBackendSync } from '../../backends/select.js'
import type { Graph } from '../ir/graph.js'
import type { Fusible } from '../ops/fusible.js'

export type { Program, Session, State } from '../../backends/backend.js'

export interface Target {
  readonly name: BackendName
  readonly why: string
  readonly fusible: Fusible
  /** To be disposed of by who opened it. */
  readonly session: Session
  /** Loads what a graph needs beside what is loaded, such as kernels of rare ops; `absent` names that. */
  load(graph: Graph): Promise<void>
  absent(graph: Graph): readonly string[]
}

export interface TargetOptions {
  /** `auto` by default. */
  readonly backend?: string
  readonly numerics?: Numerics
  readonly platform?: Platform
  /** The backends to choose from: all by default. */
  readonly among?: Backends
}

/**
 * Opens a backend; one that has what the graph needs, if the graph is given as it was traced.
 * @throws ArgumentError for an unknown name, BackendError for a named backend that cannot run here.
 */
export async function openTarget(options: TargetOptions, graph?: Graph): Promise<Target> {
  const { backend = 'auto', platform = thisPlatform(), among } = options
  const needs = graph ? { platform, graph } : { platform }
  return opened(await selectBackend(backend, needs, among), options)
}

/** As `openTarget`, among the backends that are loaded or need no loading. */
export function openTargetSync(options: TargetOptions, graph?: Graph): Target {
  const { backend = 'auto', platform = thisPlatform(), among } = options
  const needs = graph ? { platform, graph } : { platform }
  return opened(selectBackendSync(backend, needs, among), options)
}

function opened({ backend, compiler, why }: Selection, { numerics = 'fast' }: TargetOptions): Target {
  return {
    ...{ name: backend.name, why, fusible: backend.fusible },
    session: compiler.open?.({ numerics }) ?? plainSession(compiler),
    load: async graph => compiler.load?.(graph),
    absent: graph => compiler.absent?.(graph) ?? [],
  }
}
