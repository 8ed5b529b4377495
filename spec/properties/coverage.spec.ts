// The generator of models makes what the properties are about, often enough.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Call } from '../../lib/layers/kerasTensor.js'
import type { Layer } from '../../lib/layers/layer.js'
import { layerClasses } from '../../lib/layers/registry.js'
import { arbModel, type ModelCase } from '../support/arbModel.js'

const models = 1000
const enough = 50
/** Of one class: there are many. */
const enoughOfClass = 10

const classes = [...Object.keys(layerClasses).filter(name => name !== 'InputLayer'), 'Functional', 'Sequential']

const features: Readonly<Record<string, (net: ModelCase['net'], calls: readonly Call[]) => boolean>> = {
  'a shared layer': net => net.layers.some(layer => callsIn(net, layer) > 1),
  'several inputs': net => net.inputs.length > 1,
  'several outputs': net => net.outputs.length > 1,
  'an unknown time axis': net => net.inputs.some(({ shape }) => shape.slice(1).includes(null)),
  'an int32 input': net => net.inputs.some(({ dtype }) => dtype === 'int32'),
  'a mask that a layer takes': (_, calls) => calls.some(({ masks }) => masks.some(mask => mask !== null)),
  'a mask that a merge takes': (_, calls) => calls.some(({ masks, inputsAsList }) => inputsAsList && masks.some(mask => mask !== null)),
  'a merge of tensors with different masks': (_, calls) => calls.some(({ masks }) => new Set(masks).size > 1),
  'a mask that ends at a layer': (_, calls) => calls.some(({ dropsMask }) => dropsMask),
  'an input that is an output': net => net.outputs.some(output => net.inputs.includes(output)),
  'a frozen layer': net => net.layers.some(({ trainable }) => !trainable),
  'a loss': net => net.trace().graph.results.losses.length > 0,
  'an update': net => Object.keys(net.trace().graph.results.updates).length > 0,
}

function callsIn(net: ModelCase['net'], layer: Layer): number {
  return net.record.calls.filter(call => call.layer === layer).length
}

describe('random models', () => {
  const samples = fc.sample(arbModel, { numRuns: models, seed: 7 })

  it(`have each layer class at least ${enoughOfClass} times in ${models}`, () => {
    const counts = new Map(classes.map(name => [name, 0]))
    for (const { net } of samples) for (const { className } of net.layers) counts.set(className, (counts.get(className) ?? 0) + 1)
    counts.delete('InputLayer')
    assert.deepEqual([...counts.keys()].sort(), classes.sort())
    assert.deepEqual(
      [...counts].filter(([, count]) => count < enoughOfClass),
      [],
    )
  })

  for (const [feature, test] of Object.entries(features)) {
    it(`have ${feature} at least ${enough} times in ${models}`, () => {
      const count = samples.filter(({ net }) => test(net, net.record.calls)).length
      assert.ok(count >= enough, `${count}`)
    })
  }
})
