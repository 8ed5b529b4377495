// Examples of the rules in passes/rules/ranges.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

const x = 'x float32[batch,4]'
const node = (id: string, call: string) => `%${id} = ${call} : float32[batch,4]`

export const ranges = {
  absNonNegative: {
    before: sketch(x, node('r', 'relu(%x)'), node('y', 'abs(%r)')),
    after: sketch(x, node('r', 'relu(%x)')),
    nearMiss: sketch(x, node('r', 'tanh(%x)'), node('y', 'abs(%r)')),
  },
  dropSign: {
    before: sketch(x, node('n', 'negate(%x)'), node('y', 'abs(%n)')),
    after: sketch(x, node('y', 'abs(%x)')),
    nearMiss: sketch(x, node('n', 'negate(%x)'), node('y', 'exp(%n)')),
  },
  reluNonNegative: {
    before: sketch(x, node('r', 'relu(%x)'), node('y', 'relu(%r)')),
    after: sketch(x, node('r', 'relu(%x)')),
    nearMiss: sketch(x, node('r', 'negate(%x)'), node('y', 'relu(%r)')),
  },
  relu6OfRelu: {
    before: sketch(x, node('r', 'relu(%x)'), node('y', 'relu6(%r)')),
    after: sketch(x, node('y', 'relu6(%x)')),
    nearMiss: sketch(x, node('r', 'abs(%x)'), node('y', 'relu6(%r)')),
  },
  relu6Bounded: {
    before: sketch(x, node('r', 'sigmoid(%x)'), node('y', 'relu6(%r)')),
    after: sketch(x, node('r', 'sigmoid(%x)')),
    nearMiss: sketch(x, node('r', 'exp(%x)'), node('y', 'relu6(%r)')),
  },
  maximumZero: {
    before: sketch(x, '%c = constant() {data: [0]} : float32[]', node('y', 'maximum(%x, %c)')),
    after: sketch(x, node('y', 'relu(%x)')),
    nearMiss: sketch(x, '%c = constant() {data: [-0]} : float32[]', node('y', 'maximum(%x, %c)')),
  },
  minimumSix: {
    before: sketch(x, '%c = constant() {data: [6]} : float32[]', node('r', 'relu(%x)'), node('y', 'minimum(%r, %c)')),
    after: sketch(x, node('y', 'relu6(%x)')),
    nearMiss: sketch(x, '%c = constant() {data: [7]} : float32[]', node('r', 'relu(%x)'), node('y', 'minimum(%r, %c)')),
  },
  extremeOfSelf: {
    before: sketch(x, node('y', 'maximum(%x, %x)'), node('z', 'exp(%y)')),
    after: sketch(x, node('z', 'exp(%x)')),
    nearMiss: sketch(`${x}; v float32[batch,4]`, node('y', 'maximum(%v, %x)')),
  },
  extremeTwice: {
    before: sketch(
      x,
      '%a = constant() {data: [1]} : float32[]',
      '%b = constant() {data: [2]} : float32[]',
      node('m', 'maximum(%x, %a)'),
      node('y', 'maximum(%m, %b)'),
    ),
    after: sketch(x, '%b = constant() {data: [2]} : float32[]', node('y', 'maximum(%x, %b)')),
    nearMiss: sketch(
      x,
      '%a = constant() {data: [1]} : float32[]',
      '%b = constant() {data: [2]} : float32[]',
      node('m', 'minimum(%x, %a)'),
      node('y', 'maximum(%m, %b)'),
    ),
  },
  clipTwice: {
    before: sketch(x, node('i', 'clip(%x) {min: -1, max: 2}'), node('y', 'clip(%i) {min: 0.5, max: 3}')),
    after: sketch(x, node('y', 'clip(%x) {min: 0.5, max: 2}')),
    nearMiss: sketch(x, node('i', 'clip(%x) {min: -1, max: 2}'), node('r', 'exp(%i)'), node('y', 'clip(%r) {min: 0.5, max: 3}')),
  },
  roundTwice: {
    before: sketch(x, node('r', 'round(%x)'), node('y', 'floor(%r)')),
    after: sketch(x, node('r', 'round(%x)')),
    nearMiss: sketch(x, node('r', 'exp(%x)'), node('y', 'floor(%r)')),
  },
} satisfies Readonly<Record<string, Example>>
