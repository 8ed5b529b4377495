// Penalties of weights, which a model adds to its losses once per variable.

import type { Trace } from './trace.js'
import type { Variable } from './variable.js'

/**
 * Adds the penalty of each variable that has a regularizer, named `dense/kernel/regularizer`. Give it the trainable
 * weights: Keras 3 does not count frozen ones. Source: keras/src/layers/layer.py _get_weight_regularization_losses.
 */
export function regularizationLosses(trace: Trace, variables: readonly Variable[]): void {
  for (const variable of variables) {
    if (!variable.regularizer) continue
    const penalty = trace.builder.within(variable.path, `${variable.path}/regularizer`, () =>
      variable.regularizer?.apply(trace.read(variable)),
    )
    if (penalty) trace.addLoss(`${variable.path}/regularizer`, penalty)
  }
}
