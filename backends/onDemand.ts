// OnDemand: a part of the compiler that a page downloads when a graph first needs it; in Node it may be there at once.

import { BackendError } from '../lib/ir/errors.js'

/** What `import * as part from '#eager/…'` gives: the module itself, or in a bundle for browsers an empty one. */
export type Eager<T extends object> = T | Readonly<Record<string, never>>

export interface OnDemandOptions<T extends object> {
  /** The part itself where it is loaded at once. */
  readonly eager?: Eager<T>
  /** For messages: whose it is; the jit backend's by default. */
  readonly owner?: string
}

export class OnDemand<T extends object> {
  /** For messages: what this is. */
  readonly name: string
  /** For messages: whose it is. */
  private readonly owner: string
  private readonly fetch: () => Promise<T>
  private module: T | undefined

  constructor(name: string, fetch: () => Promise<T>, { eager, owner = 'the jit backend' }: OnDemandOptions<T> = {}) {
    this.name = name
    this.fetch = fetch
    this.owner = owner
    this.module = eager && isThere(eager) ? eager : undefined
  }

  get isLoaded(): boolean {
    return this.module !== undefined
  }

  /** @throws BackendError when it cannot be fetched. */
  async load(): Promise<void> {
    try {
      this.module ??= await this.fetch()
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error)
      throw new BackendError(`${this.owner} cannot load its ${this.name}: ${problem}`, 'they are files beside the one that runs')
    }
  }

  /** @throws BackendError before `load` has ended. */
  get(): T {
    if (this.module === undefined)
      throw new BackendError(
        `${this.owner} has not loaded its ${this.name} yet`,
        'await lower() loads them; after that lowerSync() works too',
      )
    return this.module
  }
}

function isThere<T extends object>(module: Eager<T>): module is T {
  return Object.keys(module).length > 0
}
