// Initializers: exact values and laws of distribution from Keras, seeds, fans, configs, errors.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ArgumentError, DTypeError, KerafoldError, ShapeError } from '../../lib/ir/errors.js'
import { ndarray } from '../../lib/ir/ndarray.js'
import type { DType } from '../../lib/ir/types.js'
import { Initializer, initializer, initializers } from '../../lib/layers/parts/initializers.js'
import { computeFans } from '../../lib/layers/parts/initializersRandom.js'
import { nextSeed, setRandomSeed } from '../../lib/layers/parts/random.js'
import { makeValue } from '../../lib/ops/values.js'
import { assertClose, type GoldenTensor, goldenValue, readGolden } from '../support/golden.js'

type Law =
  | { readonly kind: 'exact' }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly stddev: number }
  | {
      readonly kind: 'truncated_normal'
      readonly mean: number
      readonly low: number
      readonly high: number
      readonly stddev_after_truncation: number
    }
  | { readonly kind: 'orthogonal'; readonly gain: number }

interface Case {
  readonly initializer: { readonly class_name: string; readonly config: Readonly<Record<string, unknown>> }
  readonly shape: readonly number[]
  readonly law: Law
  readonly output?: GoldenTensor
}

const golden = readGolden<{
  initializers: readonly Case[]
  fans: readonly { shape: readonly number[]; input_axes?: readonly number[]; output_axes?: readonly number[]; fans: readonly number[] }[]
  errors: readonly { module: string; class_name: string; config: object; stage: string; shape?: readonly number[] }[]
}>('parts')

const field = initializer('zeros')
const made = (json: unknown): Initializer => field.parse(json, 'test')
const of = <K extends Law['kind']>(kind: K) =>
  golden.initializers.flatMap(one => (one.law.kind === kind ? [{ ...one, law: one.law as Extract<Law, { kind: K }> }] : []))

/** Keras 3.15 forgets the gain of Identity in its config, so the golden values are another part's. */
const lostGain = ({ initializer: json, output }: Case) => json.class_name === 'Identity' && output?.data[0] !== 1

/** Enough values of a law for its moments, drawn from many seeds. */
function sample({ initializer: json, shape }: Case): number[] {
  const values: number[] = []
  setRandomSeed(1)
  while (values.length < 40_000) {
    values.push(...made({ ...json, config: { ...json.config, seed: nextSeed() } }).draw(shape, 'float32'))
  }
  return values
}

/** The mean within 6σ of its error; the deviation within 6σ of its own, for a law of the given fourth moment. */
function checkMoments(values: readonly number[], mean: number, stddev: number, kurtosis: number): void {
  const count = values.length
  const found = values.reduce((sum, x) => sum + x, 0) / count
  const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count
  assert.ok(Math.abs(found - mean) < (6 * stddev) / Math.sqrt(count), `mean ${found}, expected ${mean}`)
  assert.ok(
    Math.abs(variance / stddev ** 2 - 1) < 6 * Math.sqrt((kurtosis - 1) / count),
    `stddev ${Math.sqrt(variance)}, expected ${stddev}`,
  )
}

function checkBounds(values: readonly number[], low: number, high: number): void {
  const slack = 1e-6 * Math.max(Math.abs(low), Math.abs(high))
  const [least, most] = [Math.min(...values), Math.max(...values)]
  assert.ok(least >= low - slack && most <= high + slack, `${least} … ${most} in ${low} … ${high}`)
}

