// Regularizers and constraints: Keras' golden values, options, JSON there and back, functions and classes of one's own.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ArgumentError, ShapeError, TraceError, UnknownNameError } from '../../lib/ir/errors.js'
import { Constraint, constraint, constraints } from '../../lib/layers/parts/constraints.js'
import { Regularizer, regularizer, regularizers } from '../../lib/layers/parts/regularizers.js'
import { GraphBuilder, type TracedTensor } from '../../lib/ops/builder.js'
import * as K from '../../lib/ops/functional/index.js'
import { assertClose, type GoldenTensor, goldenValue, readGolden, rounded } from '../support/golden.js'
import { runTraced } from '../support/runTraced.js'

interface PartJson {
  readonly class_name: string
  readonly config: Readonly<Record<string, unknown>>
}

interface Failure {
  readonly module: string
  readonly class_name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly stage: 'construct' | 'call'
  readonly shape?: readonly number[]
  readonly error: string | null
}

const golden = readGolden<{
  regularizers: readonly { regularizer: PartJson; weights: GoldenTensor; penalty: number | string }[]
  constraints: readonly { constraint: PartJson; weights: GoldenTensor; output: GoldenTensor }[]
  errors: readonly Failure[]
}>('parts')

const fields = { regularizers: regularizer(), constraints: constraint() }

/** Infinity and NaN as golden files spell them. */
const plain = (config: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(config).map(([key, value]) => [key, value === 'inf' ? Infinity : value === 'nan' ? Number.NaN : value]))

describe('regularizers', () => {
  const field = regularizer()
  const made = (given: unknown) => field.parse(given, 'test') as Regularizer

  it('give what Keras gives, a float32 scalar', () => {
    for (const { regularizer: json, weights, penalty } of golden.regularizers) {
      const actual = runTraced(x => made(json).apply(x), [goldenValue(weights)])
      assertClose(actual, goldenValue({ dtype: 'float32', shape: [], data: [penalty] }), rounded, JSON.stringify(json))
    }
  })

  it('write the config of Keras, and read it back as the same', () => {
    for (const { regularizer: json } of golden.regularizers) {
      const again = field.toJson(made(json))
      assert.deepEqual(again, json)
      assert.deepEqual(field.toJson(made(again)), json)
    }
    assert.equal(field.toJson(null), null)
    assert.equal(field.fallback?.(), null)
  })

  it('have the defaults of Keras', () => {
    assert.deepEqual(regularizers.l1().getConfig(), { l1: 0.01 })
    assert.deepEqual(regularizers.l2().getConfig(), { l2: 0.01 })
    assert.deepEqual(regularizers.l1L2().getConfig(), { l1: 0, l2: 0 })
    assert.deepEqual(regularizers.l1L2({ l2: 0.5 }).getConfig(), { l1: 0, l2: 0.5 })
    assert.deepEqual(regularizers.orthogonalRegularizer().getConfig(), { factor: 0.01, mode: 'rows' })
  })

  it('are the sums they say, of any shape', () => {
    const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })
    const factor = fc.integer({ min: 0, max: 8 })
    fc.assert(
      fc.property(
        shape,
        fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 27, maxLength: 27 }),
        factor,
        factor,
        (sizes, values, l1, l2) => {
          const length = sizes.reduce((product, size) => product * size, 1)
          const used = values.slice(0, length)
          const value = goldenValue({ dtype: 'float32', shape: sizes, data: used })
          const wanted = used.reduce((sum, x) => sum + l1 * Math.abs(x) + l2 * x * x, 0)
          assert.deepEqual(Array.from(runTraced(x => regularizers.l1L2({ l1, l2 }).apply(x), [value]).data), [wanted])
        },
      ),
    )
  })

  it('may be functions and classes of the user', () => {
    const half = (x: TracedTensor) => K.multiply(K.sum(x), 0.5)
    class Third extends Regularizer {
      override apply(x: TracedTensor): TracedTensor {
        return K.divide(K.sum(x), 3)
      }
    }
    assert.deepEqual(Array.from(runTraced(x => made(half).apply(x), [[2, 4]]).data), [3])
    assert.deepEqual(Array.from(runTraced(x => made(new Third()).apply(x), [[2, 4]]).data), [2])
    assert.deepEqual(field.toJson(made(half)), { module: 'builtins', class_name: 'function', config: 'half', registered_name: 'half' })
    assert.deepEqual(field.toJson(made(new Third())), { module: null, class_name: 'Third', config: {}, registered_name: 'Custom>Third' })
    assert.throws(() => runTraced(x => made(() => 1).apply(x), [[1]]), TraceError)
    assert.throws(
      () => made('half'),
      (error: Error) => error instanceof UnknownNameError && /^test: there is no regularizer "half"/.test(error.message),
    )
  })

  it('the orthogonal one needs to know how many rows there are', () => {
    const x = new GraphBuilder('spec').input('x', { dtype: 'float32', shape: ['batch', 3] })
    assert.throws(() => regularizers.orthogonalRegularizer().apply(x), ShapeError)
    assert.equal(regularizers.orthogonalRegularizer({ mode: 'columns' }).apply(x).rank, 0)
  })
})

