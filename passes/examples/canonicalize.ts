// Examples of the rules in passes/canonicalize.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

export const canonicalize = {
  orderOperands: {
    before: sketch('x float32[batch,4]', '%c = constant() {data: [2]} : float32[]', '%y = add(%c, %x) : float32[batch,4]'),
    after: sketch('x float32[batch,4]', '%c = constant() {data: [2]} : float32[]', '%y = add(%x, %c) : float32[batch,4]'),
    nearMiss: sketch('x float32[batch,4]', '%c = constant() {data: [2]} : float32[]', '%y = subtract(%c, %x) : float32[batch,4]'),
  },
  mirrorComparison: {
    before: sketch('x float32[batch,4]', '%c = constant() {data: [2]} : float32[]', '%y = less(%c, %x) : bool[batch,4]'),
    after: sketch('x float32[batch,4]', '%c = constant() {data: [2]} : float32[]', '%y = greater(%x, %c) : bool[batch,4]'),
    nearMiss: sketch('x float32[batch,4]', '%c = constant() {data: [2]} : float32[]', '%y = less(%x, %c) : bool[batch,4]'),
  },
  subtractConstant: {
    before: sketch('x float32[batch,4]', '%c = constant() {data: [2]} : float32[]', '%y = subtract(%x, %c) : float32[batch,4]'),
    after: sketch('x float32[batch,4]', '%c = constant() {data: [-2]} : float32[]', '%y = add(%x, %c) : float32[batch,4]'),
    nearMiss: sketch('x float32[batch,4]; c float32[]', '%y = subtract(%x, %c) : float32[batch,4]'),
  },
} satisfies Readonly<Record<string, Example>>
