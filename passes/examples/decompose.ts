// Examples of the rules in passes/decompose.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

export const decompose = {
  decomposeComposite: {
    before: sketch('x float32[batch,4]', '%y = relu6(%x) : float32[batch,4]'),
    after: sketch(
      'x float32[batch,4]',
      '%zero = constant() {data: [0]} : float32[]',
      '%m = maximum(%x, %zero) : float32[batch,4]',
      '%six = constant() {data: [6]} : float32[]',
      '%y = minimum(%m, %six) : float32[batch,4]',
    ),
    nearMiss: sketch('x float32[batch,4]', '%y = tanh(%x) : float32[batch,4]'),
  },
} satisfies Readonly<Record<string, Example>>
