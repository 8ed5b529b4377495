// Settings of fast-check for all suites: a wrong rule was found after 62 and after 213 runs, so 100 are too few.

import fc from 'fast-check'

/** How often each property is tried; `KERAFOLD_RUNS` raises it for the long run. */
export const numRuns = Number(process.env.KERAFOLD_RUNS ?? 1000)

/** Random where it is not given. The gate gives the one of its commit, so that what passed there passes again. */
const seed = process.env.KERAFOLD_SEED

fc.configureGlobal({ numRuns, ...(seed ? { seed: Number(seed) } : {}) })
