// Examples of the rules in passes/resolvePhase.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

const x = 'x float32[batch,4]'

export const resolvePhase = {
  pickPhase: {
    before: sketch(
      x,
      '%drop/negate = negate(%x) : float32[batch,4] @ drop#0',
      '%drop/phase = phase(%drop/negate, %x) : float32[batch,4] @ drop#0',
      '%y = relu(%drop/phase) : float32[batch,4]',
    ),
    after: sketch(x, '%y = relu(%x) : float32[batch,4]'),
    nearMiss: sketch(
      x,
      '%c = is_nan(%x) : bool[batch,4]',
      '%n = negate(%x) : float32[batch,4]',
      '%y = select(%c, %x, %n) : float32[batch,4]',
    ),
  },
  dropLosses: {
    before: sketch(
      'x float32[4]',
      '%s = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]',
      '%y = relu(%x) : float32[4]',
      'output "y" = %y',
      'loss "l2" = %s',
    ),
    after: sketch(
      'x float32[4]',
      '%s = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]',
      '%y = relu(%x) : float32[4]',
      'output "y" = %y',
    ),
    nearMiss: sketch('x float32[4]', '%s = reduce_sum(%x) {axes: [0], keepdims: false} : float32[]', 'output "l2" = %s'),
  },
  dropUpdates: {
    before: sketch(
      'x float32[4]',
      'var "mean" : float32[4] statistic',
      '%y = relu(%x) : float32[4]',
      'output "y" = %y',
      'update "mean" = %y',
    ),
    after: sketch('x float32[4]', 'var "mean" : float32[4] statistic', '%y = relu(%x) : float32[4]'),
    nearMiss: sketch('x float32[4]', 'var "h" : float32[4] state', '%y = relu(%x) : float32[4]', 'output "y" = %y', 'update "h" = %y'),
  },
} satisfies Readonly<Record<string, Example>>
