// Examples of the rules in passes/rules/padding.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

const x = 'x float32[batch,4,2]'
const kernel = ['var "k" : float32[3,2,3] weight', '%k = variable() {name: "k"} : float32[3,2,3]']
const fill = (value: string) => `%z = constant() {data: [${value}]} : float32[]`
const node = (id: string, type: string, call: string) => `%${id} = ${call} : float32[${type}]`
const pad = (operand: string) => node('p', 'batch,6,2', `pad(%${operand}, %z) {low: [0, 1, 0], high: [0, 1, 0]}`)
const conv = (cells: string, strides = 1) =>
  `{groups: 1, inputDilation: [1], kernelDilation: [1], padding: [[${cells}]], strides: [${strides}]}`
const pool = (cells: string) => `{padding: [[${cells}]], strides: [1], window: [2]}`

export const padding = {
  padIntoConv: {
    before: sketch(x, ...kernel, fill('0'), pad('x'), node('y', 'batch,2,3', `conv(%p, %k) ${conv('0, 0', 2)}`)),
    after: sketch(x, ...kernel, node('y', 'batch,2,3', `conv(%x, %k) ${conv('1, 1', 2)}`)),
    nearMiss: sketch(x, ...kernel, fill('1'), pad('x'), node('y', 'batch,2,3', `conv(%p, %k) ${conv('0, 0', 2)}`)),
  },
  padIntoPool: {
    before: sketch(x, fill('-inf'), pad('x'), node('y', 'batch,5,2', `window_max(%p) ${pool('0, 0')}`)),
    after: sketch(x, node('y', 'batch,5,2', `window_max(%x) ${pool('1, 1')}`)),
    nearMiss: sketch(x, fill('0'), pad('x'), node('y', 'batch,5,2', `window_max(%p) ${pool('0, 0')}`)),
  },
  zeroPadIntoMax: {
    before: sketch(x, fill('0'), node('r', 'batch,4,2', 'relu(%x)'), pad('r'), node('y', 'batch,5,2', `window_max(%p) ${pool('0, 0')}`)),
    after: sketch(x, node('r', 'batch,4,2', 'relu(%x)'), node('y', 'batch,5,2', `window_max(%r) ${pool('1, 1')}`)),
    nearMiss: sketch(x, fill('0'), node('r', 'batch,4,2', 'relu(%x)'), pad('r'), node('y', 'batch,7,2', `window_max(%p) ${pool('1, 1')}`)),
  },
  cropIntoWindow: {
    before: sketch(
      'x float32[batch,7,2]',
      ...kernel,
      node('s', 'batch,4,2', 'slice(%x) {begin: [0, 2, 0], end: [null, -1, null], strides: [1, 1, 1]}'),
      node('y', 'batch,2,3', `conv(%s, %k) ${conv('0, 0')}`),
    ),
    after: sketch('x float32[batch,7,2]', ...kernel, node('y', 'batch,2,3', `conv(%x, %k) ${conv('-2, -1')}`)),
    nearMiss: sketch(
      'x float32[batch,7,2]',
      ...kernel,
      node('s', 'batch,4,2', 'slice(%x) {begin: [0, 2, 0], end: [null, -1, null], strides: [1, 1, 1]}'),
      node('y', 'batch,3,3', `conv(%s, %k) ${conv('1, 0')}`),
    ),
  },
} satisfies Readonly<Record<string, Example>>
