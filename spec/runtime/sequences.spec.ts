// Any sequence of runs, shapes, new weights and training steps: what was cached or prepared before never shows.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { backends } from '../../backends/select.js'
import { input, layers, NDArray, type SequentialModel, sequential } from '../../lib/index.js'
import { evaluateGraph, type Mode } from '../../lib/ops/evaluate.js'
import { bindShapes, specialise } from '../../lib/ops/specialise.js'
import { toValue } from '../../lib/ops/values.js'
import type { Executable } from '../../lib/runtime/executable.js'
import { uniform } from '../support/feeds.js'
import { numRuns } from '../support/setup.js'

/** What a test does next, with some data. */
type Step = {
  readonly does: 'run' | 'flat' | 'predict' | 'train' | 'call' | 'set' | 'assign'
  readonly rows: number
  readonly seed: number
}

const arbStep: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom('run', 'flat', 'predict', 'train', 'call', 'set', 'assign'),
  rows: fc.integer({ min: 1, max: 20 }), // more shapes than the cache holds
  seed: fc.nat({ max: 1000 }),
})

function draw(length: number, seed: number): Float32Array {
  const random = uniform(seed)
  return Float32Array.from({ length }, () => Math.fround(random() * 4 - 2))
}

function makeNet(): SequentialModel {
  return sequential({
    layers: [
      input({ shape: [3], name: 'x' }),
      layers.dense({ units: 5 }),
      layers.batchNormalization({ momentum: 0.5 }),
      layers.reLU(),
      layers.dense({ units: 2, activation: 'sigmoid' }),
    ],
  })
}

/** What the model gives now, by definition, and the statistics after it. */
function expected(
  net: SequentialModel,
  data: Float32Array,
  mode: Mode,
): { output: Float64Array; updates: ReadonlyMap<string, Float64Array> } {
  const { graph, variables } = net.trace()
  const state = Object.fromEntries([...variables].map(([name, variable]) => [name, toValue(variable.read())]))
  const x = toValue(new NDArray(data, [data.length / 3, 3]))
  const { outputs, updates } = evaluateGraph(
    specialise(graph, bindShapes(graph, { x: x.shape })),
    { inputs: { x }, variables: state },
    { mode, precision: 'float64' },
  )
  const [output] = Object.values(outputs)
  assert.ok(output)
  return {
    output: output.data as Float64Array,
    updates: new Map(Object.entries(updates).map(([name, { data }]) => [name, data as Float64Array])),
  }
}

/** Values here are of order 1; errors of float32 stay far below. */
function assertClose(actual: ArrayLike<number>, wanted: ArrayLike<number>, what: string): void {
  assert.equal(actual.length, wanted.length, what)
  for (let k = 0; k < wanted.length; k++) {
    const [got, right] = [actual[k] as number, wanted[k] as number]
    assert.ok(Math.abs(got - right) <= 1e-4 * Math.max(1, Math.abs(right)), `${what}[${k}]: expected ${right}, got ${got}`)
  }
}

/** One user's model and the executables that were made from it at the start. */
class Session {
  private readonly net = makeNet()
  private readonly backend: string
  private readonly exe: Executable
  private readonly bound: Executable

  constructor(backend: string) {
    this.backend = backend
    this.exe = this.net.lowerSync({ backend })
    this.bound = this.net.lowerSync({ backend, sizes: { batch: 2 } })
  }

  async step({ does, rows, seed }: Step): Promise<void> {
    const { net } = this
    const data = draw(rows * 3, seed)
    if (does === 'set') net.setWeights(net.weights.map(({ size, shape, path }) => new NDArray(positiveIf(path, draw(size, seed)), shape)))
    else if (does === 'assign') {
      const variable = net.weights[seed % net.weights.length]
      variable?.assign(positiveIf(variable.path, draw(variable.size, seed)))
    } else if (does === 'call') {
      this.bound.inputs.x?.set(data.slice(0, 6).length === 6 ? data.slice(0, 6) : draw(6, seed))
      const x = Float32Array.from(this.bound.inputs.x as Float32Array)
      this.bound.call()
      assertClose(Object.values(this.bound.outputs)[0] as Float32Array, expected(net, x, 'infer').output, does)
    } else if (does === 'train') {
      const { output, updates } = expected(net, data, 'train')
      assertClose((await net.run(data, { training: true, backend: this.backend })).data, output, does)
      const byPath = new Map(net.weights.map(weight => [weight.path, weight.data]))
      for (const [name, value] of updates) assertClose(byPath.get(name) ?? [], value, name)
    } else {
      const { output } = expected(net, data, 'infer')
      const array = new NDArray(data, [rows, 3])
      const results = {
        run: () => this.exe.run(array),
        flat: () => this.exe.run(data),
        predict: () => net.predict(array, { backend: this.backend, batchSize: 6 }),
      }
      assertClose((await results[does]()).data, output, does)
    }
  }

  dispose(): void {
    this.exe.dispose()
    this.bound.dispose()
    this.net.dispose()
  }
}

function positiveIf(path: string, values: Float32Array): Float32Array {
  return path.endsWith('variance') ? values.map(value => Math.abs(value) + 0.5) : values
}

for (const backend of Object.keys(backends)) {
  describe(`sequences on ${backend}`, () => {
    before(async () => {
      await makeNet().lower({ backend })
    })

    it('give at every step what the weights of the moment mean', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(arbStep, { minLength: 1, maxLength: 40, size: 'max' }), async steps => {
          const session = new Session(backend)
          for (const step of steps) await session.step(step)
          session.dispose()
        }),
        { numRuns: Math.ceil(numRuns / 50) },
      )
    })

    it('may overlap: predicts that were not waited for do not mix', async () => {
      const net = makeNet()
      const sizes = Array.from({ length: 40 }, (_, k) => 1 + ((k * 7) % 20))
      const wanted = sizes.map((rows, k) => expected(net, draw(rows * 3, k), 'infer').output)
      const results = await Promise.all(sizes.map((rows, k) => net.predict(draw(rows * 3, k), { backend, batchSize: 8 })))
      results.forEach((result, k) => {
        assertClose(result.data, wanted[k] as Float64Array, `predict ${k}`)
      })
    })
  })
}
