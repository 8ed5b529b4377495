// The passes that every graph needs, at hand from the start.

import { cse } from './cse.js'
import { dce } from './dce.js'
import { fuse } from './fuse.js'
import type { PassName } from './order.js'
import type { Pass } from './pass.js'
import type { AlgebraName } from './plain.js'
import { resolvePhase } from './resolvePhase.js'

export const resident = { resolvePhase, cse, fuse, dce } as const satisfies Record<Exclude<PassName, AlgebraName>, Pass>
