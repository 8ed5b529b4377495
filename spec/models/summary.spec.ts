// summary: the tables of models built here are, character by character, those that Keras prints.

import assert from 'node:assert/strict'
import { dense, dropout } from '../../lib/layers/index.js'
import { sequential } from '../../lib/models/sequential.js'
import { type SummaryOptions, summaryText } from '../../lib/models/summary.js'
import { readGolden } from '../support/golden.js'
import { builders, buildModel, type ModelName } from './builders.js'

interface SummaryCase {
  readonly model: ModelName
  readonly options: { line_length?: number; expand_nested?: boolean; show_trainable?: boolean; layer_range?: [string, string] }
  readonly columns: number
  readonly summary: string
}

interface ModelCase {
  readonly name: string
  readonly summary: string
}

/** Keras' options in camelCase. */
function toOptions({ line_length, expand_nested, show_trainable, layer_range }: SummaryCase['options']): SummaryOptions {
  return {
    ...(line_length === undefined ? {} : { lineLength: line_length }),
    ...(expand_nested === undefined ? {} : { expandNested: expand_nested }),
    ...(show_trainable === undefined ? {} : { showTrainable: show_trainable }),
    ...(layer_range === undefined ? {} : { layerRange: layer_range }),
  }
}

describe('summary', () => {
  describe('as Keras prints it', () => {
    const { cases } = readGolden<{ cases: SummaryCase[] }>('summaries')
    for (const { model, options, columns, summary } of cases) {
      it(`${model} ${JSON.stringify(options)} in ${columns} columns`, () => {
        assert.equal(`${summaryText(buildModel(model), toOptions(options), columns)}\n`, summary)
      })
    }
  })

  describe('as Keras prints it, of every kind of model', () => {
    // Keras numbers its tensors; here they are named after the layers that made them
    const named: Readonly<Record<string, (text: string) => string>> = {
      middle_of_model: text => text.replace('keras_tensorCLONE (InputLayer)', 'firstCLONE (InputLayer)       '),
    }
    const { cases } = readGolden<{ cases: ModelCase[] }>('models/models')
    for (const { name, summary } of cases.filter(({ name }) => name in builders && name !== 'masking_chain')) {
      it(name, () => {
        assert.equal(`${summaryText(buildModel(name as ModelName), { lineLength: 88 })}\n`, named[name]?.(summary) ?? summary)
      })
    }
  })

  it('shows no masks, where Keras shows the operations that BatchNormalization takes its mask from', () => {
    const text = summaryText(buildModel('masking_chain'))
    assert.doesNotMatch(text, /NotEqual|Any|Connected to/)
    assert.match(text, /Total params: 52 \(208.00 B\)/)
  })

  it('goes to printFn, or else to the console', () => {
    const model = buildModel('mlp')
    const texts: string[] = []
    model.summary({ printFn: text => texts.push(text) })
    const { log } = console
    console.log = (text: string) => texts.push(text)
    try {
      model.summary()
    } finally {
      console.log = log
    }
    assert.equal(texts.length, 2)
    assert.equal(texts[0], texts[1])
    assert.match(texts[0] ?? '', /^Model: "mlp"\n┏/)
  })

  it('fills the default width where there is no terminal, and what a terminal leaves where there is one', () => {
    const widest = (columns?: number): number =>
      Math.max(
        ...summaryText(buildModel('mlp'), {}, columns)
          .split('\n')
          .map(line => line.length),
      )
    assert.equal(widest(Number.POSITIVE_INFINITY), 88)
    assert.equal(widest(70), 66)
    assert.equal(widest(500), 88)
  })

  it('tells sizes in bytes, kilobytes and megabytes of 1024', () => {
    const sizeOf = (units: number): string | undefined => {
      const text = summaryText(sequential([dense({ units, useBias: false, inputShape: [1] })]))
      return / Total params: (.*)/.exec(text)?.[1]
    }
    assert.equal(sizeOf(252), '252 (1008.00 B)')
    assert.equal(sizeOf(256), '256 (1.00 KB)')
    assert.equal(sizeOf(2 ** 18 - 1), '262,143 (1024.00 KB)')
    assert.equal(sizeOf(2 ** 18), '262,144 (1.00 MB)')
  })

  it('refuses lines too short for its columns', () => {
    assert.throws(() => summaryText(buildModel('mlp'), { lineLength: 15 }), { name: 'ArgumentError', message: /"mlp".*15 characters/s })
  })

  it('refuses a range without layers', () => {
    assert.throws(() => summaryText(buildModel('mlp'), { layerRange: ['dense', 'nothing'] }), {
      name: 'ArgumentError',
      message: /nothing.*dense_2/s,
    })
  })

  it('keeps names of other scripts whole', () => {
    const text = summaryText(sequential([dense({ units: 1, inputShape: [1], name: 'schöne_𝒟ichte' }), dropout({ rate: 0 })]))
    assert.match(text, /│ schöne_𝒟ichte \(Dense\) /u)
    const widths = text
      .split('\n')
      .slice(1, -3)
      .map(line => [...line].length)
    assert.deepEqual(new Set(widths), new Set([88]))
  })
})
