// What a layer's call is given, and what it gives when it is traced.

import type { TracedTensor } from '../ops/builder.js'
import type { Trace } from './trace.js'
import type { Variable } from './variable.js'

/** What `call` may use besides its inputs. */
export interface CallContext {
  readonly trace: Trace
  /** The masks the inputs arrived with. */
  readonly masks: readonly (TracedTensor | null)[]
  /** The value of a weight. */
  weight(variable: Variable): TracedTensor
  /** One tensor with two meanings, picked by the mode of the run. */
  phase(train: TracedTensor, infer: TracedTensor): TracedTensor
  /** Adds a scalar to the losses of the graph. */
  addLoss(value: TracedTensor, name?: string): void
}

/** What a replayed call gives. */
export interface TracedCall {
  readonly outputs: readonly TracedTensor[]
  readonly masks: readonly (TracedTensor | null)[]
}
