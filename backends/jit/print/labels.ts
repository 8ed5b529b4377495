// Labels: what buffers are called in printed stages: one label for each, the same wherever it is printed.

import { showWord } from '../common.js'
import type { Buffer, Schedule } from '../schedule.js'

export class Labels {
  /** Constants by their bits, numbered as they come: their contents are their names. */
  private readonly constants = new Map<string, string>()

  /** The label of each buffer of a schedule, by its id. */
  of({ buffers }: Schedule): readonly string[] {
    const taken = new Set<string>()
    return buffers.map(buffer => {
      const wanted = this.wanted(buffer)
      let label = wanted
      for (let count = 2; taken.has(label); count++) label = `${wanted}.${count}` // one node may need several temporaries
      taken.add(label)
      return label
    })
  }

  private wanted({ kind, name }: Buffer): string {
    if (kind === 'temporary') return `%${showWord(name)}`
    if (kind !== 'constant') return `${kind} ${kind === 'packed' ? this.packedName(name) : showWord(name)}`
    const known = this.constants.get(name) ?? `constant ${this.constants.size + 1}`
    this.constants.set(name, known)
    return known
  }

  /** After what is packed, and how; a packed constant is named after the bits of the constant. */
  private packedName(name: string): string {
    const [, kind, source = '', layout] = /^(variable|constant) ([^ "]+)( .*)$/.exec(name) ?? []
    if (kind === undefined) return JSON.stringify(name)
    return `${kind === 'constant' ? (this.constants.get(source) ?? kind) : `${kind} ${source}`}${layout}`
  }
}
