// What an example of a rule is: three graphs as text, and what they are run with.

import type { PassContext } from '../pass.js'

/** `before` becomes `after` (up to ids), `nearMiss` stays as it is; the suite runs them and docs/passes.md shows them. */
export interface Example {
  readonly before: string
  readonly after: string
  readonly nearMiss: string
}

/** Inference, on a backend that joins matmul and conv with what follows. */
export const exampleContext: PassContext = {
  mode: 'infer',
  fusible: {
    anchors: {
      matmul: { bias: true, ops: ['add', 'multiply', 'relu', 'tanh'], limit: 2 },
      conv: { bias: true, ops: ['add', 'relu', 'relu6'], limit: 2 },
    },
    elementwise: ['add', 'subtract', 'multiply', 'negate', 'exp', 'tanh', 'relu', 'sigmoid'],
  },
}
