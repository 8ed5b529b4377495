// The committed list of sabotage: every mutant must turn the suite red.

import { layerMutants } from './layers.js'
import type { Mutant } from './mutant.js'
import { opMutants } from './ops.js'
import { ruleMutants } from './rules.js'

export const mutants: readonly Mutant[] = [...ruleMutants, ...opMutants, ...layerMutants]
