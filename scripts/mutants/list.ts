// The committed list of sabotage: every mutant must turn the suite red.

import { debugMutants } from './debug.js'
import { exportMutants } from './export.js'
import { jitMutants } from './jit.js'
import { jitElementwiseMutants } from './jitElementwise.js'
import { layerMutants } from './layers.js'
import type { Mutant } from './mutant.js'
import { opMutants } from './ops.js'
import { ruleMutants } from './rules.js'
import { savingMutants } from './saving.js'

export const mutants: readonly Mutant[] = [
  ...ruleMutants,
  ...opMutants,
  ...layerMutants,
  ...jitMutants,
  ...jitElementwiseMutants,
  ...savingMutants,
  ...exportMutants,
  ...debugMutants,
]
