// simplify: removes arithmetic that cannot change a value.

import { sameType } from '../lib/ir/types.js'
import { isFill } from './match.js'
import type { Pass, Rule } from './pass.js'
import { rewriteGraph } from './rewrite.js'

const rules: readonly Rule[] = [
  {
    name: 'addZero',
    formula: 'x + 0 → x',
    why: 'exact but for −0 + 0, which is +0',
    numerics: 'exact',
    ops: ['add'],
    before: `graph {
      %x = input() {name: "x"} : float32[batch,4]
      %zero = constant() {data: [0]} : float32[]
      %y = add(%x, %zero) : float32[batch,4]
      %z = relu(%y) : float32[batch,4]
      output "z" = %z
    }`,
    after: `graph {
      %x = input() {name: "x"} : float32[batch,4]
      %z = relu(%x) : float32[batch,4]
      output "z" = %z
    }`,
    nearMiss: `graph {
      %x = input() {name: "x"} : float32[]
      %zero = constant() {data: [0]} : float32[4]
      %y = add(%x, %zero) : float32[4]
      output "y" = %y
    }`,
    rewrite({ inputs: [x, y], type }, { at }) {
      if (x === undefined || y === undefined) return undefined
      return isFill(at(y), 0) && sameType(at(x).type, type) ? x : undefined
    },
  },
]

/** Removes arithmetic that cannot change a value. */
export const simplify: Pass = {
  name: 'simplify',
  description: 'remove arithmetic that cannot change a value',
  numerics: 'exact',
  idempotent: true,
  rules,
  run: (graph, context) => rewriteGraph(graph, rules, context),
}
