// Examples of the rules in passes/sinkTransposes.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

const x = 'x float32[batch,2,3]'
const weight = (name: string, shape: string) => [
  `var "${name}" : float32[${shape}] weight`,
  `%${name} = variable() {name: "${name}"} : float32[${shape}]`,
]
const node = (id: string, type: string, call: string) => `%${id} = ${call} : float32[batch,${type}]`
const turn = (id: string, type: string, operand: string) => node(id, type, `transpose(%${operand}) {perm: [0, 2, 1]}`)

export const sinkTransposes = {
  throughElementwise: {
    before: sketch(
      x,
      ...weight('b', '3,1'),
      turn('t', '3,2', 'x'),
      node('a', '3,2', 'add(%t, %b)'),
      node('r', '3,2', 'relu(%a)'),
      turn('y', '2,3', 'r'),
    ),
    after: sketch(
      x,
      ...weight('b', '3,1'),
      '%v = reshape(%b) {shape: [3]} : float32[3]',
      node('a', '2,3', 'add(%x, %v)'),
      node('y', '2,3', 'relu(%a)'),
    ),
    nearMiss: sketch(`${x}; z float32[batch,3,2]`, turn('t', '3,2', 'x'), node('y', '3,2', 'add(%t, %z)')),
  },
  throughAxis: {
    before: sketch(
      x,
      ...['gamma', 'beta', 'mean', 'variance'].flatMap(name => weight(name, '3')),
      turn('t', '3,2', 'x'),
      node('n', '3,2', 'batch_norm(%t, %gamma, %beta, %mean, %variance) {axis: 1, epsilon: 0.001}'),
      turn('y', '2,3', 'n'),
    ),
    after: sketch(
      x,
      ...['gamma', 'beta', 'mean', 'variance'].flatMap(name => weight(name, '3')),
      node('y', '2,3', 'batch_norm(%x, %gamma, %beta, %mean, %variance) {axis: 2, epsilon: 0.001}'),
    ),
    nearMiss: sketch(
      'x float32[2,3,4]',
      '%t = transpose(%x) {perm: [2, 1, 0]} : float32[4,3,2]',
      '%s = reduce_sum(%t) {axes: [0, 1], keepdims: true} : float32[1,1,2]',
      '%b = add(%t, %s) : float32[4,3,2]',
      '%y = transpose(%b) {perm: [2, 1, 0]} : float32[2,3,4]',
    ),
  },
  throughCells: {
    before: sketch(
      x,
      '%z = constant() {data: [0]} : float32[]',
      turn('t', '3,2', 'x'),
      node('p', '6,2', 'pad(%t, %z) {low: [0, 1, 0], high: [0, 2, 0]}'),
      turn('y', '2,6', 'p'),
    ),
    after: sketch(x, '%z = constant() {data: [0]} : float32[]', node('y', '2,6', 'pad(%x, %z) {low: [0, 0, 1], high: [0, 0, 2]}')),
    nearMiss: sketch(x, turn('t', '3,2', 'x'), node('r', '1,6', 'reshape(%t) {shape: ["batch", 1, 6]}'), turn('y', '6,1', 'r')),
  },
  intoReduction: {
    before: sketch(x, turn('t', '3,2', 'x'), node('r', '3,2', 'relu(%t)'), node('y', '3', 'reduce_sum(%r) {axes: [2], keepdims: false}')),
    after: sketch(x, node('r', '2,3', 'relu(%x)'), node('y', '3', 'reduce_sum(%r) {axes: [1], keepdims: false}')),
    nearMiss: sketch(
      'x float32[2,3,4]',
      '%t = transpose(%x) {perm: [2, 1, 0]} : float32[4,3,2]',
      '%r = relu(%t) : float32[4,3,2]',
      '%y = reduce_max(%r) {axes: [1], keepdims: false} : float32[4,2]',
    ),
  },
} satisfies Readonly<Record<string, Example>>
