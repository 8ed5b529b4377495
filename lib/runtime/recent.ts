// The programs that ran last, found again by the lengths of what they are fed, without binding sizes.

import { type Feed, type FeedSpec, flatFits, type Inputs } from './feeds.js'
import { type Quick, quickData, quickFor } from './quick.js'
import type { Specialisation } from './specialisations.js'

/** How many are looked through: callers that take turns between a few shapes, such as full batches and a last one. */
const remembered = 4

interface Recent {
  readonly lengths: readonly number[]
  readonly entry: Specialisation
  readonly quick: Quick | undefined
}

/** What the short way of one of the programs would run on. */
export interface QuickRun {
  readonly quick: Quick
  readonly data: Float32Array
}

export class RecentPrograms {
  private readonly specs: readonly FeedSpec[]
  private list: readonly Recent[] = []

  constructor(specs: readonly FeedSpec[]) {
    this.specs = specs
  }

  /** The short way that is open for an input, if there is one. */
  quick(inputs: Inputs): QuickRun | undefined {
    const { list } = this
    for (let k = 0; k < list.length; k++) {
      const { quick } = list[k] as Recent
      const data = quickData(quick, inputs)
      if (quick && data) return { quick, data }
    }
    return undefined
  }

  find(feeds: readonly Feed[]): Specialisation | undefined {
    return this.list.find(({ lengths }) => this.specs.every(({ type }, k) => flatFits(type, lengths[k] as number, feeds[k] as Feed)))?.entry
  }

  keep(feeds: readonly Feed[], entry: Specialisation): void {
    const recent = { lengths: feeds.map(feed => feed.data.length), entry, quick: quickFor(this.specs, entry, feeds) }
    this.list = [recent, ...this.list.filter(other => other.entry !== entry)].slice(0, remembered)
  }

  forget(entry: Specialisation): void {
    this.list = this.list.filter(other => other.entry !== entry)
  }

  clear(): void {
    this.list = []
  }
}
