// Every layer against Keras 3.15.1: shapes, values, masks, losses, updates, configs.

import assert from 'node:assert/strict'
import { layerClasses, layerFromConfig } from '../../lib/layers/registry.js'
import { type Schema, toSnake } from '../../lib/layers/schema.js'
import { clearSession } from '../../lib/layers/settings.js'
import { assertLayerCase, layerGoldens } from '../support/layerCases.js'

const { cases } = layerGoldens()

describe('layers against Keras', () => {
  beforeEach(clearSession)

  for (const golden of cases) {
    it(golden.name, () => {
      const layer = layerFromConfig(golden.layer.class_name, golden.layer.config)
      assertLayerCase(layer, golden)
      assert.deepEqual(layer.getConfig(), golden.layer.config)
    })
  }

  it('cover every class of the registry', () => {
    // lambdaGolden.spec.ts has these.
    const elsewhere = ['Identity', 'InputLayer', 'Lambda']
    const covered = new Set(cases.map(golden => golden.layer.class_name))
    assert.deepEqual(
      Object.keys(layerClasses).filter(name => !covered.has(name)),
      elsewhere,
    )
  })

  it('give each option at least two values', () => {
    const singleValued: string[] = []
    for (const [name, { schema }] of Object.entries(layerClasses) as [string, { schema: Schema }][]) {
      const configs = cases.filter(golden => golden.layer.class_name === name).map(golden => golden.layer.config)
      if (configs.length === 0) continue
      for (const option of Object.keys(schema)) {
        const values = new Set(configs.map(config => JSON.stringify(config[toSnake(option)])))
        if (values.size < 2) singleValued.push(`${name}.${option}`)
      }
    }
    // Options that can only have the one value: what they would ask for is not supported, or only older versions wrote it; and
    // the filters of two classes that share all code with Conv2DTranspose.
    const fixed =
      /^BatchNormalization\.(synchronized|renorm.*)|\.(lora(Rank|Alpha)|quantizationConfig)|Conv.*\.groups|SpatialDropout.*\.noiseShape|Embedding\.inputLength|Conv[13]DTranspose\.filters/
    assert.deepEqual(
      singleValued.filter(option => !fixed.test(option)),
      [],
    )
  })
})
