// Examples of the rules in passes/rules/affine.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

const vectors = ['gamma', 'beta', 'mean', 'variance'].flatMap(name => [
  `var "${name}" : float32[4] weight`,
  `%${name} = variable() {name: "${name}"} : float32[4]`,
])
const weight = (name: string) => [`var "${name}" : float32[4] weight`, `%${name} = variable() {name: "${name}"} : float32[4]`]
const x = 'x float32[batch,4]'
const row = (id: string, call: string) => `%${id} = ${call} : float32[batch,4]`
const vector = (id: string, call: string) => `%${id} = ${call} : float32[4]`

export const affine = {
  batchNormToAffine: {
    before: sketch(x, ...vectors, row('y', 'batch_norm(%x, %gamma, %beta, %mean, %variance) {axis: 1, epsilon: 0.001}')),
    after: sketch(
      x,
      ...vectors,
      '%e = constant() {data: [0.001]} : float32[]',
      vector('v', 'add(%variance, %e)'),
      vector('r', 'rsqrt(%v)'),
      vector('s', 'multiply(%r, %gamma)'),
      row('m', 'multiply(%x, %s)'),
      vector('n', 'multiply(%mean, %s)'),
      vector('t', 'subtract(%beta, %n)'),
      row('y', 'add(%m, %t)'),
    ),
    nearMiss: sketch(
      `${x}; mean float32[4]`,
      ...vectors.filter(line => !line.includes('mean')),
      row('y', 'batch_norm(%x, %gamma, %beta, %mean, %variance) {axis: 1, epsilon: 0.001}'),
    ),
  },
  subtractWeight: {
    before: sketch(x, ...weight('w'), row('y', 'subtract(%x, %w)')),
    after: sketch(x, ...weight('w'), vector('n', 'negate(%w)'), row('y', 'add(%x, %n)')),
    nearMiss: sketch(`${x}; z float32[4]`, row('y', 'subtract(%x, %z)')),
  },
  divideByWeight: {
    before: sketch(x, ...weight('w'), row('y', 'divide(%x, %w)')),
    after: sketch(
      x,
      ...weight('w'),
      '%c = constant() {data: [1]} : float32[]',
      vector('r', 'divide(%c, %w)'),
      row('y', 'multiply(%x, %r)'),
    ),
    nearMiss: sketch(x, '%c = constant() {data: [1e-40]} : float32[]', row('y', 'divide(%x, %c)')),
  },
  addPositiveZero: {
    before: sketch(x, '%c = constant() {data: [0]} : float32[]', row('a', 'add(%x, %c)'), row('y', 'tanh(%a)')),
    after: sketch(x, row('y', 'tanh(%x)')),
    nearMiss: sketch('x float32[4]', '%c = constant() {data: [0]} : float32[3,4]', '%y = add(%x, %c) : float32[3,4]'),
  },
  mergeScales: {
    before: sketch(x, ...weight('a'), ...weight('b'), row('m', 'multiply(%x, %a)'), row('y', 'multiply(%m, %b)')),
    after: sketch(x, ...weight('a'), ...weight('b'), vector('m', 'multiply(%a, %b)'), row('y', 'multiply(%x, %m)')),
    nearMiss: sketch(
      x,
      ...weight('a'),
      ...weight('b'),
      row('m', 'multiply(%x, %a)'),
      row('y', 'multiply(%m, %b)'),
      'output "m" = %m',
      'output "y" = %y',
    ),
  },
  mergeShifts: {
    before: sketch(x, ...weight('a'), ...weight('b'), row('m', 'add(%x, %a)'), row('y', 'add(%m, %b)')),
    after: sketch(x, ...weight('a'), ...weight('b'), vector('m', 'add(%a, %b)'), row('y', 'add(%x, %m)')),
    nearMiss: sketch(`${x}; z float32[4]`, ...weight('a'), row('m', 'add(%x, %a)'), row('y', 'add(%m, %z)')),
  },
  scaleBeforeShift: {
    before: sketch(x, ...weight('a'), ...weight('b'), row('m', 'add(%x, %a)'), row('y', 'multiply(%m, %b)')),
    after: sketch(
      x,
      ...weight('a'),
      ...weight('b'),
      row('m', 'multiply(%x, %b)'),
      vector('t', 'multiply(%a, %b)'),
      row('y', 'add(%m, %t)'),
    ),
    nearMiss: sketch(x, ...weight('a'), ...weight('b'), row('m', 'multiply(%x, %a)'), row('y', 'add(%m, %b)')),
  },
} satisfies Readonly<Record<string, Example>>
