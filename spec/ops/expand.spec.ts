// Expanding composites: only what has to change is made anew.

import assert from 'node:assert/strict'
import { type Graph, nodeAt } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { expandComposites } from '../../lib/ops/expand.js'
import { opTable } from '../../lib/ops/table.js'
import { verify } from '../../lib/ops/verify.js'

const graphOf = (...lines: string[]): Graph => parseGraphText(['graph {', ...lines, '}'].join('\n'), opTable)

const region = (op: string) => `%f = fused(%x) {kind: "f"} {
    %a = input() {name: "a"} : float32[2,3]
    %b = ${op}
    output "b" = %b
  } : float32[2,3]`

const network = (op: string, ...more: string[]): Graph =>
  graphOf(
    '%x = input() {name: "x"} : float32[2,3]',
    '%e = exp(%x) : float32[2,3]',
    region(op),
    ...more,
    'output "e" = %e',
    'output "f" = %f',
  )

const softmax = 'softmax(%a) {axis: 1} : float32[2,3]'

describe('expandComposites', () => {
  it('gives back a graph that has nothing to decompose and nothing dead', () => {
    const plain = network('tanh(%a) : float32[2,3]')
    assert.equal(
      expandComposites(plain, () => false),
      plain,
    )
    const kept = network(softmax)
    assert.equal(
      expandComposites(kept, () => true),
      kept,
    )
  })

  it('drops what is dead, and decomposes inside regions; nodes that read the same stay the same', () => {
    const dead = network('tanh(%a) : float32[2,3]', '%d = tanh(%e) : float32[2,3]')
    const alive = expandComposites(dead, () => false)
    assert.deepEqual(Object.keys(alive.nodes).sort(), ['e', 'f', 'x'])
    assert.equal(nodeAt(alive, 'f'), nodeAt(dead, 'f'))
    const whole = network(softmax)
    const expanded = verify(expandComposites(whole, () => false))
    assert.equal(
      Object.values(nodeAt(expanded, 'f').body?.nodes ?? {}).some(node => node.op === 'softmax'),
      false,
    )
    assert.equal(nodeAt(expanded, 'e'), nodeAt(whole, 'e'))
  })
})
