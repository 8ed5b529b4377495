// OnDemand: a part of the compiler that a page downloads when a graph first needs it.

import { BackendError } from '../lib/ir/errors.js'

export class OnDemand<T> {
  /** For messages: what this is. */
  readonly name: string
  /** For messages: whose it is. */
  private readonly owner: string
  private readonly fetch: () => Promise<T>
  private module: T | undefined

  constructor(name: string, fetch: () => Promise<T>, owner = 'the jit backend') {
    this.name = name
    this.fetch = fetch
    this.owner = owner
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
