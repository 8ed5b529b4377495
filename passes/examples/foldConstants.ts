// Examples of the rules in passes/foldConstants.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

export const foldConstants = {
  foldFill: {
    before: sketch(
      'x float32[batch,4]',
      '%c = constant() {data: [2]} : float32[batch,1]',
      '%d = constant() {data: [3]} : float32[4]',
      '%s = add(%c, %d) : float32[batch,4]',
      '%y = multiply(%x, %s) : float32[batch,4]',
    ),
    after: sketch('x float32[batch,4]', '%s = constant() {data: [5]} : float32[batch,4]', '%y = multiply(%x, %s) : float32[batch,4]'),
    nearMiss: sketch('x float32[batch,4]', '%c = constant() {data: [2]} : float32[]', '%y = add(%x, %c) : float32[batch,4]'),
  },
  foldConstant: {
    before: sketch(
      'x float32[batch,2]',
      '%c = constant() {data: [1, 2, 3, 4]} : float32[2,2]',
      '%s = reduce_sum(%c) {axes: [0], keepdims: false} : float32[2]',
      '%y = multiply(%x, %s) : float32[batch,2]',
    ),
    after: sketch('x float32[batch,2]', '%s = constant() {data: [4, 6]} : float32[2]', '%y = multiply(%x, %s) : float32[batch,2]'),
    nearMiss: sketch(
      'x float32[batch,2]',
      '%k = constant() {data: [1, 2]} : int32[2]',
      '%c = constant() {data: [0]} : int32[]',
      '%y = random_bits(%k, %c) {shape: [2]} : int32[2]',
      'output "y" = %y',
    ),
  },
} satisfies Readonly<Record<string, Example>>
