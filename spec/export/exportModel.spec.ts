// The files of an export: their options, their types, their texts.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { load, ModelError } from '../../lib/export/shipped/model.js'
import { showTime } from '../../lib/export/shipped/results.js'
import { modelText } from '../../lib/export/texts.js'
import { ArgumentError, exportModel, input, layers, loadModel, model, type NDArray, ops, sequential } from '../../lib/index.js'
import { target, textsModule } from '../../scripts/shippedTexts.js'
import { filesWithTypeErrors } from '../support/typeErrors.js'

const digits = () => loadModel<NDArray>(new URL('../../examples/digits/digits.keras', import.meta.url))

describe('exportModel', function () {
  this.timeout(120_000)
  it('gives module, loader and types, and says what is inside', async () => {
    const { files, description } = await exportModel(await digits())
    assert.deepEqual(Object.keys(files), ['model.wasm', 'model.js', 'model.d.ts'])
    const { inputs, outputs, numerics, name, weights } = description
    assert.deepEqual([name, numerics, weights.file], ['digits', 'strict', null])
    assert.deepEqual(
      inputs.map(({ name, dtype, shape }) => [name, dtype, shape]),
      [['pixels', 'float32', [1, 64]]],
    )
    assert.deepEqual(
      outputs.map(({ name, dtype, shape }) => [name, dtype, shape]),
      [['digit', 'float32', [1, 10]]],
    )
    const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(files['model.wasm'] as Uint8Array<ArrayBuffer>), 'kerafold')
    assert.deepEqual(JSON.parse(new TextDecoder().decode(section)), description)
  })

  it('hashes graph and weights: the same for the same, another for others', async () => {
    const net = await digits()
    const { description: first } = await exportModel(net)
    assert.equal((await exportModel(await digits())).description.source, first.source)
    assert.match(first.source ?? '', /^[0-9a-f]{64}$/)
    const weights = net.getWeights()
    ;(weights[0]?.data as Float32Array)[0] = 1
    net.setWeights(weights)
    assert.notEqual((await exportModel(net)).description.source, first.source)
  })

  it('gives equal bytes for a file read twice, whatever seeds its dropout drew', async () => {
    const dense = layers.dense({ units: 2, inputShape: [3] })
    const file = await sequential([dense, layers.dropout({ rate: 0.5 }), layers.gaussianNoise({ stddev: 1 })]).save()
    const [first, second] = [await exportModel(await loadModel(file)), await exportModel(await loadModel(file))]
    assert.deepEqual(second.files, first.files)
  })

  it('holds any number of rows that is asked for, and puts weights beside the module', async () => {
    const net = await digits()
    const { files, description } = await exportModel(net, { sizes: { batch: 3 }, weights: 'beside', name: 'three' })
    assert.deepEqual(Object.keys(files), ['model.wasm', 'model.js', 'model.d.ts', 'model.weights.bin'])
    assert.equal(description.name, 'three')
    assert.equal(files['model.weights.bin']?.length, description.weights.bytes)
    const exe = await net.lower({ backend: 'jit', numerics: 'strict' })
    const pixels = Float32Array.from({ length: 192 }, (_, k) => ((k * 7) % 17) / 16)
    const loaded = await load({ bytes: files['model.wasm'] as Uint8Array<ArrayBuffer>, weights: files['model.weights.bin'] as Uint8Array })
    assert.deepEqual(loaded.run(pixels).digit, exe.run(pixels).data)
  })

  it('puts the module with its weights into the page', async () => {
    const net = await digits()
    const { files: inside } = await exportModel(net, { html: true })
    const { files: beside } = await exportModel(net, { html: true, weights: 'beside' })
    const held = (html?: Uint8Array): Buffer => Buffer.from(/id="wasm">([^<]*)</.exec(new TextDecoder().decode(html))?.[1] ?? '', 'base64')
    assert.deepEqual(held(inside['model.html']), Buffer.from(inside['model.wasm'] ?? []))
    assert.equal((await load({ bytes: new Uint8Array(held(beside['model.html'])) })).description.weights.file, 'model.weights.bin')
  })

  it('takes the batch that the inputs fix', async () => {
    const x = input({ shape: [2], batchSize: 4 })
    const { description } = await exportModel(model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(x) }))
    assert.deepEqual(description.inputs[0]?.shape, [4, 2])
  })

  it('takes whole numbers for int32, and gives bools as 0 and 1', async () => {
    const x = input({ shape: [3], dtype: 'int32', name: 'x' })
    const positive = layers.lambda({ function: value => ops.greater(value, 0), name: 'positive' }).apply(x)
    const { files } = await exportModel(model({ inputs: x, outputs: [layers.identity({ name: 'same' }).apply(x), positive] }))
    const { run } = await load({ bytes: files['model.wasm'] as Uint8Array<ArrayBuffer> })
    assert.deepEqual(run([-1, 0, 2 ** 31 - 1]), { same: Int32Array.of(-1, 0, 2 ** 31 - 1), positive: Int32Array.of(0, 0, 1) })
    for (const value of [0.5, 2 ** 31, Number.NaN]) assert.throws(() => run([1, 2, value]), ModelError)
  })

  it('takes values by name whatever the name, and nothing that is no list of numbers', async () => {
    const named = async (name: string, size: number) => {
      const x = input({ shape: [size], name })
      const { files } = await exportModel(model({ inputs: x, outputs: layers.identity({ name: 'same' }).apply(x) }))
      return load({ bytes: files['model.wasm'] as Uint8Array<ArrayBuffer> })
    }
    for (const [name, size] of [
      ['length', 4],
      ['length', 1],
      ['0', 2],
      ['trim', 2],
    ] as const) {
      const { run } = await named(name, size)
      const values = Array.from({ length: size }, (_, k) => k - 0.5)
      for (const given of [values, Float32Array.from(values), { [name]: values }, { [name]: Float32Array.from(values) }])
        assert.deepEqual(run(given as Record<string, number[]>), { same: Float32Array.from(values) }, `${name}: ${JSON.stringify(given)}`)
      const wrong = [
        undefined,
        null,
        5,
        'abcd'.slice(0, size),
        true,
        {},
        [],
        { [name]: 'abcd'.slice(0, size) },
        { [name]: 5 },
        { [name]: null },
      ]
      for (const given of wrong)
        assert.throws(
          () => run(given as never),
          (error: Error) => error instanceof ModelError && error.message.startsWith(`${name} takes ${size} values, not `),
        )
    }
  })

  it('explains options that mean nothing', async () => {
    const net = await digits()
    const wrong = [{ batch: 1 }, { weights: 'elsewhere' }, { sizes: { rows: 1 } }, { sizes: { batch: -1 } }, { sizes: 3 }]
    for (const options of wrong) await assert.rejects(exportModel(net, options as object), ArgumentError)
    const x = input({ shape: [null, 2], name: 'steps' })
    const open = model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(x) })
    await assert.rejects(exportModel(open), /fixed sizes; unknown are steps:1\n {2}hint: give sizes: \{ "steps:1": 1 \}$/)
  })

  it('is typed by the names of inputs and outputs', async () => {
    const { files } = await exportModel(await digits())
    const use = (code: string): string => `import { load, ModelError } from './model.js'\nconst model = await load()\n${code}`
    const wrong = filesWithTypeErrors({
      'model.d.ts': new TextDecoder().decode(files['model.d.ts']),
      'alone.ts': use('const digit: Float32Array = model.run([1]).digit'),
      'named.ts': use('const digit: Float32Array = model.run({ pixels: [1] }).digit'),
      'views.ts': use('model.inputs.pixels[0] = 1\nmodel.call()\nmodel.outputs.digit.slice()'),
      'input.ts': use('model.run({ pixel: [1] })'),
      'output.ts': use('model.outputs.digits.slice()'),
    })
    assert.deepEqual(wrong, ['input.ts', 'output.ts'])
  })

  it('is typed without the types of the DOM or of Node, whatever its name', async () => {
    const x = input({ shape: [2] })
    const { files } = await exportModel(model({ inputs: x, outputs: layers.reLU().apply(x), name: 'one\u2028two\u2029three\nfour' }))
    const declared = new TextDecoder().decode(files['model.d.ts'])
    assert.deepEqual(filesWithTypeErrors({ 'model.d.ts': declared }, []), [])
    assert.deepEqual(filesWithTypeErrors({ 'model.d.ts': `${declared}\nexport declare const page: HTMLElement` }, []), ['model.d.ts'])
  })

  it('shows times in two digits, of any length', () => {
    const times: [number, string][] = [
      [0.294, '0.29 µs'],
      [8.5, '8.5 µs'],
      [99.6, '100 µs'],
      [123, '120 µs'],
      [999, '1000 µs'],
      [37_400, '37 ms'],
      [2_512_000, '2500 ms'],
    ]
    for (const [us, shown] of times) assert.equal(showTime(us), shown)
  })

  it('is run by a model.js that has no place of its own', async () => {
    const { files } = await exportModel(await digits())
    const model = await (await import(`data:text/javascript,${encodeURIComponent(modelText)}`)).load({ bytes: files['model.wasm'] })
    assert.equal(model.run(new Float32Array(64)).digit.length, 10)
  })

  it('ships what stands in lib/export/shipped, in 2 kB', async () => {
    assert.equal(await readFile(target, 'utf8'), await textsModule())
    assert.ok(modelText.length <= 2048, `model.js has ${modelText.length} characters`)
  })
})
