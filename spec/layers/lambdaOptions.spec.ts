// Lambda's other options, and what becomes of it in a file.

import assert from 'node:assert/strict'
import { ArgumentError, ShapeError, VerifyError } from '../../lib/ir/errors.js'
import { ndarray } from '../../lib/ir/ndarray.js'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { LambdaOptions } from '../../lib/layers/lambda.js'
import type { KerasShape, Layer } from '../../lib/layers/layer.js'
import { layerFromConfig } from '../../lib/layers/registry.js'
import { configure } from '../../lib/layers/settings.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import * as K from '../../lib/ops/functional/index.js'
import { toValue } from '../../lib/ops/values.js'
import { antirectifier, antirectifierOutputShape, pretend, reloaded, run } from '../support/lambdas.js'
import { applyTo, runLayer } from '../support/runLayer.js'

describe('Lambda: options and text', () => {
  describe('outputShape', () => {
    const double = (outputShape: LambdaOptions['outputShape']) =>
      layers.lambda({ function: x => K.concatenate([x, x], 1), outputShape: outputShape ?? null })
    const apply = (layer: Layer, shape: KerasShape) => layer.apply(input({ shape })).shape

    it('is checked against the traced shape: a list without the batch axis, or a function of the whole shape', () => {
      assert.deepEqual(apply(double([6]), [3]), [null, 6])
      assert.deepEqual(
        apply(
          double(shape => [shape[0] as number, 6]),
          [3],
        ),
        [null, 6],
      )
      for (const wrong of [[5], [6, 1], (shape: KerasShape) => [...shape, 6], () => [null, 7]]) {
        assert.throws(
          () => apply(double(wrong as number[]), [3]),
          error => error instanceof ShapeError && error.message.includes('outputShape'),
        )
      }
      assert.throws(() => apply(double(pretend(() => 'wide')), [3]), ArgumentError)
    })

    it('makes sizes known that tracing does not know', () => {
      const layer = double([6])
      assert.deepEqual(apply(layer, [null]), [null, 6])
      const twice = ndarray([[1, 2, 3]])
      assert.deepEqual([...run(layer, { shape: [null, null] }, [twice]).data], [1, 2, 3, 1, 2, 3])
      assert.throws(() => run(layer, { shape: [null, null] }, [ndarray([[1, 2]])]), ShapeError)
    })

    it('may scribble on the shape it is given', () => {
      const tensor = input({ shape: [3] })
      double(((shape: KerasShape) => {
        const own = pretend<number[]>(shape)
        own[1] = (own[1] as number) * 2
        return own
      }) as () => number[]).apply(tensor)
      assert.deepEqual(tensor.shape, [null, 3])
    })

    it("is forgotten, and the function's body with it, when the call fails", () => {
      const layer = double(([batch, size]) => [batch ?? null, size === 3 ? 7 : 2 * Number(size)])
      assert.throws(() => apply(layer, [3]), ShapeError)
      assert.throws(() => layer.getConfig(), { name: 'ArgumentError', message: /has not been called yet/ })
      assert.deepEqual(apply(layer, [2]), [null, 4])
      assert.deepEqual(layer.getConfig().output_shape, [4])
      assert.equal(typeof (layer.getConfig().function as { config: unknown }).config, 'string', 'one body')
    })

    it('is saved as the shape of a sample', () => {
      const layer = double(shape => [shape[0] as number, 6])
      apply(layer, [3])
      assert.deepEqual(layer.getConfig().output_shape, [6])
      assert.deepEqual(apply(reloaded(layer), [3]), [null, 6])
      const plain = layers.lambda({ function: x => x })
      apply(plain, [3])
      assert.ok(!('output_shape' in plain.getConfig()))
    })
  })

  describe('mask', () => {
    const steps = { shape: [null, 3, 2], maskShape: [null, 3] }
    const x = toValue(
      ndarray([
        [
          [1, 1],
          [2, 2],
          [3, 3],
        ],
      ]),
    )
    const mask = toValue(ndarray([[true, false, true]], 'bool'))
    const maskOf = (layer: Layer) => runLayer(layer, [x], [mask]).outputs.mask0?.data

    it('ends at a Lambda without one, with a warning', () => {
      const warnings: string[] = []
      const before = configure({ warn: message => warnings.push(message) })
      const layer = layers.lambda({ function: x => x })
      applyTo(layer, steps)
      configure(before)
      assert.equal(warnings.length, 1)
      assert.equal(maskOf(layer), undefined)
    })

    it('is what a function of input and mask gives, or nothing', () => {
      const inverted = layers.lambda({ function: x => x, mask: (_x, mask) => K.logicalNot(mask as TracedTensor) })
      const none = layers.lambda({ function: x => x, mask: () => null })
      for (const layer of [inverted, none]) applyTo(layer, steps)
      assert.deepEqual([...(maskOf(inverted) ?? [])], [0, 1, 0])
      assert.equal(maskOf(none), undefined)
      const again = reloaded(inverted)
      applyTo(again, steps)
      assert.deepEqual([...(maskOf(again) ?? [])], [0, 1, 0])
    })

    it('is a constant', () => {
      const layer = layers.lambda({ function: x => x, mask: [[true, true, false]] })
      applyTo(layer, steps)
      assert.deepEqual([...(maskOf(layer) ?? [])], [1, 1, 0])
      assert.deepEqual(layer.getConfig().mask, [[true, true, false]])
      const again = reloaded(layer)
      applyTo(again, steps)
      assert.deepEqual([...(maskOf(again) ?? [])], [1, 1, 0])
    })

    it('reaches the function', () => {
      const layer = layers.lambda({
        function: (x, { mask }) => (mask ? K.multiply(x, K.expandDims(mask as TracedTensor, -1)) : x),
        mask: () => null,
      })
      applyTo(layer, steps)
      const again = reloaded(layer)
      applyTo(again, steps)
      for (const made of [layer, again]) assert.deepEqual([...(runLayer(made, [x], [mask]).outputs.y0?.data ?? [])], [1, 1, 0, 0, 3, 3])
      layer.apply(input({ shape: [3, 2] }))
      assert.deepEqual([...(runLayer(layer, [x]).outputs.y0?.data ?? [])], [1, 1, 2, 2, 3, 3])
      assert.throws(() => again.apply(input({ shape: [4, 2] })), /was traced with other inputs or masks/)
    })
  })

  describe('as text', () => {
    it('fits other batches and sizes that were unknown', () => {
      const layer = layers.lambda({ function: x => K.reshape(x, [-1, 4]) })
      applyTo(layer, { shape: [null, null, 2] })
      const loaded = reloaded(layer)
      const data = ndarray([
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ])
      for (const shape of [
        [null, null, 2],
        [2, 2, 2],
        [null, 2, 2],
      ]) {
        assert.deepEqual(
          run(loaded, { shape }, [data]),
          toValue(
            ndarray([
              [1, 2, 3, 4],
              [5, 6, 7, 8],
            ]),
          ),
        )
      }
      assert.throws(
        () => loaded.apply(input({ shape: [2, 3] })),
        error => error instanceof ShapeError && /traced for size 2/.test(error.message),
      )
    })

    it('may mention a size before the node that it comes from', () => {
      const flat = (x: TracedTensor) => K.reshape(x, [-1])
      for (const fn of [
        (x: TracedTensor) => K.add(K.onesLike(flat(x)), flat(x)),
        (x: TracedTensor) => K.add(flat(x), K.onesLike(flat(x))),
      ]) {
        const layer = layers.lambda({ function: fn })
        applyTo(layer, { shape: [null, null] })
        for (const made of [layer, reloaded(layer)]) {
          for (const shape of [
            [null, null],
            [1, 2],
          ]) {
            assert.deepEqual([...run(made, { shape }, [ndarray([[1, 2]])]).data], [2, 3])
          }
        }
      }
    })

    it('holds one body per kind of input', () => {
      const layer = layers.lambda({ function: x => K.multiply(x, x.shape[1] as number) })
      for (const width of [2, 3]) layer.apply(input({ shape: [width] }))
      const loaded = reloaded(layer)
      for (const width of [2, 3]) {
        const ones = ndarray([Array<number>(width).fill(1)])
        assert.deepEqual([...run(loaded, { shape: [null, width] }, [ones]).data], Array<number>(width).fill(width))
      }
    })

    it('has a fixed point: a loaded layer saves what it was loaded from', () => {
      const layer = layers.lambda({ function: antirectifier, outputShape: antirectifierOutputShape, mask: () => null, name: 'anti' })
      applyTo(layer, { shape: [null, 4] })
      const loaded = reloaded(layer)
      applyTo(loaded, { shape: [null, 4] })
      assert.deepEqual(loaded.getConfig(), layer.getConfig())
    })

    it('does not exist before the first call', () => {
      assert.throws(() => layers.lambda({ function: x => x }).getConfig(), ArgumentError)
    })

    const head = 'graph {\n  %x = input() {name: "input_0"} : float32[batch,2]\n'
    const hostile: Record<string, string> = {
      'no graph': 'import os',
      'a type that its op does not infer': `${head}  %y = relu(%x) : float32[batch,3]\n  output "output_0" = %y\n}`,
      'a variable': `graph {\n  var "v" : float32[2] weight\n  %v = variable() {name: "v"} : float32[2]\n  output "output_0" = %v\n}`,
      'a region': `${head}  %y = fused(%x) {kind: "k"} {\n    %a = input() {name: "a"} : float32[batch,2]\n    output "o" = %a\n  } : float32[batch,2]\n  output "output_0" = %y\n}`,
      'an input of another name': 'graph {\n  %x = input() {name: "x"} : float32[2]\n  output "output_0" = %x\n}',
      'a size from nowhere': `${head}  %y = broadcast(%x) {shape: ["t", "batch", 2]} : float32[t,batch,2]\n  output "output_0" = %y\n}`,
      'a loss': 'graph {\n  %x = input() {name: "input_0"} : float32[]\n  output "output_0" = %x\n  loss "l" = %x\n}',
    }
    for (const [what, text] of Object.entries(hostile)) {
      it(`refuses text with ${what}`, () => {
        const config = { name: 'l', function: { class_name: '__kerafold_graph__', config: text }, arguments: {} }
        assert.throws(() => layerFromConfig('Lambda', config), ArgumentError)
      })
    }

    it('refuses text whose sizes depend on each other, when it is called', () => {
      const lines = [
        '%one = constant() {data: [1]} : float32[]',
        '%b = broadcast(%one) {shape: ["p"]} : float32[p]',
        '%r = reshape(%b) {shape: [1, -1]} : float32[1,q]',
        '%d = broadcast(%one) {shape: ["q"]} : float32[q]',
        '%e = reshape(%d) {shape: [1, -1]} : float32[1,p]',
        '%y = concat(%r, %e) {axis: 1} : float32[1,z]',
        'output "output_0" = %y',
      ]
      const config = `${head}${lines.map(line => `  ${line}\n`).join('')}}`
      const layer = layerFromConfig('Lambda', { name: 'l', function: { class_name: '__kerafold_graph__', config }, arguments: {} })
      assert.throws(() => layer.apply(input({ shape: [2] })), VerifyError)
    })

    const python: Record<string, unknown> = {
      bytecode: { class_name: '__lambda__', config: { code: '4wEAAAA=', defaults: null, closure: null } },
      'bytecode of Keras 2': ['4wEAAAA=', null, null],
      'a named function': { module: 'builtins', class_name: 'function', config: 'double', registered_name: 'function' },
    }
    for (const [what, fn] of Object.entries(python)) {
      it(`never runs Python: ${what}`, () => {
        assert.throws(
          () => layerFromConfig('Lambda', { name: 'l', function: fn, arguments: {} }),
          error => error instanceof ArgumentError && /never run/.test(error.message),
        )
      })
    }

    it('reads a config of Keras 2 when a function is given in its place', () => {
      const config = {
        name: 'l',
        trainable: true,
        function_type: 'lambda',
        module: '__main__',
        output_shape: null,
        output_shape_type: 'raw',
        output_shape_module: null,
        arguments: {},
      }
      const layer = layerFromConfig('Lambda', { ...config, function: (x: TracedTensor) => K.add(x, 1) })
      assert.deepEqual([...run(layer, { shape: [null, 1] }, [ndarray([[1]])]).data], [2])
    })
  })
})
