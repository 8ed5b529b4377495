// Examples of the rules in passes/dce.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

export const dce = {
  removeDead: {
    before: sketch('x float32[4]', '%dead = exp(%x) : float32[4]', '%y = relu(%x) : float32[4]', 'output "y" = %y'),
    after: sketch('x float32[4]', '%y = relu(%x) : float32[4]'),
    nearMiss: sketch(
      'x float32[4]',
      '%sum = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]',
      '%y = relu(%x) : float32[4]',
      'output "y" = %y',
      'loss "penalty" = %sum',
    ),
  },
  removeVariable: {
    before: sketch('x float32[4]', 'var "w" : float32[4] weight', '%y = relu(%x) : float32[4]'),
    after: sketch('x float32[4]', '%y = relu(%x) : float32[4]'),
    nearMiss: sketch('x float32[4]', 'var "w" : float32[4] state', 'output "y" = %x', 'update "w" = %x'),
  },
} satisfies Readonly<Record<string, Example>>
