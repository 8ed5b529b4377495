// Examples of the rules in passes/rules/arithmetic.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

const x = 'x float32[batch,4]'
const constant = (value: string, shape = '') => `%c = constant() {data: [${value}]} : float32[${shape}]`
const node = (id: string, call: string) => `%${id} = ${call} : float32[batch,4]`

export const arithmetic = {
  addZero: {
    before: sketch(x, constant('-0'), node('y', 'add(%x, %c)'), node('z', 'exp(%y)')),
    after: sketch(x, node('z', 'exp(%x)')),
    nearMiss: sketch(x, constant('0'), node('y', 'add(%x, %c)')),
  },
  multiplyOne: {
    before: sketch(x, constant('1'), node('y', 'multiply(%x, %c)'), node('z', 'exp(%y)')),
    after: sketch(x, node('z', 'exp(%x)')),
    nearMiss: sketch('x float32[1,4]', constant('1', '3,4'), '%y = multiply(%x, %c) : float32[3,4]'),
  },
  multiplyMinusOne: {
    before: sketch(x, constant('-1'), node('y', 'multiply(%x, %c)')),
    after: sketch(x, node('y', 'negate(%x)')),
    nearMiss: sketch('x float32[4]', constant('-1', '3,4'), '%y = multiply(%x, %c) : float32[3,4]'),
  },
  divideOne: {
    before: sketch(x, constant('1'), node('y', 'divide(%x, %c)'), node('z', 'exp(%y)')),
    after: sketch(x, node('z', 'exp(%x)')),
    nearMiss: sketch(x, constant('1'), node('y', 'divide(%c, %x)')),
  },
  dividePowerOfTwo: {
    before: sketch(x, constant('4'), node('y', 'divide(%x, %c)')),
    after: sketch(x, constant('0.25'), node('y', 'multiply(%x, %c)')),
    nearMiss: sketch(x, constant('3'), node('y', 'divide(%x, %c)')),
  },
  negateTwice: {
    before: sketch(x, node('n', 'negate(%x)'), node('y', 'negate(%n)'), node('z', 'exp(%y)')),
    after: sketch(x, node('z', 'exp(%x)')),
    nearMiss: sketch(x, node('n', 'negate(%x)'), node('s', 'sin(%n)'), node('y', 'negate(%s)')),
  },
  addNegated: {
    before: sketch(`${x}; v float32[batch,4]`, node('n', 'negate(%v)'), node('y', 'add(%x, %n)')),
    after: sketch(`${x}; v float32[batch,4]`, node('y', 'subtract(%x, %v)')),
    nearMiss: sketch(`${x}; v float32[batch,4]`, node('n', 'negate(%v)'), node('y', 'multiply(%x, %n)')),
  },
  subtractNegated: {
    before: sketch(`${x}; v float32[batch,4]`, node('n', 'negate(%v)'), node('y', 'subtract(%x, %n)')),
    after: sketch(`${x}; v float32[batch,4]`, node('y', 'add(%x, %v)')),
    nearMiss: sketch(`${x}; v float32[batch,4]`, node('n', 'negate(%v)'), node('y', 'subtract(%n, %x)')),
  },
  multiplyNegated: {
    before: sketch(`${x}; v float32[batch,4]`, node('n', 'negate(%x)'), node('m', 'negate(%v)'), node('y', 'multiply(%n, %m)')),
    after: sketch(`${x}; v float32[batch,4]`, node('y', 'multiply(%x, %v)')),
    nearMiss: sketch(`${x}; v float32[batch,4]`, node('n', 'negate(%x)'), node('y', 'multiply(%n, %v)')),
  },
  subtractSelf: {
    before: sketch('n int32[batch,4]', '%y = subtract(%n, %n) : int32[batch,4]'),
    after: sketch('n int32[batch,4]', '%y = constant() {data: [0]} : int32[batch,4]'),
    nearMiss: sketch(x, node('y', 'subtract(%x, %x)')),
  },
  powerOne: {
    before: sketch(x, constant('1'), node('y', 'power(%x, %c)'), node('z', 'exp(%y)')),
    after: sketch(x, node('z', 'exp(%x)')),
    nearMiss: sketch(x, constant('1'), node('y', 'power(%c, %x)')),
  },
  powerTwo: {
    before: sketch(x, constant('2'), node('y', 'power(%x, %c)')),
    after: sketch(x, node('y', 'square(%x)')),
    nearMiss: sketch(x, constant('3'), node('y', 'power(%x, %c)')),
  },
} satisfies Readonly<Record<string, Example>>
