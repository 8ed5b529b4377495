// Activations: Keras' golden values, every form a layer may be given one in, and what JSON holds.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ArgumentError, TraceError, UnknownNameError } from '../../lib/ir/errors.js'
import { type Activation, activation, activations } from '../../lib/layers/parts/activations.js'
import { toCamel } from '../../lib/layers/parts/partTable.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import * as K from '../../lib/ops/functional/index.js'
import { assertClose, cancelling, type GoldenTensor, goldenValue, readGolden } from '../support/golden.js'
import { runTraced } from '../support/runTraced.js'

interface Case {
  readonly name: string
  readonly activation: string
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly input: GoldenTensor
  readonly output: GoldenTensor
}

type AnyActivation = (x: TracedTensor, options?: object) => TracedTensor
const byName: Readonly<Record<string, AnyActivation>> = activations
const field = activation()

/** Keras 3.15's sparsemax is no projection where two elements are left or more: functional/activation.ts says why. */
const wrongInKeras = 'sparsemax'

/** The field's activation of a value, applied to numbers. */
function applied(given: unknown, x: readonly number[]): number[] {
  return Array.from(runTraced(t => field.parse(given, 'test').apply(t), [x]).data)
}

describe('activations', () => {
  const { cases } = readGolden<{ cases: readonly Case[] }>('activations')
  for (const name of new Set(cases.map(one => one.activation))) {
    if (name === wrongInKeras) continue
    it(`${name} computes what Keras computes`, () => {
      const own = cases.filter(one => one.activation === name)
      assert.ok(own.length > 3)
      for (const { name: label, kwargs, input, output } of own) {
        const f = byName[toCamel(name)] as AnyActivation
        const options = Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [toCamel(key), value]))
        const x = goldenValue(input)
        // ties to the operand: gelu, softmax and others subtract numbers as large as it
        const sizes = Array.from(x.data, value => (Number.isFinite(value) ? Math.abs(value) : 0))
        const across = /softmax/.test(name) ? Math.max(...sizes) : undefined
        const actual = runTraced(t => (Object.keys(options).length > 0 ? f(t, options) : f(t)), [x])
        assertClose(
          actual,
          goldenValue(output),
          cancelling(k => across ?? sizes[k] ?? 0),
          label,
        )
      }
    })
  }

  it('sparsemax is the nearest point of the simplex: max(x − τ, 0) with a sum of 1', () => {
    const number = fc.integer({ min: -64, max: 64 }).map(k => k / 32)
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 7 }), fc.boolean(), (x, first) => {
        const rows = first ? x.map(value => [value]) : [x]
        const { data, shape } = runTraced(t => activations.sparsemax(t, { axis: first ? 0 : -1 }), [rows], 'float64')
        assert.deepEqual(shape, first ? [x.length, 1] : [1, x.length])
        const y = Array.from(data)
        assert.ok(Math.abs(y.reduce((sum, value) => sum + value, 0) - 1) < 1e-12)
        const most = y.indexOf(Math.max(...y))
        const tau = (x[most] as number) - (y[most] as number)
        x.forEach((value, k) => {
          assert.ok(Math.abs((y[k] as number) - Math.max(value - tau, 0)) < 1e-12)
        })
      }),
    )
  })

  it('hard_sigmoid_keras2 is clip(0.2 x + 0.5, 0, 1), and no JSON of Keras 3', () => {
    assert.deepEqual(applied('hard_sigmoid_keras2', [-3, -2.5, 0, 1, 2.5, 3]).map(Math.fround), [0, 0, 0.5, 0.7, 1, 1].map(Math.fround))
    const json = field.toJson(field.parse('hardSigmoidKeras2', 'test'))
    assert.deepEqual(json, {
      module: 'builtins',
      class_name: 'function',
      config: 'hard_sigmoid_keras2',
      registered_name: 'hard_sigmoid_keras2',
    })
    assert.equal(field.parse(json, 'test').name, 'hard_sigmoid_keras2')
  })

  it('each emits one op where there is one', () => {
    const ops = { relu: 'relu', softmax: 'softmax', gelu: 'gelu', hard_sigmoid: 'hard_sigmoid', tanh: 'tanh', leaky_relu: 'leaky_relu' }
    for (const [name, op] of Object.entries(ops)) {
      runTraced(
        x => {
          const y = field.parse(name, 'test').apply(x)
          const { nodes } = x.builder.build({ outputs: [{ name: 'y', value: y }] })
          assert.deepEqual(
            Object.values(nodes).map(node => node.op),
            ['input', op],
          )
          return y
        },
        [[1, 2]],
      )
    }
    runTraced(
      x => {
        assert.equal(field.parse(null, 'test').apply(x), x)
        return x
      },
      [[1]],
    )
  })
})

