// What blocks of convolutional networks become: one kernel each, with everything that weights decide in `prepare`.

import assert from 'node:assert/strict'
import type { Graph } from '../../lib/ir/graph.js'
import { specialise } from '../../lib/ops/specialise.js'
import { verify } from '../../lib/ops/verify.js'
import { exampleContext } from '../../passes/examples/index.js'
import { pipelines, runPasses, splitPrepare, verifyGraphs } from '../../passes/index.js'
import { Cnn, mobileNet, opCounts } from '../support/cnn.js'
import { assertNearOutputs } from '../support/compare.js'
import { makeFeeds } from '../support/feeds.js'

const none = [
  [0, 0],
  [0, 0],
] as const

/** What runs of a graph compute, after the whole pipeline of inference; values are compared on the way. */
function lowered(graph: Graph): Graph {
  const sizes = { batch: 2 }
  const first = runPasses(verify(graph), pipelines.infer.beforeSpecialise, exampleContext, [verifyGraphs()]).graph
  const changed = runPasses(specialise(first, sizes), pipelines.infer.afterSpecialise, exampleContext, [verifyGraphs()]).graph
  const whole = specialise(graph, sizes)
  assertNearOutputs({ whole, changed, feeds: makeFeeds(whole, 5, 'real') })
  return splitPrepare(changed).run
}

const kinds = (graph: Graph): string[] => Object.values(graph.nodes).flatMap(node => (node.op === 'fused' ? [node.attrs.kind] : []))

describe('blocks of convolutional networks', () => {
  it('conv + bias + batch norm + relu are one kernel', () => {
    const net = new Cnn()
    const run = lowered(net.build(net.unary('relu', net.batchNorm(net.bias(net.conv(net.image('x', 'batch', [4, 4, 2]), { filters: 3 }))))))
    assert.deepEqual(kinds(run), ['conv+bias+relu'])
    assert.deepEqual(opCounts(run), { input: 1, fused: 1 })
  })

  it('a zero padding, a depthwise conv, a batch norm and relu6 are one kernel', () => {
    const net = new Cnn()
    const x = net.pad(net.image('x', 'batch', [5, 5, 3]), 1)
    const run = lowered(
      net.build(net.unary('relu6', net.batchNorm(net.conv(x, { filters: 6, depthwise: true, strides: 2, padding: none })))),
    )
    assert.deepEqual(kinds(run), ['conv+bias+relu6'])
    assert.deepEqual(opCounts(run), { input: 1, fused: 1 })
  })

  it('a residual sum joins the convolution before it', () => {
    const net = new Cnn()
    const x = net.image('x', 'batch', [4, 4, 3])
    const branch = net.batchNorm(net.conv(net.unary('relu', net.batchNorm(net.conv(x, { filters: 3 }))), { filters: 3 }))
    const run = lowered(net.build(net.unary('relu', net.builder.emit('add', [branch, x], {}))))
    assert.deepEqual(kinds(run).sort(), ['conv+bias+add+relu', 'conv+bias+relu'])
    assert.deepEqual(opCounts(run), { input: 1, fused: 2 })
  })

  it('a batch norm before a conv folds if the conv reads no padding; its scale alone does not stay behind a shift', () => {
    const block = (padding: 'same' | typeof none) => {
      const net = new Cnn()
      return lowered(net.build(net.conv(net.batchNorm(net.image('x', 'batch', [4, 4, 2])), { filters: 3, padding })))
    }
    assert.deepEqual(kinds(block(none)), ['conv+bias'])
    assert.deepEqual(opCounts(block('same')), { input: 1, fused: 1, conv: 1 })
  })

  it('a batch norm behind a global mean folds into the conv before it, or into the dense layer behind it', () => {
    const net = new Cnn()
    const image = net.conv(net.image('x', 'batch', [4, 4, 2]), { filters: 3 })
    const vectors = ['gamma', 'beta', 'mean', 'variance'].map(stem => net.weight(stem, [3]))
    const normal = net.builder.emitAny('batch_norm', [net.globalMean(image), ...vectors], { axis: -1, epsilon: 0.001 })
    const run = lowered(net.build(net.dense(normal, 2)))
    assert.deepEqual(opCounts(run), { input: 1, conv: 1, reduce_mean: 1, fused: 1 })
    assert.deepEqual(kinds(run), ['matmul+bias'])
  })

  it('the reversed kernel of a transposed convolution is prepared', () => {
    const net = new Cnn()
    const x = net.image('x', 'batch', [3, 3, 2])
    const kernel = net.builder.emitAny('reverse', [net.weight('kernel', [3, 3, 2, 4])], { axes: [0, 1] })
    const attrs = {
      strides: [1, 1],
      padding: [
        [2, 2],
        [2, 2],
      ] as const,
      inputDilation: [2, 2],
      kernelDilation: [1, 1],
      groups: 1,
    }
    const run = lowered(net.build(net.unary('relu', net.batchNorm(net.builder.emitAny('conv', [x, kernel], attrs)))))
    assert.deepEqual(kinds(run), ['conv+bias+relu'])
    assert.deepEqual(opCounts(run), { input: 1, fused: 1 })
  })

  it('pads add up with what a conv pads and dilates itself; a shift does not fold past the zeros of dilation', () => {
    const net = new Cnn()
    const x = net.image('x', 'batch', [3, 3, 2])
    const around = [
      [1, 1],
      [1, 1],
    ] as const
    const attrs = { strides: [1, 1], padding: around, inputDilation: [2, 2], kernelDilation: [1, 1], groups: 1 }
    const conv = (image: typeof x, padding: typeof around | typeof none) =>
      net.builder.emitAny('conv', [image, net.weight('kernel', [3, 3, 2, 4])], { ...attrs, padding })
    assert.deepEqual(opCounts(lowered(net.build(conv(net.pad(x, 1), around)))), { input: 1, conv: 1 })
    const shifted = net.builder.emit('add', [x, net.weight('shift', [2])], {})
    assert.deepEqual(opCounts(lowered(net.build(conv(shifted, none)))), { input: 1, add: 1, conv: 1 })
  })

  it('MobileNet is 27 convolutions, a mean, a dense layer and a softmax', () => {
    const first = runPasses(mobileNet(), pipelines.infer.beforeSpecialise, exampleContext).graph
    const { run } = splitPrepare(runPasses(specialise(first, { batch: 1 }), pipelines.infer.afterSpecialise, exampleContext).graph)
    assert.deepEqual(opCounts(run), { input: 1, fused: 28, reduce_mean: 1, softmax: 1 })
    assert.equal(kinds(run).filter(kind => kind === 'conv+bias+relu6').length, 27)
  })
})
