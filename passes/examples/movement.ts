// Examples of the rules in passes/rules/movement.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

export const movement = {
  sliceIdentity: {
    before: sketch(
      'x float32[batch,4]',
      '%s = slice(%x) {begin: [0, 0], end: [null, 4], strides: [1, 1]} : float32[batch,4]',
      '%y = exp(%s) : float32[batch,4]',
    ),
    after: sketch('x float32[batch,4]', '%y = exp(%x) : float32[batch,4]'),
    nearMiss: sketch('x float32[batch,4]', '%y = slice(%x) {begin: [0, 0], end: [4, 4], strides: [1, 1]} : float32["y:0",4]'),
  },
  sliceOfSlice: {
    before: sketch(
      'x float32[batch,9]',
      '%s = slice(%x) {begin: [0, 1], end: [null, null], strides: [1, 2]} : float32[batch,4]',
      '%y = slice(%s) {begin: [0, 1], end: [null, 3], strides: [1, 1]} : float32[batch,2]',
    ),
    after: sketch('x float32[batch,9]', '%y = slice(%x) {begin: [0, 3], end: [null, 6], strides: [1, 2]} : float32[batch,2]'),
    nearMiss: sketch(
      'x float32[batch]',
      '%s = slice(%x) {begin: [1], end: [null], strides: [1]} : float32["s:0"]',
      '%y = slice(%s) {begin: [0], end: [3], strides: [1]} : float32["y:0"]',
    ),
  },
  reverseUnits: {
    before: sketch('x float32[batch,1,4]', '%y = reverse(%x) {axes: [1, 2]} : float32[batch,1,4]'),
    after: sketch('x float32[batch,1,4]', '%y = reverse(%x) {axes: [2]} : float32[batch,1,4]'),
    nearMiss: sketch('x float32[batch,4]', '%y = reverse(%x) {axes: [0, 1]} : float32[batch,4]'),
  },
  reverseOfReverse: {
    before: sketch(
      'x float32[batch,3,4]',
      '%r = reverse(%x) {axes: [0, 1]} : float32[batch,3,4]',
      '%y = reverse(%r) {axes: [1, 2]} : float32[batch,3,4]',
    ),
    after: sketch('x float32[batch,3,4]', '%y = reverse(%x) {axes: [0, 2]} : float32[batch,3,4]'),
    nearMiss: sketch(
      'x float32[batch,4]',
      '%r = reverse(%x) {axes: [0]} : float32[batch,4]',
      '%t = transpose(%r) {perm: [1, 0]} : float32[4,batch]',
      '%y = reverse(%t) {axes: [1]} : float32[4,batch]',
    ),
  },
  concatOne: {
    before: sketch('x float32[batch,4]', '%c = concat(%x) {axis: 1} : float32[batch,4]', '%y = exp(%c) : float32[batch,4]'),
    after: sketch('x float32[batch,4]', '%y = exp(%x) : float32[batch,4]'),
    nearMiss: sketch('x float32[batch,4]', '%y = concat(%x, %x) {axis: 1} : float32[batch,8]'),
  },
  concatOfConcat: {
    before: sketch(
      'x float32[batch,4]',
      '%c = concat(%x, %x) {axis: -1} : float32[batch,8]',
      '%y = concat(%c, %x) {axis: 1} : float32[batch,12]',
    ),
    after: sketch('x float32[batch,4]', '%y = concat(%x, %x, %x) {axis: 1} : float32[batch,12]'),
    nearMiss: sketch('x float32[2,4]', '%c = concat(%x, %x) {axis: 0} : float32[4,4]', '%y = concat(%c, %c) {axis: 1} : float32[4,8]'),
  },
  padNothing: {
    before: sketch(
      'x float32[batch,4]; z float32[]',
      '%p = pad(%x, %z) {low: [0, 0], high: [0, 0]} : float32[batch,4]',
      '%y = exp(%p) : float32[batch,4]',
    ),
    after: sketch('x float32[batch,4]; z float32[]', '%y = exp(%x) : float32[batch,4]'),
    nearMiss: sketch('x float32[batch,4]; z float32[]', '%y = pad(%x, %z) {low: [0, 0], high: [0, 1]} : float32[batch,5]'),
  },
  padOfPad: {
    before: sketch(
      'x float32[batch,4]; z float32[]',
      '%p = pad(%x, %z) {low: [0, 1], high: [0, 0]} : float32[batch,5]',
      '%y = pad(%p, %z) {low: [0, 2], high: [0, 1]} : float32[batch,8]',
    ),
    after: sketch('x float32[batch,4]; z float32[]', '%y = pad(%x, %z) {low: [0, 3], high: [0, 1]} : float32[batch,8]'),
    nearMiss: sketch(
      'x float32[batch,4]; z float32[]; w float32[]',
      '%p = pad(%x, %z) {low: [0, 1], high: [0, 0]} : float32[batch,5]',
      '%y = pad(%p, %w) {low: [0, 2], high: [0, 1]} : float32[batch,8]',
    ),
  },
  reduceUnits: {
    before: sketch('x float32[batch,1,4]', '%y = reduce_max(%x) {axes: [1], keepdims: false} : float32[batch,4]'),
    after: sketch('x float32[batch,1,4]', '%y = reshape(%x) {shape: ["batch", 4]} : float32[batch,4]'),
    nearMiss: sketch('x float32[batch,1,4]', '%y = reduce_sum(%x) {axes: [1], keepdims: false} : float32[batch,4]'),
  },
} satisfies Readonly<Record<string, Example>>
