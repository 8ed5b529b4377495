// Examples of the rules in passes/rules/kernels.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

const x = 'x float32[batch,4]'
const weight = (name: string, shape: string) => [
  `var "${name}" : float32[${shape}] weight`,
  `%${name} = variable() {name: "${name}"} : float32[${shape}]`,
]
const kernel = weight('k', '4,3')
const conv = '{groups: 1, inputDilation: [1], kernelDilation: [1], padding: [[1, 1]], strides: [1]}'
const node = (id: string, type: string, call: string) => `%${id} = ${call} : float32[${type}]`

export const kernels = {
  scaleIntoKernel: {
    before: sketch(x, ...kernel, ...weight('s', '3'), node('m', 'batch,3', 'matmul(%x, %k)'), node('y', 'batch,3', 'multiply(%m, %s)')),
    after: sketch(x, ...kernel, ...weight('s', '3'), node('m', '4,3', 'multiply(%k, %s)'), node('y', 'batch,3', 'matmul(%x, %m)')),
    nearMiss: sketch(
      'x float32[5,4]',
      ...kernel,
      ...weight('s', '5,1'),
      node('m', '5,3', 'matmul(%x, %k)'),
      node('y', '5,3', 'multiply(%m, %s)'),
    ),
  },
  scaleFromOperand: {
    before: sketch(x, ...kernel, ...weight('s', '4'), node('m', 'batch,4', 'multiply(%x, %s)'), node('y', 'batch,3', 'matmul(%m, %k)')),
    after: sketch(
      x,
      ...kernel,
      ...weight('s', '4'),
      node('c', '4,1', 'reshape(%s) {shape: [4, 1]}'),
      node('m', '4,3', 'multiply(%k, %c)'),
      node('y', 'batch,3', 'matmul(%x, %m)'),
    ),
    nearMiss: sketch(
      'x float32[5,4]',
      ...kernel,
      ...weight('s', '5,1'),
      node('m', '5,4', 'multiply(%x, %s)'),
      node('y', '5,3', 'matmul(%m, %k)'),
    ),
  },
  shiftFromOperand: {
    before: sketch(x, ...kernel, ...weight('t', '4'), node('a', 'batch,4', 'add(%x, %t)'), node('y', 'batch,3', 'matmul(%a, %k)')),
    after: sketch(
      x,
      ...kernel,
      ...weight('t', '4'),
      node('m', 'batch,3', 'matmul(%x, %k)'),
      node('r', '1,4', 'broadcast(%t) {shape: [1, 4]}'),
      node('p', '1,3', 'matmul(%r, %k)'),
      node('v', '3', 'reshape(%p) {shape: [3]}'),
      node('y', 'batch,3', 'add(%m, %v)'),
    ),
    nearMiss: sketch(`${x}; t float32[4]`, ...kernel, node('a', 'batch,4', 'add(%x, %t)'), node('y', 'batch,3', 'matmul(%a, %k)')),
  },
  affineAboveReshape: {
    before: sketch(
      'x float32[batch,2,4]',
      ...kernel,
      ...weight('s', '3'),
      node('m', 'batch,2,3', 'matmul(%x, %k)'),
      node('r', 'batch,1,2,3', 'reshape(%m) {shape: ["batch", 1, 2, 3]}'),
      node('y', 'batch,1,2,3', 'multiply(%r, %s)'),
    ),
    after: sketch(
      'x float32[batch,2,4]',
      ...kernel,
      ...weight('s', '3'),
      node('m', '4,3', 'multiply(%k, %s)'),
      node('r', 'batch,2,3', 'matmul(%x, %m)'),
      node('y', 'batch,1,2,3', 'reshape(%r) {shape: ["batch", 1, 2, 3]}'),
    ),
    nearMiss: sketch(
      'x float32[batch,2,4]',
      ...kernel,
      ...weight('s', '6'),
      node('m', 'batch,2,3', 'matmul(%x, %k)'),
      node('r', 'batch,6', 'reshape(%m) {shape: ["batch", 6]}'),
      node('y', 'batch,6', 'multiply(%r, %s)'),
    ),
  },
  affineAboveMean: {
    before: sketch(
      'x float32[batch,5,2]',
      ...weight('k', '3,2,4'),
      ...weight('s', '4'),
      node('c', 'batch,5,4', `conv(%x, %k) ${conv}`),
      node('m', 'batch,4', 'reduce_mean(%c) {axes: [1], keepdims: false}'),
      node('y', 'batch,4', 'multiply(%m, %s)'),
    ),
    after: sketch(
      'x float32[batch,5,2]',
      ...weight('k', '3,2,4'),
      ...weight('s', '4'),
      node('m', '3,2,4', 'multiply(%k, %s)'),
      node('c', 'batch,5,4', `conv(%x, %m) ${conv}`),
      node('y', 'batch,4', 'reduce_mean(%c) {axes: [1], keepdims: false}'),
    ),
    nearMiss: sketch(
      'x float32[batch,5,2]',
      ...weight('k', '3,2,4'),
      ...weight('s', '5'),
      node('c', 'batch,5,4', `conv(%x, %k) ${conv}`),
      node('m', 'batch,5', 'reduce_mean(%c) {axes: [2], keepdims: false}'),
      node('y', 'batch,5', 'multiply(%m, %s)'),
    ),
  },
  scaleAbovePad: {
    before: sketch(
      'x float32[batch,5,2]',
      ...weight('k', '3,2,4'),
      ...weight('s', '4'),
      '%zero = constant() {data: [0]} : float32[]',
      node('c', 'batch,5,4', `conv(%x, %k) ${conv}`),
      node('p', 'batch,8,4', 'pad(%c, %zero) {low: [0, 1, 0], high: [0, 2, 0]}'),
      node('y', 'batch,8,4', 'multiply(%p, %s)'),
    ),
    after: sketch(
      'x float32[batch,5,2]',
      ...weight('k', '3,2,4'),
      ...weight('s', '4'),
      '%zero = constant() {data: [0]} : float32[]',
      node('m', '3,2,4', 'multiply(%k, %s)'),
      node('c', 'batch,5,4', `conv(%x, %m) ${conv}`),
      node('y', 'batch,8,4', 'pad(%c, %zero) {low: [0, 1, 0], high: [0, 2, 0]}'),
    ),
    nearMiss: sketch(
      'x float32[batch,5,2]',
      ...weight('k', '3,2,4'),
      ...weight('s', '4'),
      '%one = constant() {data: [1]} : float32[]',
      node('c', 'batch,5,4', `conv(%x, %k) ${conv}`),
      node('p', 'batch,8,4', 'pad(%c, %one) {low: [0, 1, 0], high: [0, 2, 0]}'),
      node('y', 'batch,8,4', 'multiply(%p, %s)'),
    ),
  },
  transposeIntoKernel: {
    before: sketch(
      'x float32[batch,4,2]',
      'var "k" : float32[8,3] weight',
      '%k = variable() {name: "k"} : float32[8,3]',
      node('t', 'batch,2,4', 'transpose(%x) {perm: [0, 2, 1]}'),
      node('f', 'batch,8', 'reshape(%t) {shape: ["batch", 8]}'),
      node('y', 'batch,3', 'matmul(%f, %k)'),
    ),
    after: sketch(
      'x float32[batch,4,2]',
      'var "k" : float32[8,3] weight',
      '%k = variable() {name: "k"} : float32[8,3]',
      node('a', '2,4,3', 'reshape(%k) {shape: [2, 4, 3]}'),
      node('b', '4,2,3', 'transpose(%a) {perm: [1, 0, 2]}'),
      node('c', '8,3', 'reshape(%b) {shape: [8, 3]}'),
      node('f', 'batch,8', 'reshape(%x) {shape: ["batch", 8]}'),
      node('y', 'batch,3', 'matmul(%f, %c)'),
    ),
    nearMiss: sketch(
      'x float32[3,batch,2]',
      'var "k" : float32[6,3] weight',
      '%k = variable() {name: "k"} : float32[6,3]',
      node('t', 'batch,2,3', 'transpose(%x) {perm: [1, 2, 0]}'),
      node('f', 'batch,6', 'reshape(%t) {shape: ["batch", 6]}'),
      node('y', 'batch,3', 'matmul(%f, %k)'),
    ),
  },
} satisfies Readonly<Record<string, Example>>