describe('constraints', () => {
  const field = constraint()
  const made = (given: unknown) => field.parse(given, 'test') as Constraint

  it('give what Keras gives', () => {
    for (const { constraint: json, weights, output } of golden.constraints) {
      assertClose(
        runTraced(w => made(json).apply(w), [goldenValue(weights)]),
        goldenValue(output),
        rounded,
        JSON.stringify(json),
      )
    }
  })

  it('write the config of Keras, and read it back as the same', () => {
    for (const { constraint: json } of golden.constraints) {
      const again = field.toJson(made(json))
      assert.deepEqual(again, json)
      assert.deepEqual(field.toJson(made(again)), json)
    }
  })

  it('MaxNorm and MinMaxNorm leave what is within, but for the 1e-7 in the norm', () => {
    const small = [[0.25], [0.5]]
    for (const part of [constraints.maxNorm(), constraints.minMaxNorm()]) {
      const { data } = runTraced(w => part.apply(w), [small], 'float64')
      small.flat().forEach((value, k) => {
        assert.ok(Math.abs((data[k] as number) / value - 1) < 2e-7)
      })
    }
  })

  it('have the defaults of Keras, and MaxNorm the name of Keras 1', () => {
    assert.deepEqual(constraints.maxNorm().getConfig(), { max_value: 2, axis: 0 })
    assert.deepEqual(constraints.maxNorm({ maxValue: 3, axis: [0, 1] }).getConfig(), { max_value: 3, axis: [0, 1] })
    assert.deepEqual(made({ class_name: 'MaxNorm', config: { m: 4, axis: 1 } }).getConfig(), { max_value: 4, axis: 1 })
    assert.deepEqual(constraints.minMaxNorm().getConfig(), { min_value: 0, max_value: 1, rate: 1, axis: 0 })
    assert.deepEqual(constraints.unitNorm().getConfig(), { axis: 0 })
    assert.deepEqual(constraints.nonNeg().getConfig(), {})
  })

  it('may be functions and classes of the user', () => {
    class Halved extends Constraint {
      override apply(w: TracedTensor): TracedTensor {
        return K.divide(w, 2)
      }
    }
    assert.deepEqual(Array.from(runTraced(w => made((x: TracedTensor) => K.negative(x)).apply(w), [[2, 4]]).data), [-2, -4])
    assert.deepEqual(Array.from(runTraced(w => made(new Halved()).apply(w), [[2, 4]]).data), [1, 2])
    assert.throws(() => runTraced(w => made(() => undefined).apply(w), [[1]]), TraceError)
    const unnamed = (
      () => (w: TracedTensor) =>
        w
    )()
    assert.throws(() => field.toJson(made(unnamed)), ArgumentError)
  })
})

describe('bad options of regularizers and constraints', () => {
  for (const { module, class_name, config, stage, shape, error } of golden.errors) {
    if (module !== 'regularizers' && module !== 'constraints') continue
    it(`${class_name} ${JSON.stringify(config)}${shape ? ` on [${shape}]` : ''}: ${error ?? 'fine'}`, () => {
      const make = () => fields[module].parse({ class_name, config: plain(config) }, 'test')
      if (stage === 'construct') {
        if (error) assert.throws(make, ArgumentError)
        else make()
        return
      }
      const ones = goldenValue({ dtype: 'float32', shape: shape ?? [], data: Array<number>(24).fill(1) })
      assert.throws(() => runTraced(x => (make() as Regularizer | Constraint).apply(x), [ones]), ShapeError)
    })
  }

  it('are named, misspelt ones too', () => {
    const misspelt: object = { l3: 1 }
    assert.throws(
      () => regularizers.l1(misspelt),
      (error: Error) => error instanceof ArgumentError && /L1 has no option "l3"/.test(error.message),
    )
    assert.throws(() => Reflect.construct(constraints.NonNeg, [misspelt]), ArgumentError)
    assert.throws(() => regularizers.l1({ l1: -1 }), /L1: l1 should be a finite number ≥ 0, got -1/)
  })
})
