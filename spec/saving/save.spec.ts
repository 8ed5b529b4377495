// Files that Kerafold writes: real Keras has loaded these very bytes, and computed the same.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import * as layers from '../../lib/layers/index.js'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { modelFromObject } from '../../lib/models/fromConfig.js'
import { loadModel } from '../../lib/models/loadModel.js'
import { saveModel } from '../../lib/models/saveModel.js'
import { sequential } from '../../lib/models/sequential.js'
import * as web from '../../lib/platform/web.js'
import { readGolden } from '../support/golden.js'
import { savedDate, savedModels } from '../support/savedModels.js'
import { Scale } from '../support/scaleLayer.js'
import { refusal } from './support/archives.js'
import { assertPredicts, type GoldenRun } from './support/evaluate.js'

interface GoldenSaved extends GoldenRun {
  readonly sha256: string
  readonly weights_sha256: string
  readonly layers: readonly string[]
}

const { cases } = readGolden<{ cases: readonly GoldenSaved[] }>('saved')
const customObjects = { Scale }
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const small = () => sequential({ name: 'small', layers: [layers.dense({ units: 2, inputShape: [3], name: 'one' })] })

describe('saved models', () => {
  it('are those that Keras has loaded', () => assert.deepEqual(Object.keys(savedModels).sort(), cases.map(({ name }) => name).sort()))

  for (const golden of cases) {
    describe(golden.name, () => {
      let model: BaseModel<unknown>
      let bytes: Uint8Array
      before(async () => {
        model = await (savedModels[golden.name] as (typeof savedModels)[string])()
        bytes = await model.save(undefined, { date: savedDate })
      })

      it('is the file that Keras has loaded, byte for byte', async () => {
        assert.equal(sha256(bytes), golden.sha256)
        assert.equal(sha256(await model.saveWeights()), golden.weights_sha256)
      })
      it('computes what Keras computes with it', () => {
        assert.deepEqual(
          model.layers.map(({ name }) => name),
          golden.layers,
        )
        assertPredicts(model, golden)
      })
      it('is itself when it is loaded', async () => {
        const again = await loadModel<unknown>(bytes, { customObjects })
        assert.deepEqual(again.toObject(), model.toObject())
        assert.deepEqual(
          again.getWeights().map(({ data }) => data),
          model.getWeights().map(({ data }) => data),
        )
        const filled = modelFromObject(model.toObject(), { customObjects })
        await filled.loadWeights(await model.saveWeights())
        assertPredicts(filled, golden)
      })
    })
  }
})

describe('model.save', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kerafold-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('writes the bytes that it gives, to paths and file URLs, and leaves nothing beside them', async () => {
    const model = small()
    const path = join(folder, 'a.keras')
    const bytes = await model.save(path)
    assert.deepEqual(new Uint8Array(readFileSync(path)), bytes)
    const weights = await model.saveWeights(pathToFileURL(join(folder, 'a.weights.h5')))
    assert.deepEqual(new Uint8Array(readFileSync(join(folder, 'a.weights.h5'))), weights)
    await saveModel(model, path) // replaces what is there
    assert.deepEqual(readdirSync(folder).sort(), ['a.keras', 'a.weights.h5'])
    assert.equal((await loadModel(path)).name, 'small')
  })

  it('writes the whole file or none', async () => {
    const target = join(folder, 'none', 'a.keras')
    await assert.rejects(small().save(target), refusal('FileError', `${target} cannot be written`))
    assert.ok(!existsSync(join(folder, 'none')))
    await assert.rejects(web.writePath('a.keras', new Uint8Array(1)), /a browser has no files to write/)
    await assert.rejects(small().save(new URL('https://example.org/a.keras')), refusal('FileError', 'only files can be written'))
  })

  it('gives the same bytes for the same model and date, and says the date', async () => {
    const model = small()
    const first = await model.save(undefined, { date: savedDate })
    await new Promise(resolve => setTimeout(resolve, 1100))
    assert.deepEqual(await model.save(undefined, { date: savedDate }), first)
    const text = new TextDecoder('latin1').decode(first)
    assert.ok(text.includes('{"keras_version":"3.15.1","date_saved":"2026-01-01@00:00:00"}'))
    assert.ok(new TextDecoder('latin1').decode(await model.save()).includes(`"date_saved":"${new Date().toISOString().slice(0, 10)}@`))
  })

  it('keeps weights of every size and value, exactly', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.float(), { minLength: 1, maxLength: 50 }),
        async (inputs, units, values) => {
          const model = sequential({ layers: [layers.dense({ units, inputShape: [inputs] })] })
          for (const variable of model.weights)
            variable.assign(Float32Array.from({ length: variable.size }, (_, k) => values[k % values.length] as number))
          const again = await loadModel(await model.save())
          assert.deepEqual(
            again.weights.map(({ data }) => data),
            model.weights.map(({ data }) => data),
          )
        },
      ),
      { numRuns: 30 },
    ))

  describe('refuses', () => {
    it('another ending, which Keras tells formats by', async () => {
      await assert.rejects(small().save('a.h5'), refusal('ArgumentError', 'Model "small"', 'should end in .keras, got "a.h5"'))
      await assert.rejects(small().saveWeights('a.h5'), refusal('ArgumentError', 'should end in .weights.h5'))
      await assert.rejects(small().save(7 as never), refusal('ArgumentError', 'a path or a file URL, got 7'))
    })
    it('options that it does not know', async () => {
      await assert.rejects(small().save(undefined, { overwrite: true } as never), refusal('ArgumentError', 'no option "overwrite"'))
      await assert.rejects(small().save(undefined, { date: new Date('x') }), refusal('ArgumentError', 'date should be a valid Date'))
    })
    it('a model without weights yet', () =>
      assert.rejects(sequential([layers.dense({ units: 2 })]).save(), refusal('ArgumentError', 'build(shape)')))
    it('a Lambda, wherever it is, and says which', async () => {
      const inner = sequential({ name: 'inner', layers: [layers.lambda({ function: x => x, inputShape: [3], name: 'twice' })] })
      const outer = sequential({ layers: [layers.dense({ units: 3, inputShape: [3] }), inner] })
      await assert.rejects(outer.save(), refusal('ArgumentError', 'Layer "twice" (Lambda) holds a traced function', 'saveWeights'))
      assert.ok((await outer.saveWeights()).length > 0)
    })
  })
})
