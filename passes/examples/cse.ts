// Examples of the rules in passes/cse.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

export const cse = {
  mergeEqual: {
    before: sketch(
      'x float32[batch,4]',
      '%a = exp(%x) : float32[batch,4]',
      '%b = exp(%x) : float32[batch,4]',
      '%y = add(%a, %b) : float32[batch,4]',
    ),
    after: sketch('x float32[batch,4]', '%a = exp(%x) : float32[batch,4]', '%y = add(%a, %a) : float32[batch,4]'),
    nearMiss: sketch(
      'x float32[4]; k int32[2]; c int32[]',
      '%a = dropout(%x, %k, %c) {rate: 0.5, shape: [4]} : float32[4]',
      '%b = dropout(%x, %k, %c) {rate: 0.5, shape: [4]} : float32[4]',
      '%y = add(%a, %b) : float32[4]',
      '%s = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]',
      '%t = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]',
      'output "y" = %y',
      'loss "first" = %s',
      'loss "second" = %t',
    ),
  },
} satisfies Readonly<Record<string, Example>>
