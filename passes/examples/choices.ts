// Examples of the rules in passes/rules/choices.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

const flags = 'p bool[batch,4]; q bool[batch,4]'
const x = 'x float32[batch,4]'
const bool = (id: string, call: string) => `%${id} = ${call} : bool[batch,4]`
const float = (id: string, call: string) => `%${id} = ${call} : float32[batch,4]`

export const choices = {
  notTwice: {
    before: sketch(flags, bool('n', 'logical_not(%p)'), bool('m', 'logical_not(%n)'), bool('y', 'logical_and(%m, %q)')),
    after: sketch(flags, bool('y', 'logical_and(%p, %q)')),
    nearMiss: sketch(flags, bool('n', 'logical_not(%p)'), bool('y', 'logical_and(%n, %q)')),
  },
  notComparison: {
    before: sketch(`${x}; z float32[batch,4]`, bool('e', 'equal(%x, %z)'), bool('y', 'logical_not(%e)')),
    after: sketch(`${x}; z float32[batch,4]`, bool('y', 'not_equal(%x, %z)')),
    nearMiss: sketch(`${x}; z float32[batch,4]`, bool('e', 'less(%x, %z)'), bool('y', 'logical_not(%e)')),
  },
  logicWithSelf: {
    before: sketch(flags, bool('m', 'logical_and(%p, %p)'), bool('y', 'logical_or(%m, %q)')),
    after: sketch(flags, bool('y', 'logical_or(%p, %q)')),
    nearMiss: sketch(flags, bool('y', 'logical_and(%p, %q)')),
  },
  logicWithConstant: {
    before: sketch(flags, '%t = constant() {data: [1]} : bool[]', bool('m', 'logical_and(%p, %t)'), bool('y', 'logical_and(%m, %q)')),
    after: sketch(flags, bool('y', 'logical_and(%p, %q)')),
    nearMiss: sketch('p bool[4]', '%t = constant() {data: [1]} : bool[3,4]', '%y = logical_and(%p, %t) : bool[3,4]'),
  },
  selectConstant: {
    before: sketch(
      `${x}; z float32[batch,4]`,
      '%t = constant() {data: [1]} : bool[]',
      float('s', 'select(%t, %x, %z)'),
      float('y', 'exp(%s)'),
    ),
    after: sketch(`${x}; z float32[batch,4]`, float('y', 'exp(%x)')),
    nearMiss: sketch('x float32[4]; z float32[3,4]', '%t = constant() {data: [1]} : bool[]', '%y = select(%t, %x, %z) : float32[3,4]'),
  },
  selectSame: {
    before: sketch(`${x}; p bool[batch,4]`, float('s', 'select(%p, %x, %x)'), float('y', 'exp(%s)')),
    after: sketch(`${x}; p bool[batch,4]`, float('y', 'exp(%x)')),
    nearMiss: sketch('x float32[4]; p bool[3,4]', '%y = select(%p, %x, %x) : float32[3,4]'),
  },
  selectNot: {
    before: sketch(`${x}; z float32[batch,4]; p bool[batch,4]`, bool('n', 'logical_not(%p)'), float('y', 'select(%n, %x, %z)')),
    after: sketch(`${x}; z float32[batch,4]; p bool[batch,4]`, float('y', 'select(%p, %z, %x)')),
    nearMiss: sketch(`${x}; z float32[batch,4]`, bool('n', 'is_nan(%x)'), float('y', 'select(%n, %x, %z)')),
  },
  phaseSame: {
    before: sketch(x, float('p', 'phase(%x, %x)'), float('y', 'exp(%p)')),
    after: sketch(x, float('y', 'exp(%x)')),
    nearMiss: sketch(`${x}; z float32[batch,4]`, float('y', 'phase(%x, %z)')),
  },
  castIdentity: {
    before: sketch(x, float('c', 'cast(%x) {dtype: "float32"}'), float('y', 'exp(%c)')),
    after: sketch(x, float('y', 'exp(%x)')),
    nearMiss: sketch(x, '%y = cast(%x) {dtype: "int32"} : int32[batch,4]'),
  },
  castOfCast: {
    before: sketch(flags, '%n = cast(%p) {dtype: "int32"} : int32[batch,4]', float('y', 'cast(%n) {dtype: "float32"}')),
    after: sketch(flags, float('y', 'cast(%p) {dtype: "float32"}')),
    nearMiss: sketch('n int32[batch,4]', float('f', 'cast(%n) {dtype: "float32"}'), '%y = cast(%f) {dtype: "int32"} : int32[batch,4]'),
  },
  dropoutNothing: {
    before: sketch(`${x}; k int32[2]; c int32[]`, float('d', 'dropout(%x, %k, %c) {rate: 0, shape: ["batch", 4]}'), float('y', 'exp(%d)')),
    after: sketch(`${x}; k int32[2]; c int32[]`, float('y', 'exp(%x)')),
    nearMiss: sketch(`${x}; k int32[2]; c int32[]`, float('y', 'dropout(%x, %k, %c) {rate: 0.5, shape: ["batch", 4]}')),
  },
} satisfies Readonly<Record<string, Example>>
