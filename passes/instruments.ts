// Instruments: verifying, dumping and timing passes, apart from the passes.

import { graphToText } from '../lib/ir/printer.js'
import { verify } from '../lib/ops/verify.js'
import type { Instrument } from './runPasses.js'

/** Verifies every graph that a pass changed. */
export function verifyGraphs(): Instrument {
  return {
    after({ edit }) {
      if (edit.graph !== edit.before) verify(edit.graph)
    },
  }
}

/**
 * Writes each graph that a pass changed, as `003_simplify.txt`, and the patches that say how, as
 * `003_simplify.patches.json`; numbers count passes. When a pass throws, the graph before it is written as
 * `003_simplify.failed.txt`: parse it to see the failure again.
 */
export function dumpGraphs(write: (file: string, text: string) => void): Instrument {
  let count = 0
  const stem = (pass: string) => `${String(count++).padStart(3, '0')}_${pass}`
  return {
    after({ pass, edit: { before, graph, patches } }) {
      const name = stem(pass)
      if (graph === before) return // structural sharing makes "changed?" one comparison
      write(`${name}.txt`, graphToText(graph))
      write(`${name}.patches.json`, JSON.stringify(patches, null, 2))
    },
    failed(pass, graph) {
      write(`${stem(pass.name)}.failed.txt`, graphToText(graph))
    },
  }
}

/** Milliseconds by pass, added up over all runs that it watched. */
export interface PassTimes extends Instrument {
  readonly times: ReadonlyMap<string, number>
}

/** Adds up the time that each pass takes. */
export function timePasses(): PassTimes {
  const times = new Map<string, number>()
  return {
    times,
    after({ pass, ms }) {
      times.set(pass, (times.get(pass) ?? 0) + ms)
    },
  }
}
