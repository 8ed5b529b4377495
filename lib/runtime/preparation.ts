// Preparation: what the weights alone decide, computed again when one of them has changed.

import type { Session, State } from '../../backends/backend.js'
import type { PassResult } from '../../passes/index.js'
import type { Graph } from '../ir/graph.js'
import { variableEpoch } from '../layers/variable.js'

export interface PreparationParts {
  readonly prepare: Graph
  readonly finishPrepare: (graph: Graph) => PassResult
  readonly session: Session
}

export class Preparation {
  private readonly parts: PreparationParts
  private readonly state: State
  private readonly versionOf: (name: string) => number
  private program: ReturnType<Session['compilePrepare']> | undefined
  private preparedFor: readonly number[] = []
  private epoch = -1

  constructor(parts: PreparationParts, state: State, versionOf: (name: string) => number) {
    this.parts = parts
    this.state = state
    this.versionOf = versionOf
  }

  /** Prepares again what depends on a weight that changed; one comparison when none did. */
  refresh(): void {
    if (variableEpoch() !== this.epoch) this.renew()
  }

  /** Lets go of the program, which holds memory of its session. */
  clear(): void {
    this.program = undefined
  }

  private renew(): void {
    this.epoch = variableEpoch()
    const { prepare, session, finishPrepare } = this.parts
    if (prepare.results.outputs.length === 0) return
    const versions = Object.keys(prepare.variables).map(this.versionOf)
    if (this.program && versions.every((version, k) => version === this.preparedFor[k])) return
    this.program ??= session.compilePrepare(finishPrepare(prepare).graph)
    this.program.run(this.state)
    this.preparedFor = versions
  }
}
