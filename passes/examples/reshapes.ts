// Examples of the rules in passes/rules/reshapes.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

export const reshapes = {
  reshapeIdentity: {
    before: sketch('x float32[batch,4]', '%r = reshape(%x) {shape: ["batch", 4]} : float32[batch,4]', '%y = exp(%r) : float32[batch,4]'),
    after: sketch('x float32[batch,4]', '%y = exp(%x) : float32[batch,4]'),
    nearMiss: sketch('x float32[batch,4]', '%y = reshape(%x) {shape: [-1]} : float32["y:0"]'),
  },
  reshapeOfReshape: {
    before: sketch(
      'x float32[batch,3,4]',
      '%r = reshape(%x) {shape: ["batch", 12]} : float32[batch,12]',
      '%y = reshape(%r) {shape: ["batch", 2, 6]} : float32[batch,2,6]',
    ),
    after: sketch('x float32[batch,3,4]', '%y = reshape(%x) {shape: ["batch", 2, 6]} : float32[batch,2,6]'),
    nearMiss: sketch(
      'x float32[s,t,4,6]',
      '%r = slice(%x) {begin: [1, 1, 0, 0], end: [null, null, null, null], strides: [1, 1, 1, 1]} : float32[a,b,4,6]',
      '%t = reshape(%r) {shape: ["a", "b", 24]} : float32[a,b,24]',
      '%u = transpose(%t) {perm: [1, 0, 2]} : float32[b,a,24]',
      '%y = reshape(%u) {shape: ["b", "a", 2, 12]} : float32[b,a,2,12]',
    ),
  },
  transposeIdentity: {
    before: sketch('x float32[batch,4]', '%t = transpose(%x) {perm: [0, 1]} : float32[batch,4]', '%y = exp(%t) : float32[batch,4]'),
    after: sketch('x float32[batch,4]', '%y = exp(%x) : float32[batch,4]'),
    nearMiss: sketch('x float32[4,4]', '%y = transpose(%x) {perm: [1, 0]} : float32[4,4]'),
  },
  transposeOfTranspose: {
    before: sketch(
      'x float32[batch,3,4]',
      '%t = transpose(%x) {perm: [1, 2, 0]} : float32[3,4,batch]',
      '%y = transpose(%t) {perm: [1, 0, 2]} : float32[4,3,batch]',
    ),
    after: sketch('x float32[batch,3,4]', '%y = transpose(%x) {perm: [2, 1, 0]} : float32[4,3,batch]'),
    nearMiss: sketch(
      'x float32[batch,3,4]',
      '%t = transpose(%x) {perm: [0, 2, 1]} : float32[batch,4,3]',
      '%r = reshape(%t) {shape: ["batch", 3, 4]} : float32[batch,3,4]',
      '%y = transpose(%r) {perm: [0, 2, 1]} : float32[batch,4,3]',
    ),
  },
  transposeUnits: {
    before: sketch('x float32[batch,1,4]', '%y = transpose(%x) {perm: [1, 0, 2]} : float32[1,batch,4]'),
    after: sketch('x float32[batch,1,4]', '%y = reshape(%x) {shape: [1, "batch", 4]} : float32[1,batch,4]'),
    nearMiss: sketch('x float32[batch,1,4]', '%y = transpose(%x) {perm: [2, 1, 0]} : float32[4,1,batch]'),
  },
  movementThroughUnary: {
    before: sketch(
      'x float32[batch,12]',
      '%r = reshape(%x) {shape: ["batch", 3, 4]} : float32[batch,3,4]',
      '%f = relu(%r) : float32[batch,3,4]',
      '%y = reshape(%f) {shape: ["batch", 6, 2]} : float32[batch,6,2]',
    ),
    after: sketch(
      'x float32[batch,12]',
      '%r = reshape(%x) {shape: ["batch", 6, 2]} : float32[batch,6,2]',
      '%y = relu(%r) : float32[batch,6,2]',
    ),
    nearMiss: sketch(
      'x float32[batch,12]',
      '%f = relu(%x) : float32[batch,12]',
      '%y = reshape(%f) {shape: ["batch", 6, 2]} : float32[batch,6,2]',
    ),
  },
  broadcastIdentity: {
    before: sketch('x float32[batch,4]', '%b = broadcast(%x) {shape: ["batch", 4]} : float32[batch,4]', '%y = exp(%b) : float32[batch,4]'),
    after: sketch('x float32[batch,4]', '%y = exp(%x) : float32[batch,4]'),
    nearMiss: sketch('x float32[1,4]', '%y = broadcast(%x) {shape: [3, 4]} : float32[3,4]'),
  },
  broadcastOfBroadcast: {
    before: sketch(
      'x float32[1,4]',
      '%b = broadcast(%x) {shape: [3, 4]} : float32[3,4]',
      '%y = broadcast(%b) {shape: [2, 3, 4]} : float32[2,3,4]',
    ),
    after: sketch('x float32[1,4]', '%y = broadcast(%x) {shape: [2, 3, 4]} : float32[2,3,4]'),
    nearMiss: sketch(
      'x float32[1,4]',
      '%b = broadcast(%x) {shape: [3, 4]} : float32[3,4]',
      '%r = reshape(%b) {shape: [4, 3]} : float32[4,3]',
      '%y = broadcast(%r) {shape: [2, 4, 3]} : float32[2,4,3]',
    ),
  },
  broadcastOfLeadingUnits: {
    before: sketch(
      'x float32[4]',
      '%r = reshape(%x) {shape: [1, 1, 4]} : float32[1,1,4]',
      '%y = broadcast(%r) {shape: [2, 3, 4]} : float32[2,3,4]',
    ),
    after: sketch('x float32[4]', '%y = broadcast(%x) {shape: [2, 3, 4]} : float32[2,3,4]'),
    nearMiss: sketch(
      'x float32[batch,4]',
      '%r = reshape(%x) {shape: ["batch", 1, 4]} : float32[batch,1,4]',
      '%y = broadcast(%r) {shape: ["batch", 3, 4]} : float32[batch,3,4]',
    ),
  },
  unaryOfBroadcast: {
    before: sketch('x float32[1,4]', '%b = broadcast(%x) {shape: [3, 4]} : float32[3,4]', '%y = exp(%b) : float32[3,4]'),
    after: sketch('x float32[1,4]', '%f = exp(%x) : float32[1,4]', '%y = broadcast(%f) {shape: [3, 4]} : float32[3,4]'),
    nearMiss: sketch(
      'x float32[1,4]',
      '%b = broadcast(%x) {shape: [3, 4]} : float32[3,4]',
      '%y = reduce_sum(%b) {axes: [0], keepdims: false} : float32[4]',
    ),
  },
  implicitBroadcast: {
    before: sketch(
      'x float32[3,4]; z float32[1,4]',
      '%b = broadcast(%z) {shape: [3, 4]} : float32[3,4]',
      '%y = add(%x, %b) : float32[3,4]',
    ),
    after: sketch('x float32[3,4]; z float32[1,4]', '%y = add(%x, %z) : float32[3,4]'),
    nearMiss: sketch(
      'x float32[4]; z float32[1,4]',
      '%b = broadcast(%z) {shape: [3, 4]} : float32[3,4]',
      '%y = add(%x, %b) : float32[3,4]',
    ),
  },
} satisfies Readonly<Record<string, Example>>