describe('initializers', () => {
  it('without chance give the values of Keras', () => {
    assert.ok(of('exact').length > 10)
    for (const { initializer: json, shape, output } of of('exact').filter(one => !lostGain(one))) {
      const data = made(json).draw(shape, 'float32')
      // Keras computes the angles of STFT in float32, whose error grows with them
      const tolerance = json.class_name === 'STFT' ? () => 2 ** -20 : () => 0
      assertClose(
        makeValue('float32', shape, flat => data[flat] as number),
        goldenValue(output as GoldenTensor),
        tolerance,
        JSON.stringify(json),
      )
    }
  })

  it('STFT scales its window only where asked to, and takes the values of one', () => {
    const window = [1, 3, 2]
    const first = (scaling: 'density' | 'spectrum' | null) => {
      const values = initializers.stft({ window, scaling }).draw([3, 1, 2], 'float32')
      return [0, 2, 4].map(at => values[at] as number)
    }
    assert.deepEqual(first(null), window)
    assert.deepEqual(
      first('spectrum'),
      window.map(value => Math.fround(value / 6)),
    )
    assert.deepEqual(
      first('density'),
      window.map(value => Math.fround(value / Math.sqrt(14))),
    )
    assert.throws(() => initializers.stft({ window }).draw([4, 1, 2], 'float32'), ShapeError)
    assert.throws(() => initializers.stft().draw([3, 2, 2], 'float32'), ShapeError)
    assert.throws(() => made({ class_name: 'STFT', config: { window: 'nope' } }), ArgumentError)
  })

  it('Zeros and Ones have no options', () => {
    for (const Class of [initializers.Zeros, initializers.Ones]) assert.throws(() => Reflect.construct(Class, [{ gain: 1 }]), ArgumentError)
  })

  it('Identity has a gain, which its config keeps where Keras loses it', () => {
    const half = initializers.identity({ gain: 0.5 })
    assert.deepEqual(Array.from(half.draw([2, 3], 'float32')), [0.5, 0, 0, 0, 0.5, 0])
    assert.deepEqual(half.getConfig(), { gain: 0.5 })
    assert.deepEqual(made(field.toJson(half)).draw([2, 3], 'float32'), half.draw([2, 3], 'float32'))
  })

  it('uniform ones keep their bounds, mean and variance', () => {
    for (const one of of('uniform')) {
      const { low, high } = one.law
      const values = sample(one)
      checkBounds(values, low, high)
      checkMoments(values, (low + high) / 2, (high - low) / Math.sqrt(12), 1.8)
    }
  })

  it('normal ones have their mean and variance, and tails', () => {
    for (const one of of('normal')) {
      const { mean, stddev } = one.law
      const values = sample(one)
      checkMoments(values, mean, stddev, 3)
      const share = values.filter(x => Math.abs(x - mean) > 2 * stddev).length / values.length
      assert.ok(Math.abs(share - 0.0455) < 6 * Math.sqrt((0.0455 * 0.9545) / values.length), `share beyond 2σ: ${share}`)
    }
  })

  it('truncated ones are cut at two deviations and have the variance that is left', () => {
    for (const one of of('truncated_normal')) {
      const { mean, low, high, stddev_after_truncation: stddev } = one.law
      const values = sample(one)
      checkBounds(values, low, high)
      checkMoments(values, mean, stddev, 2.37)
    }
  })

  it('Orthogonal gives orthonormal columns, or rows of wide matrices, for any shape', () => {
    const check = (shape: readonly number[], gain: number, draw: ArrayLike<number>) => {
      const columns = shape.at(-1) as number
      const rows = draw.length / columns
      const [count, length] = rows < columns ? [rows, columns] : [columns, rows]
      const at = (vector: number, k: number) => draw[rows < columns ? vector * columns + k : k * columns + vector] as number
      for (let a = 0; a < count; a++) {
        for (let b = 0; b <= a; b++) {
          let product = 0
          for (let k = 0; k < length; k++) product += at(a, k) * at(b, k)
          assert.ok(Math.abs(product - (a === b ? gain ** 2 : 0)) < 1e-5, `${shape}: vectors ${a} and ${b}`)
        }
      }
    }
    for (const { initializer: json, shape, law } of of('orthogonal')) check(shape, law.gain, made(json).draw(shape, 'float32'))
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer(),
        (before, last, seed) => {
          const shape = [3, ...before, last]
          check(shape, 1, initializers.orthogonal({ seed }).draw(shape, 'float32'))
        },
      ),
      { numRuns: 100 },
    )
  })

  it('Orthogonal is uniform: each entry is as often below 0 as above', () => {
    const count = 2000
    const signs = [0, 0, 0, 0]
    for (let seed = 0; seed < count; seed++) {
      initializers
        .orthogonal({ seed })
        .draw([2, 2], 'float32')
        .forEach((value, k) => {
          signs[k] = (signs[k] ?? 0) + Math.sign(value)
        })
    }
    for (const sum of signs) assert.ok(Math.abs(sum) < 6 * Math.sqrt(count))
  })

  it('computeFans counts as Keras', () => {
    for (const { shape, input_axes, output_axes, fans } of golden.fans) {
      assert.deepEqual(computeFans(shape, { inputAxes: input_axes ?? null, outputAxes: output_axes ?? null }), fans)
    }
    assert.throws(() => computeFans([2], { inputAxes: [1], outputAxes: [0] }), ArgumentError)
  })

  it('write the config of Keras, and read it back as the same', () => {
    for (const { initializer: json } of golden.initializers) {
      assert.deepEqual(field.toJson(made(json)), json)
    }
  })

  it('values depend on seed and shape alone: a config of its own replays them', () => {
    const random = golden.initializers.filter(one => typeof one.initializer.config.seed === 'number')
    assert.ok(random.length > 10)
    for (const { initializer: json, shape } of random) {
      const first = made(json)
      assert.deepEqual(made(field.toJson(first)).draw(shape, 'float32'), first.draw(shape, 'float32'))
      const other = made({ ...json, config: { ...json.config, seed: 12345 } })
      assert.notDeepEqual(other.draw(shape, 'float32'), first.draw(shape, 'float32'))
    }
  })

  it('the default of a field is new each time, with a seed of its own', () => {
    const { fallback } = initializer('glorotUniform')
    const [a, b] = [fallback?.(), fallback?.()]
    assert.equal(a?.className, 'GlorotUniform')
    assert.notDeepEqual(a?.draw([3, 3], 'float32'), b?.draw([3, 3], 'float32'))
  })

  it('those without chance draw every dtype, the others float32 alone', () => {
    const dtypes: readonly DType[] = ['float32', 'int32', 'bool']
    for (const dtype of dtypes) {
      assert.deepEqual(Array.from(initializers.ones().draw([2], dtype)), [1, 1])
      assert.deepEqual(Array.from(initializers.zeros().draw([2], dtype)), [0, 0])
      assert.deepEqual(Array.from(initializers.identity().draw([1, 2], dtype)), [1, 0])
    }
    for (const make of [initializers.randomUniform, initializers.orthogonal, initializers.stft]) {
      assert.throws(() => make().draw([2, 1, 2], 'int32'), DTypeError)
    }
  })

  it('Constant takes an array that broadcasts, such as an embedding, and keeps it in JSON as Keras does', () => {
    const rows = initializers.constant({ value: ndarray([[1], [2]]) })
    assert.deepEqual(Array.from(rows.draw([2, 3], 'float32')), [1, 1, 1, 2, 2, 2])
    const json = field.toJson(rows)
    assert.deepEqual(json, {
      module: 'keras.initializers',
      class_name: 'Constant',
      config: { value: { class_name: '__numpy__', config: { value: [[1], [2]], dtype: 'float32' } } },
      registered_name: null,
    })
    assert.deepEqual(made(json).draw([2, 3], 'float32'), rows.draw([2, 3], 'float32'))
    assert.throws(() => rows.draw([3, 2], 'float32'), ShapeError)
    assert.throws(() => rows.draw([2], 'float32'), ShapeError)
  })

  it('may be functions and classes of the user', () => {
    const counting = (shape: readonly number[]) => Float32Array.from({ length: shape[0] as number }, (_, k) => k)
    class Sevens extends Initializer {
      override draw(shape: readonly number[]): Float32Array {
        return new Float32Array(shape[0] as number).fill(7)
      }
    }
    assert.deepEqual(Array.from(made(counting).draw([3], 'float32')), [0, 1, 2])
    assert.deepEqual(Array.from(made(new Sevens()).draw([2], 'float32')), [7, 7])
    assert.deepEqual(Array.from(made(() => ndarray([1, 2])).draw([2], 'float32')), [1, 2])
    assert.throws(() => made(counting).draw([3, 2], 'float32'), ArgumentError)
    assert.throws(() => made(counting).draw([3], 'int32'), ArgumentError)
    assert.deepEqual(field.toJson(made(counting)), {
      module: 'builtins',
      class_name: 'function',
      config: 'counting',
      registered_name: 'counting',
    })
    assert.deepEqual(field.toJson(made(new Sevens())), { module: null, class_name: 'Sevens', config: {}, registered_name: 'Custom>Sevens' })
  })

  it('read configs of Keras 2: dtype, the distribution "normal"', () => {
    const json = {
      class_name: 'VarianceScaling',
      config: { scale: 1, mode: 'fan_avg', distribution: 'normal', seed: null, dtype: 'float32' },
    }
    assert.equal(made(json).getConfig().distribution, 'truncated_normal')
    assert.equal(made({ class_name: 'Zeros', config: { dtype: 'float32' } }).className, 'Zeros')
  })

  for (const { module, class_name, config, stage, shape } of golden.errors) {
    if (module !== 'initializers') continue
    it(`refuse ${class_name} ${JSON.stringify(config)}${shape ? ` on [${shape}]` : ''}`, () => {
      const make = () => made({ class_name, config })
      if (stage === 'construct')
        assert.throws(make, (error: Error) => error instanceof ArgumentError && /^test|^[A-Z]\w+: /.test(error.message))
      else assert.throws(() => make().draw(shape ?? [], 'float32'), KerafoldError)
    })
  }
})