describe('the activation field', () => {
  it('takes names, null, functions, activations and the JSON of Keras', () => {
    const own: Activation = { name: 'twice', apply: x => K.multiply(x, 2), toJson: () => 'twice' }
    const forms: readonly [unknown, number[]][] = [
      ['relu', [0, 3]],
      ['hardTanh', [-1, 1]],
      [null, [-2, 3]],
      [(x: TracedTensor) => K.add(x, 1), [-1, 4]],
      [own, [-4, 6]],
      [activations.relu, [0, 3]],
      [{ class_name: 'function', config: 'relu', module: 'keras.activations', registered_name: 'relu' }, [0, 3]],
      [{ class_name: 'relu', config: {} }, [0, 3]],
    ]
    for (const [given, expected] of forms) assert.deepEqual(applied(given, [-2, 3]), expected)
    assert.equal(field.parse(own, 'test'), own)
  })

  it('writes a name for Keras functions and an object for others', () => {
    const halve = (x: TracedTensor) => K.divide(x, 2)
    assert.equal(field.toJson(field.parse(null, 'test')), 'linear')
    assert.equal(field.toJson(field.parse(activations.swish, 'test')), 'silu')
    assert.deepEqual(field.toJson(field.parse(halve, 'test')), {
      module: 'builtins',
      class_name: 'function',
      config: 'halve',
      registered_name: 'halve',
    })
    const unnamed = (
      () => (x: TracedTensor) =>
        x
    )()
    assert.throws(
      () => field.toJson(field.parse(unnamed, 'test')),
      (error: Error) => error instanceof ArgumentError && /unnamed/.test(error.message),
    )
  })

  it('has a default: linear, or the one named', () => {
    assert.equal(field.fallback?.().name, 'linear')
    assert.equal(activation('tanh').fallback?.().name, 'tanh')
  })

  it('refuses what is none, naming where it stood', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double(), fc.boolean(), fc.constant(undefined), fc.array(fc.string()), fc.record({ config: fc.string() })),
        given => {
          assert.throws(
            () => field.parse(given, 'Dense: activation'),
            (error: Error) => error instanceof ArgumentError && /^Dense: activation/.test(error.message),
          )
        },
      ),
    )
    fc.assert(
      fc.property(fc.string(), name => {
        fc.pre(!Object.hasOwn(activations, toCamel(name)))
        assert.throws(() => field.parse(name, 'Dense: activation'), UnknownNameError)
        assert.throws(() => field.parse({ class_name: 'function', config: name }, 'Dense: activation'), UnknownNameError)
      }),
    )
    assert.throws(() => applied('__proto__', [1]), UnknownNameError)
  })

  it('says so when a function gives no tensor, or an activation lacks its options', () => {
    assert.throws(
      () => applied(() => 3, [1]),
      (error: Error) => error instanceof TraceError && /number/.test(error.message),
    )
    assert.throws(
      () => applied('threshold', [1]),
      (error: Error) => error instanceof ArgumentError && /threshold needs the option/.test(error.message),
    )
    assert.throws(() => applied((x: TracedTensor) => (activations.leakyRelu as AnyActivation)(x, { slope: 1 }), [1]), ArgumentError)
  })
})
