// Plain graphs, which do without the passes of algebra.ts: those passes have nothing to do on them at any place of a pipeline.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Graph } from '../../lib/ir/graph.js'
import { parseGraphText } from '../../lib/ir/parser.js'
import { graphToText } from '../../lib/ir/printer.js'
import { specialise } from '../../lib/ops/specialise.js'
import { opTable } from '../../lib/ops/table.js'
import { algebra } from '../../passes/algebra.js'
import { exampleContext, exampleOf, sketch } from '../../passes/examples/index.js'
import { allPasses, isPlain, type Pass, pipelines, runPasses } from '../../passes/index.js'
import { arbGraph } from '../support/arbGraph.js'

const algebraic = new Set<Pass>(Object.values(algebra))

/** A step of a network on square matrices: the op, and how far back its operands lie. */
const arbStep = fc.record({
  op: fc.constantFrom(
    'matmul',
    'add',
    'relu',
    'sigmoid',
    'tanh',
    'gelu {approximate: false}',
    'softmax {axis: -1}',
    'leaky_relu {slope: 0.1}',
  ),
  left: fc.nat(),
  right: fc.nat(),
})

const weights = ['v', 'w'].flatMap(name => [
  `var "${name}" : float32[4,4] weight`,
  `%${name} = variable() {name: "${name}"} : float32[4,4]`,
])

/** Networks of the ops of plain graphs; where one folds into another they are not plain. */
const arbNetwork = fc.array(arbStep, { minLength: 1, maxLength: 8 }).map(steps => {
  const values = ['%w', '%v', '%x']
  const lines = steps.map(({ op, left, right }, k) => {
    const [name = '', attributes = ''] = op.split(/ (?=\{)/)
    const at = (back: number) => values[values.length - 1 - (back % values.length)]
    const operands = name === 'matmul' || name === 'add' ? [at(left), at(right)] : [at(left)]
    values.push(`%s${k}`)
    return `%s${k} = ${name}(${operands.join(', ')})${attributes && ` ${attributes}`} : float32[4,4]`
  })
  return sketch('x float32[4,4]', ...weights, ...lines)
})

function assertIdle(graph: Graph): void {
  for (const mode of ['infer', 'train'] as const) {
    const { beforeSpecialise, afterSpecialise } = pipelines[mode]
    const early = runPasses(graph, beforeSpecialise, { ...exampleContext, mode })
    const late = runPasses(specialise(early.graph, {}), afterSpecialise, { ...exampleContext, mode })
    for (const { pass, rules } of [...early.steps, ...late.steps])
      if (pass in algebra) assert.deepEqual(rules, {}, `${pass} in ${mode}\n${graphToText(graph)}`)
  }
}

describe('plain graphs', () => {
  it('have none of what the rules of algebra.ts fire on', () => {
    for (const pass of allPasses.filter(each => algebraic.has(each)))
      for (const rule of pass.rules) assert.equal(isPlain(parseGraphText(exampleOf(rule).before, opTable)), false, rule.name)
  })

  it('are left as they are by its passes, wherever these stand in a pipeline', () => {
    let plain = 0
    fc.assert(
      fc.property(arbNetwork, text => {
        const graph = parseGraphText(text, opTable)
        if (!isPlain(graph)) return
        plain++
        assertIdle(graph)
      }),
      { numRuns: 1000 },
    )
    assert.ok(plain > 100, `${plain} of 1,000 were plain`)
  })

  it('are not among graphs that the passes change', () => {
    fc.assert(
      fc.property(arbGraph, ({ graph }) => {
        const changed = Object.values(algebra).some(pass => pass.run(graph, exampleContext).rewrites.length > 0)
        assert.ok(!changed || !isPlain(graph))
      }),
      { numRuns: 300 },
    )
  })
})
