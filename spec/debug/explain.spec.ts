// explain: every layer of a model once, with a fate that the optimised graph bears out.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { ExplainedLayer } from '../../lib/index.js'
import { ArgumentError, bisect, explain, input, layers, loadModel, model, sequential } from '../../lib/index.js'
import type { Layer } from '../../lib/layers/layer.js'
import { BaseModel } from '../../lib/models/baseModel.js'
import { verticesOf } from '../../lib/models/vertices.js'
import { digits, golden } from '../cli/program.js'
import { arbModel, modelFeeds, modelRuns } from '../support/arbModel.js'

/** What is said of each layer, by name. */
const told = (explained: readonly ExplainedLayer[]) => Object.fromEntries(explained.map(({ layer, text }) => [layer, text]))

/** Every layer of a model by path, found without the code under test. */
function pathsOf(net: BaseModel<unknown>, around = ''): string[] {
  const inner = (layer: Layer) => (layer instanceof BaseModel ? pathsOf(layer, `${around}${layer.name}/`) : [])
  return verticesOf(net).flatMap(layer => [`${around}${layer.name}`, ...inner(layer)])
}

describe('explain', () => {
  it('says of a digit classifier what the passes did to each layer', async () => {
    const { layers: explained } = await explain(await loadModel<unknown>(digits), { backend: 'jit' })
    assert.deepEqual(told(explained), {
      pixels: 'an input',
      image: 'removed by foldShapes',
      strips: 'removed by foldShapes',
      flat: 'removed by foldShapes',
      hidden_1: 'matmul+bias+relu',
      norm_1: 'folded into hidden_1 by foldAffine',
      relu_1: 'epilogue of hidden_1',
      drop_1: 'removed by resolvePhase',
      hidden_2: 'matmul+bias+relu',
      norm_2: 'folded into hidden_2 by foldAffine',
      relu_2: 'epilogue of hidden_2',
      drop_2: 'removed by resolvePhase',
      digit: 'matmul+bias; softmax',
    })
    const norm = explained.find(({ layer }) => layer === 'norm_1')
    assert.deepEqual([norm?.fate, norm?.into, norm?.pass], ['folded', ['hidden_1'], 'foldAffine'])
    assert.deepEqual(norm?.rules, ['batchNormToAffine', 'scaleBeforeShift', 'scaleIntoKernel', 'mergeShifts'])
  })

  it('knows layers that do nothing, views, equal layers, and what one kernel joins', async () => {
    const x = input({ shape: [6], name: 'x' })
    const flat = layers.flatten({ name: 'flat' }).apply(layers.reshape({ targetShape: [2, 3], name: 'cut' }).apply(x))
    const same = layers.activation({ activation: 'linear', name: 'same' }).apply(flat)
    const [first, second] = ['first', 'second'].map(name => layers.activation({ activation: 'tanh', name }).apply(same))
    const sum = layers.add({ name: 'sum' }).apply([first as typeof x, second as typeof x])
    const folded = layers.reshape({ targetShape: [3, 2], name: 'shape' }).apply(sum)
    const { layers: explained } = await explain(model({ inputs: x, outputs: folded }), { backend: 'jit' })
    assert.deepEqual(told(explained), {
      x: 'an input',
      cut: 'removed by foldShapes',
      flat: 'removed by foldShapes',
      same: 'adds nothing: gives its input as it is',
      first: 'tanh+add',
      second: 'computed once, with first',
      sum: 'fused with first',
      shape: 'a view of its input: no work',
    })
  })

  it('reads well for convolutions: with and without a bias, padded, separable, joined', async () => {
    const image = input({ shape: [9, 9, 2], name: 'image' })
    const padded = layers.zeroPadding2D({ padding: 1, name: 'pad' }).apply(image)
    const plain = layers.conv2D({ filters: 4, kernelSize: 3, useBias: false, name: 'plain' }).apply(padded)
    const first = layers.reLU({ name: 'relu' }).apply(layers.batchNormalization({ name: 'norm' }).apply(plain))
    const deep = layers.depthwiseConv2D({ kernelSize: 3, padding: 'same', name: 'deep' }).apply(first)
    const second = layers
      .conv2D({ filters: 4, kernelSize: 1, name: 'point' })
      .apply(layers.batchNormalization({ name: 'norm_2' }).apply(deep))
    const sum = layers.add({ name: 'sum' }).apply([first, second])
    const net = model({ inputs: image, outputs: layers.globalMaxPooling2D({ name: 'top' }).apply(sum) })
    const { layers: explained } = await explain(net, { backend: 'jit' })
    assert.deepEqual(told(explained), {
      image: 'an input',
      pad: 'folded into plain by absorbPadding',
      plain: 'conv+bias+relu',
      norm: 'folded into plain by foldAffine',
      relu: 'epilogue of plain',
      deep: 'conv',
      norm_2: 'folded into deep, point by foldAffine',
      point: 'conv+bias+add',
      sum: 'epilogue of point',
      top: 'reduce_max',
    })
    assert.equal((await bisect(net, new Float32Array(162).fill(0.3), { backend: 'jit' })).suspect, undefined)
  })

  it('times kernels and shares all of it out', async () => {
    const explanation = await explain(await loadModel<unknown>(golden('nested_functional')), {
      backend: 'jit',
      inputs: { a: new Float32Array(10), b: new Float32Array(10) },
      runs: 1,
    })
    const { profile } = explanation
    assert.ok(profile)
    const kernels = explanation.layers.flatMap(layer => layer.kernels)
    assert.deepEqual(kernels.map(({ node }) => node).sort(), profile.kernels.map(({ node }) => node).sort())
    const shares = explanation.layers.reduce((sum, { share = 0 }) => sum + share, 0)
    assert.ok(Math.abs(shares - 1) < 1e-9, `${shares}`)
    const { peakGflops = 0 } = explanation
    for (const { flops = 0, us = 0, gflopPerS = 0, ofPeak = 0 } of kernels) {
      assert.ok(Math.abs(gflopPerS - (us > 0 ? flops / us / 1000 : 0)) < 1e-9)
      assert.ok(ofPeak <= 1 && Math.abs(ofPeak - Math.min(1, gflopPerS / peakGflops)) < 1e-9)
    }
    for (const { kernels: own, us = 0, gflopPerS = 0 } of explanation.layers) {
      const flops = own.reduce((sum, kernel) => sum + (kernel.flops ?? 0), 0)
      assert.ok(Math.abs(gflopPerS - (us > 0 ? flops / us / 1000 : 0)) < 1e-9)
    }
    assert.match(
      explanation.table(100),
      /^ {2}dense_2 \(Dense\) +\d\.\d\d +\d+\.\d +\d+(\.\d+)? +\d+\.\d +2 kernels:\n +\d\.\d\d +\d+(\.\d+)? +\d+\.\d +matmul\+bias\+relu as gemm 2x5x5$/m,
    )
  })

  it('needs no data, and works on every backend', async () => {
    for (const backend of ['jit', 'cpu', 'reference']) {
      const net = await loadModel<unknown>(digits)
      const plain = await explain(net, { backend })
      const fed = await explain(net, { backend, inputs: new Float32Array(64), runs: 1 })
      assert.equal(plain.profile, undefined)
      assert.equal(fed.profile === undefined, backend !== 'jit')
      assert.deepEqual(
        plain.layers.map(({ layer, fate }) => [layer, fate]),
        fed.layers.map(({ layer, fate }) => [layer, fate]),
      )
      assert.ok(!plain.table().includes('µs'))
    }
  })

  it('fits the width, whatever layers are called', async () => {
    const name = 'a_layer_whose_name_is_far_longer_than_any_table_can_be_wide_without_losing_its_use'
    const net = sequential({ layers: [input({ shape: [4] }), layers.dense({ units: 3, activation: 'softmax', name })] })
    const explanation = await explain(net, { inputs: new Float32Array(4), runs: 1 })
    for (const width of [40, 80, 200])
      for (const line of explanation.table(width).split('\n')) assert.ok([...line].length <= width, `${width}: ${line}`)
    assert.match(explanation.table(80), /a_layer_whose_name_i\S*…/)
    assert.match(explanation.table(200), new RegExp(`^${name} \\(Dense\\)`, 'm'))
  })

  it('refuses options and data that do not fit', async () => {
    const net = sequential({ layers: [input({ shape: [4] }), layers.dense({ units: 3 })] })
    await assert.rejects(explain(net, { run: 3 } as object), ArgumentError)
    await assert.rejects(explain(net, { inputs: new Float32Array(3) }), /needs a multiple of 4 values, got 3/)
  })

  it('lists every layer of any model once, with a fate that the optimised graph bears out', async () => {
    await fc.assert(
      fc.asyncProperty(arbModel, async value => {
        const { layers: explained } = await explain(value.net, { backend: 'jit' })
        assert.deepEqual(
          explained.map(({ layer }) => layer),
          pathsOf(value.net),
        )
        const fates = new Map(explained.map(({ layer, fate }) => [layer, fate]))
        const exe = await value.net.lower({ backend: 'jit' })
        const left = new Set(
          Object.values(exe.graph.nodes).flatMap(({ origin }) => origin.map(label => label.replaceAll(/#\d+(?=\/|$)/g, ''))),
        )
        exe.dispose()
        for (const { layer, fate, into, kernels, text } of explained) {
          assert.ok(text.length > 1 && !/(into|of|with) *( by|$)/.test(text), `${layer}: ${text}`)
          assert.equal(fate === 'kernel', kernels.length > 0, `${layer} is ${fate} with ${kernels.length} kernels`)
          assert.equal(['folded', 'merged', 'epilogue'].includes(fate), into.length > 0, `${layer} is ${fate} into ${into.join()}`)
          const hosts = fate === 'epilogue' ? ['kernel'] : ['kernel', 'epilogue', 'view']
          for (const other of into)
            assert.ok(hosts.includes(fates.get(other) ?? ''), `${layer} is ${fate} into ${other}, ${fates.get(other)}`)
          if (fate === 'kernel' || fate === 'epilogue' || fate === 'view') assert.ok(left.has(layer), `${layer} is gone, but ${fate}`)
        }
      }),
      { numRuns: modelRuns },
    )
  }).timeout(300_000)

  it('attributes every kernel that is timed to one layer, for any model', async () => {
    await fc.assert(
      fc.asyncProperty(arbModel, async value => {
        const { layers: explained, profile } = await explain(value.net, { backend: 'jit', inputs: modelFeeds(value, 'integer'), runs: 1 })
        const nodes = explained.flatMap(({ kernels }) => kernels.map(({ node }) => node))
        assert.deepEqual(nodes.sort(), profile?.kernels.map(({ node }) => node).sort())
      }),
      { numRuns: 10 },
    )
  }).timeout(300_000)
})
