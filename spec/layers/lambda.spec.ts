// Lambda: traced once, inlined, saved as text, loaded without code; what it refuses.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ShapeError, TraceError } from '../../lib/ir/errors.js'
import { type NDArray, ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { LambdaOptions } from '../../lib/layers/lambda.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import * as K from '../../lib/ops/functional/index.js'
import { makeValue, toValue } from '../../lib/ops/values.js'
import { assertClose } from '../support/golden.js'
import { antirectifier, antirectifierOutputShape, pretend, reloaded, run } from '../support/lambdas.js'
import { applyTo, runLayer, traceLayer } from '../support/runLayer.js'

const near = (wanted: number) => 1e-5 * (1 + Math.abs(wanted))

function naiveAntirectifier(rows: readonly (readonly number[])[]): number[] {
  return rows.flatMap(row => {
    const mean = row.reduce((sum, x) => sum + x, 0) / row.length
    const centred = row.map(x => x - mean)
    const norm = Math.sqrt(
      Math.max(
        centred.reduce((sum, x) => sum + x * x, 0),
        1e-12,
      ),
    )
    return [...centred.map(x => Math.max(x / norm, 0)), ...centred.map(x => Math.max(-x / norm, 0))]
  })
}

describe('Lambda', () => {
  it('squares: the first example of the seed page', () => {
    for (const layer of [layers.lambda({ function: x => K.power(x, 2) }), layers.lambda({ fn: x => K.square(x) })]) {
      assert.deepEqual([...run(layer, { shape: [null, 3] }, [ndarray([[1, -2, 3]])]).data], [1, 4, 9])
    }
  })

  it('antirectifier: the second example, against its formula', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 6 }),
        fc.infiniteStream(fc.integer({ min: -50, max: 50 })),
        (batch, width, stream) => {
          const rows = Array.from({ length: batch }, () => Array.from({ length: width }, () => (stream.next().value as number) / 8))
          const layer = layers.lambda({ function: antirectifier, outputShape: antirectifierOutputShape })
          const { outputs } = applyTo(layer, { shape: [null, width] })
          assert.deepEqual(outputs[0]?._keras_shape, [null, 2 * width])
          const expected = makeValue('float32', [batch, 2 * width], at => naiveAntirectifier(rows)[at] as number)
          for (const made of [layer, reloaded(layer)])
            assertClose(run(made, { shape: [null, width] }, [ndarray(rows)]), expected, near, 'rows')
        },
      ),
      { numRuns: 100 },
    ))

  it('is called once: for the record, the model and other names of unknown sizes', () => {
    let calls = 0
    const layer = layers.lambda({
      function: x => {
        calls++
        return K.reshape(x, [-1, 2])
      },
    })
    applyTo(layer, { shape: [null, null, 4] })
    traceLayer(layer)
    const other = input({ shape: [null, 4], name: 'other' })
    layer.apply(other)
    assert.equal(calls, 1)
    layer.apply(input({ shape: [3, 4] }))
    assert.equal(calls, 2, 'known sizes are traced anew')
    assert.deepEqual(layer.calls.at(-1)?.outputs[0]?.shape, [null, 2])
  })

  it('shows its ops to passes, under its own name', () => {
    const layer = layers.lambda({
      name: 'positive',
      function: x => {
        K.exp(x)
        return K.relu(x)
      },
    })
    applyTo(layer, { shape: [null, 3] })
    const node = traceLayer(layer).graph.nodes['positive/relu']
    assert.deepEqual([node?.op, node?.origin], ['relu', ['positive#0']])
    assert.ok(!Object.hasOwn(traceLayer(layer).graph.nodes, 'positive/exp'), 'what its result does not need is left out')
  })

  it('passes arguments, and keeps them as they were', () => {
    const given = { factor: 3, shift: ndarray([1, 2]), more: { deep: [[0]] } }
    const layer = layers.lambda({
      function: (x, { factor, shift, more }) => {
        const { deep } = more as typeof given.more
        const y = K.add(K.add(K.multiply(x, factor as number), shift as NDArray), deep[0]?.[0] ?? 100)
        deep.pop()
        return y
      },
      arguments: given,
    })
    given.factor = 100
    given.shift.data[0] = 100
    given.more.deep[0] = [100]
    const data = [...run(layer, { shape: [null, 2] }, [ndarray([[1, 1]])]).data]
    assert.deepEqual(data, [4, 5])
    const again = run(layer, { shape: [1, 2] }, [ndarray([[1, 1]])])
    assert.deepEqual([...again.data], [4, 5], 'what the function does to them is gone at its next trace')
    assert.deepEqual(layer.getConfig().arguments, { factor: 3, shift: [1, 2], more: { deep: [[0]] } })
    assert.deepEqual([...run(reloaded(layer), { shape: [null, 2] }, [ndarray([[1, 1]])]).data], [4, 5])
    const knot: Record<string, unknown> = { one: 1 }
    knot.self = knot
    assert.doesNotThrow(() => layers.lambda({ function: x => x, arguments: { knot } }))
    assert.throws(() => layers.lambda({ function: x => x, arguments: { mask: 1 } }), /mask is passed by the layer itself/)
  })

  it('takes and gives several tensors', () => {
    const layer = layers.lambda({ function: xs => [K.add(xs[0], xs[1]), K.subtract(xs[0], xs[1])] })
    const shapes = [{ shape: [null, 2] }, { shape: [null, 2] }]
    const { outputs } = applyTo(layer, shapes)
    assert.equal(outputs.length, 2)
    const again = reloaded(layer)
    applyTo(again, shapes)
    const values = [ndarray([[5, 6]]), ndarray([[1, 2]])].map(toValue)
    for (const made of [layer, again]) {
      const { y0, y1 } = runLayer(made, values).outputs
      assert.deepEqual(
        [[...(y0?.data ?? [])], [...(y1?.data ?? [])]],
        [
          [6, 8],
          [4, 4],
        ],
      )
    }
  })

  describe('reading a value while tracing', () => {
    const reads: Record<string, (x: TracedTensor) => unknown> = {
      'x.toArray()': x => x.toArray(),
      'x.dataSync()': x => x.dataSync(),
      'x.data': x => x.data,
      'x > 0': x => pretend<number>(x) > 0,
      'x * 2': x => pretend<number>(x) * 2,
      '[...x]': x => [...pretend<Iterable<number>>(x)],
      'JSON.stringify(x)': x => JSON.stringify(x),
    }
    for (const [what, read] of Object.entries(reads)) {
      it(`${what} is an error that names the Lambda`, () => {
        const layer = layers.lambda({
          name: 'peek',
          function: x => {
            read(x)
            return x
          },
        })
        assert.throws(
          () => layer.apply(input({ shape: [3] })),
          error => error instanceof TraceError && error.message.includes('lambda "peek"') && error.message.includes('no value'),
        )
        assert.equal(layer.calls.length, 0)
      })
    }
  })

  describe('a function that is no function of tensors', () => {
    const bad: Record<string, LambdaOptions['function']> = {
      'gives a number': () => pretend(3),
      'gives nothing': () => pretend(undefined),
      'is async': pretend(async (x: TracedTensor) => x),
    }
    for (const [what, fn] of Object.entries(bad)) {
      it(`${what}: an error that names the Lambda`, () => {
        const layer = layers.lambda({ function: fn as () => TracedTensor, name: 'odd' })
        assert.throws(
          () => layer.apply(input({ shape: [3] })),
          error => error instanceof TraceError && error.message.includes('lambda "odd" should give'),
        )
      })
    }

    it('uses a tensor from outside', () => {
      const outside = input({ shape: [3] })
      const closed = layers.lambda({ function: x => K.add(x, outside) })
      assert.throws(() => closed.apply(input({ shape: [3] })), TraceError)
      let leaked: TracedTensor | undefined
      layers
        .lambda({
          function: x => {
            leaked = x
            return x
          },
        })
        .apply(input({ shape: [3] }))
      const user = layers.lambda({ function: x => K.add(x, leaked as TracedTensor) })
      assert.throws(() => user.apply(input({ shape: [3] })), /another trace/)
    })
  })

  describe('training', () => {
    const noisy = () => layers.lambda({ function: (x, { training }) => (training ? K.multiply(x, 10) : K.add(x, 1)) })

    it('is traced for both modes, joined where it is read, saved and loaded', () => {
      const layer = noisy()
      applyTo(layer, { shape: [null, 2] })
      const loaded = reloaded(layer)
      applyTo(loaded, { shape: [null, 2] })
      for (const made of [layer, loaded]) {
        const outputs = (['train', 'infer'] as const).map(mode => runLayer(made, [toValue(ndarray([[1, 2]]))], [], { mode }).outputs.y0)
        assert.deepEqual(
          outputs.map(value => [...(value?.data ?? [])]),
          [
            [10, 20],
            [2, 3],
          ],
        )
      }
      assert.ok(Object.values(traceLayer(layer).graph.nodes).some(node => node.op === 'phase'))
    })

    it('costs nothing where it is not read, or makes no difference', () => {
      let calls = 0
      const counting = layers.lambda({
        function: x => {
          calls++
          return K.relu(x)
        },
      })
      const spreading = layers.lambda({ function: (x, call) => ({ ...call }).training === undefined ? K.relu(x) : K.relu(x) })
      for (const layer of [counting, spreading]) {
        applyTo(layer, { shape: [null, 2] })
        assert.ok(Object.values(traceLayer(layer).graph.nodes).every(node => node.op !== 'phase'))
      }
      assert.equal(calls, 1)
    })

    it('must give the same type in both modes', () => {
      const layer = layers.lambda({ function: (x, { training }) => (training ? K.sum(x) : x) })
      assert.throws(() => layer.apply(input({ shape: [3] })), ShapeError)
    })
  })
})
