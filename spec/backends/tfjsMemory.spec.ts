// Memory of the tfjs backends: nothing grows with runs, nothing outlives its last reader, nothing is left by an error.

import assert from 'node:assert/strict'
import type { EngineName } from '../../backends/tfjs/kernel.js'
import { makeFeeds } from '../support/feeds.js'
import { type Counting, countingBackend } from './counting.js'
import { evaluateOn, inputsOf, runProgram, stateOf } from './programs.js'
import { dense, graphFromText, optimised } from './tfjsGraphs.js'

for (const name of ['wasm', 'cpu'] satisfies EngineName[]) {
  describe(`memory of programs on ${name}`, () => {
    let counting: Counting
    before(async () => {
      counting = await countingBackend(name)
    })
    afterEach(() => assert.equal(counting.engine.memory().tensors, 0))

    it('takes nothing more after the first run', async () => {
      const graph = optimised(dense('relu(%a)'), counting)
      const feeds = makeFeeds(graph, 1, 'real')
      const program = (await counting.backend.load()).compile(graph)
      runProgram(program, graph, feeds)
      const [inputs, state] = [inputsOf(graph, feeds), stateOf(feeds.variables)]
      const before = counting.engine.memory()
      for (let k = 0; k < 10_000; k++) program.run(inputs, state)
      assert.deepEqual(counting.engine.memory(), before)
      program.dispose()
    })

    it('does not grow with programs compiled, run with new weights and disposed', async () => {
      const compiler = await counting.backend.load()
      const graph = optimised(dense('relu(%a)'), counting)
      const feeds = makeFeeds(graph, 1, 'real')
      const cycle = () => {
        const program = compiler.compile(graph)
        for (let version = 0; version < 3; version++) runProgram(program, graph, feeds, version)
        program.dispose()
        program.dispose()
      }
      for (let k = 0; k < 10; k++) cycle()
      const { heapBytes } = counting.engine.memory()
      for (let k = 0; k < 1000; k++) cycle()
      assert.equal(counting.engine.memory().heapBytes, heapBytes)
    })

    it('holds no tensor longer than its last reader needs it', async () => {
      let [live, most] = [0, 0]
      const { backend, engine } = await countingBackend(name, kernel => (inputs, attrs) => {
        const result = kernel(inputs, attrs)
        live = engine.memory().tensors
        most = Math.max(most, live)
        return result
      })
      const lines = Array.from({ length: 20 }, (_, k) => `%y${k + 1} = ${k % 2 ? 'exp' : 'tanh'}(%y${k}) : float32[2]`)
      const graph = graphFromText('%y0 = input() {name: "x"} : float32[2]', ...lines, 'output "y" = %y20')
      const found = await backend.load()
      evaluateOn(found, graph, makeFeeds(graph, 1, 'real'))
      assert.equal(most, 3) // the input, a kernel's operand and its result
    })

    it('is given back when a step throws', async () => {
      let fail = false
      const { backend, engine } = await countingBackend(name, (kernel, kernelName) => (inputs, attrs) => {
        if (fail && kernelName === 'Exp') throw new Error('no power')
        return kernel(inputs, attrs)
      })
      const graph = graphFromText(
        '%x = input() {name: "x"} : float32[2]',
        '%t = tanh(%x) : float32[2]',
        '%r = reshape(%t) {shape: [1, 2]} : float32[1,2]',
        '%s = sqrt(%x) : float32[2]',
        '%e = exp(%r) : float32[1,2]',
        '%y = add(%e, %s) : float32[1,2]',
        'output "y" = %y',
      )
      const feeds = makeFeeds(graph, 1, 'real')
      const program = (await backend.load()).compile(graph)
      const before = runProgram(program, graph, feeds)
      const { tensors } = engine.memory()
      fail = true
      assert.throws(() => runProgram(program, graph, feeds), /no power/)
      assert.equal(engine.memory().tensors, tensors)
      fail = false
      assert.deepEqual(runProgram(program, graph, feeds), before)
      program.dispose()
    })
  })
}
