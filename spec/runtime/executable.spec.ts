// The executable: programs by shape, weights that change after lowering, the zero-copy path, the end of its life.

import assert from 'node:assert/strict'
import { backends } from '../../backends/select.js'
import { BackendError, configure, DisposedError, input, layers, model, NDArray, ndarray, ShapeError, sequential } from '../../lib/index.js'
import { variableEpoch } from '../../lib/layers/variable.js'
import type { Instrument } from '../../passes/index.js'

const names = Object.keys(backends)
const values = (array: NDArray) => [...array.data].map(value => Math.round(value * 1e4) / 1e4)

/** y = 2x + 1 per feature, by a dense layer with the weights as given. */
function line(units = 1) {
  const dense = layers.dense({ units, name: 'line' })
  const net = sequential({ layers: [input({ shape: [1], name: 'x' }), dense] })
  net.setWeights([[new Array<number>(units).fill(2)], new Array<number>(units).fill(1)])
  return { net, dense }
}

/** Counts the specialisations that an executable compiles. */
function counting(): { instrument: Instrument; count: () => number } {
  let runs = 0
  const after: Instrument['after'] = ({ pass }) => {
    if (pass === 'fuse') runs++
  }
  return { instrument: { after }, count: () => runs }
}

describe('the specialisation cache', () => {
  it('compiles once per shape, and again what was unused for longest when 16 others came', async () => {
    const { net } = line()
    const { instrument, count } = counting()
    const exe = await net.lower({ backend: 'reference', instruments: [instrument] })
    const run = (rows: number) => exe.run(new Float32Array(rows))
    run(1)
    const one = count()
    assert.ok(one > 0)
    const compiled = (rows: number) => {
      const before = count()
      assert.equal(run(rows).shape[0], rows)
      return count() > before
    }
    assert.equal(compiled(1), false)
    for (let rows = 2; rows <= 16; rows++) assert.equal(compiled(rows), true, `${rows} rows`)
    for (let rows = 1; rows <= 16; rows++) assert.equal(compiled(rows), false, `${rows} rows again`)
    assert.equal(compiled(1), false)
    assert.equal(compiled(17), true)
    assert.equal(compiled(1), false, 'used a moment ago')
    assert.equal(compiled(2), true, 'the one that was unused for longest went')
  })

  for (const backend of names) {
    it(`frees evicted programs on ${backend}: results stay right through 60 shapes, twice`, async () => {
      const { net } = line(3)
      const exe = await net.lower({ backend })
      for (let k = 0; k < 120; k++) {
        const rows = 1 + ((k * 7) % 60)
        const out = exe.run(Float32Array.from({ length: rows }, (_, row) => row))
        assert.deepEqual(values(out), Array.from({ length: rows }, (_, row) => [2 * row + 1, 2 * row + 1, 2 * row + 1]).flat())
      }
      exe.dispose()
    })

    it(`runs on no rows at all on ${backend}`, async () => {
      const { net } = line(3)
      for (const data of [new Float32Array(0), new NDArray(new Float32Array(0), [0, 1])]) {
        assert.deepEqual((await net.predict(data, { backend })).shape, [0, 3])
        assert.deepEqual((await net.run(data, { backend })).shape, [0, 3])
      }
      assert.deepEqual(values(await net.predict([[1]], { backend })), [3, 3, 3])
      net.dispose()
    })
  }

  it('tells shapes of one length apart', async () => {
    const x = input({ shape: [null, null], name: 'x' })
    const net = model({ inputs: x, outputs: layers.permute({ dims: [2, 1] }).apply(x) })
    const exe = await net.lower({ backend: 'reference' })
    const data = Float32Array.of(1, 2, 3, 4, 5, 6)
    assert.deepEqual(exe.run(new NDArray(data, [1, 2, 3])).shape, [1, 3, 2])
    assert.deepEqual(exe.run(new NDArray(data, [1, 3, 2])).shape, [1, 2, 3])
    assert.deepEqual(exe.run(new NDArray(data, [2, 3, 1])).shape, [2, 1, 3])
  })
})

describe('weights set after lowering', () => {
  for (const backend of names) {
    it(`change the result on ${backend}, folded batch normalisation and all`, async () => {
      const [dense, norm] = [layers.dense({ units: 2 }), layers.batchNormalization({ epsilon: 0 })]
      const net = sequential({ layers: [input({ shape: [2] }), dense, norm, layers.reLU()] })
      dense.setWeights([
        [
          [1, 0],
          [0, 1],
        ],
        [0, 0],
      ])
      const exe = await net.lower({ backend })
      assert.ok(
        exe.steps.some(({ pass, rules }) => pass === 'foldAffine' && Object.keys(rules).length > 0),
        'the normalisation is folded',
      )
      const run = () => values(exe.run([[3, 5]]))
      assert.deepEqual(run(), [3, 5])
      dense.setWeights([
        [
          [2, 0],
          [0, 2],
        ],
        [1, 1],
      ])
      assert.deepEqual(run(), [7, 11])
      norm.setWeights([
        [1, 1],
        [0, 0],
        [6, 9],
        [1, 4],
      ])
      assert.deepEqual(run(), [1, 1])
      norm.setWeights([
        [10, 1],
        [0, -2],
        [6, 9],
        [1, 4],
      ])
      assert.deepEqual(run(), [10, 0])
      assert.deepEqual(
        values(
          exe.run([
            [3, 5],
            [3, 5],
          ]),
        ),
        [10, 0, 10, 0],
        'in a new shape too',
      )
      assert.deepEqual(run(), [10, 0])
      exe.dispose()
    })
  }

  it('count versions: each assignment once, and only what changed is prepared again', async () => {
    const { net, dense } = line()
    const [kernel, bias] = dense.weights
    assert.ok(kernel && bias)
    const [before, biasBefore, epoch] = [kernel.version, bias.version, variableEpoch()]
    kernel.assign(Float32Array.of(5))
    assert.deepEqual([kernel.version, bias.version, variableEpoch()], [before + 1, biasBefore, epoch + 1])
    assert.throws(
      () => kernel.assign(new Float32Array(2)),
      /variable "line\/kernel" holds 1 values of float32 \(shape \[1, 1\]\), got 2 of float32/,
    )
    assert.equal(kernel.version, before + 1, 'a refused assignment changes nothing')
    assert.deepEqual(values(await net.predict([[1]], { backend: 'reference' })), [6])
  })

  it('copies: the program does not see what the user does to the arrays afterwards', async () => {
    const { net } = line()
    const kernel = Float32Array.of(4)
    net.setWeights([kernel, [0]])
    kernel[0] = 100
    assert.deepEqual(values(await net.predict([[1]])), [4])
    const [read] = net.getWeights()
    if (read) read.data[0] = 100
    assert.deepEqual(values(await net.predict([[1]])), [4])
  })

  it('sees what training changed in the same executable and in others', async () => {
    const norm = layers.batchNormalization({ momentum: 0, epsilon: 0 })
    const net = sequential({ layers: [input({ shape: [1] }), norm] })
    assert.deepEqual(values(await net.predict([[2]])), [2])
    await net.run([[1], [3]], { training: true })
    assert.deepEqual(values(await net.predict([[2], [3]])), [0, 1])
  })
})

describe('results', () => {
  for (const backend of names) {
    it(`are fresh arrays on ${backend}: neither the next run nor the user changes another's`, async () => {
      const { net } = line()
      const exe = await net.lower({ backend })
      const first = exe.run([[1]])
      const second = exe.run([[2]])
      assert.deepEqual([values(first), values(second)], [[3], [5]])
      first.data[0] = 77
      assert.deepEqual(values(exe.run([[1]])), [3])
    })

    it(`are not the input, even where the model gives it back, on ${backend}`, async () => {
      const x = input({ shape: [2] })
      const net = model({
        inputs: x,
        outputs: [x, layers.dropout({ rate: 0.5 }).apply(x), layers.reshape({ targetShape: [2, 1] }).apply(x)],
      })
      const data = Float32Array.of(1, 2)
      for (const out of (await net.predict(data, { backend })) as NDArray[]) {
        out.data[0] = 9
        assert.deepEqual([...data], [1, 2])
      }
    })
  }

  it('come alone from run() for one output, as a list from runAll()', async () => {
    const x = input({ shape: [1] })
    const net = model({ inputs: x, outputs: [layers.reLU().apply(x), layers.elu().apply(x)] })
    const exe = await net.lower({ backend: 'reference' })
    assert.throws(() => exe.run([[1]]), /has 2 outputs\n {2}hint: runAll\(\)/)
    assert.equal(exe.runAll([[1]]).length, 2)
    assert.equal((await exe.runAsync([[1]])).length, 2)
  })
})

describe('call(), the path without copies', () => {
  for (const backend of names) {
    it(`reads exe.inputs and writes exe.outputs on ${backend}, the same arrays each time`, async () => {
      const { net } = line(2)
      const exe = await net.lower({ backend, sizes: { batch: 2 } })
      const { x } = exe.inputs
      const { line: y } = exe.outputs
      assert.ok(x && y)
      assert.deepEqual([x.length, y.length], [2, 4])
      x.set([1, 2])
      exe.call()
      assert.deepEqual([...y], [3, 3, 5, 5])
      exe.inputs.x?.set([0, -1])
      exe.call()
      assert.deepEqual([...y], [1, 1, -1, -1])
      assert.equal(exe.outputs.line, y)
      net.setWeights([[[1, 1]], [0, 0]])
      exe.call()
      assert.deepEqual([...y], [0, 0, -1, -1], 'new weights are seen')
      exe.dispose()
    })
  }

  it('needs every size bound, and says which are not', async () => {
    const exe = await line().net.lower({ backend: 'reference' })
    for (const use of [() => exe.call(), () => exe.inputs, () => exe.outputs]) {
      assert.throws(use, /call\(\) needs every size bound; unknown are batch\n {2}hint: lower\(\{ sizes: \{ batch: 1 \} \}\)/)
    }
  })

  it('holds run() to the sizes that were bound', async () => {
    const exe = await line().net.lower({ backend: 'reference', sizes: { batch: 2 } })
    assert.deepEqual(values(exe.run([[1], [2]])), [3, 5])
    assert.throws(
      () => exe.run([[1]]),
      (error: Error) => error instanceof ShapeError && /batch was bound to 2 by lower\(\), got 1/.test(error.message),
    )
  })
})

describe('lowering', () => {
  it('is synchronous for a backend that is loaded', async () => {
    const { net } = line()
    assert.deepEqual(values(net.lowerSync({ backend: 'reference' }).run([[1]])), [3])
    await net.lower({ backend: 'cpu' })
    assert.deepEqual(values(net.lowerSync({ backend: 'cpu' }).run([[1]])), [3])
  })

  it('says which backend it took, and why', async () => {
    const { net } = line()
    const named = net.lowerSync({ backend: 'reference' })
    assert.deepEqual([named.backend, named.why], ['reference', 'reference was asked for by name'])
    const auto = await net.lower()
    assert.match(auto.why, new RegExp(`^${auto.backend} is the first of `))
  })

  it('refuses unknown backends, passes, sizes and options before anything is compiled', async () => {
    const { net } = line()
    const lower = (options: object) => () => net.lowerSync({ backend: 'reference', ...options })
    assert.throws(lower({ backend: 'gpu' }), /there is no backend "gpu"/)
    assert.throws(lower({ passes: 'all' }), /lower\(\): passes should be one of "default", "none", got "all"/)
    assert.throws(lower({ sizes: { rows: 1 } }), /no size named "rows"\n {2}hint: its unknown sizes are batch/)
    for (const size of [-1, 0.5, '2', Number.NaN])
      assert.throws(lower({ sizes: { batch: size } }), /sizes\.batch should be a whole number ≥ 0/)
    assert.throws(lower({ batchSize: 3 }), /lower\(\) has no option "batchSize"\n {2}hint: its options are backend/)
    await assert.rejects(net.run([[1]], { trainig: true } as object), /run\(\) has no option "trainig"/)
    await assert.rejects(net.predict([[1]], { batchsize: 1 } as object), /predict\(\) has no option "batchsize"/)
    for (const batchSize of [0, -1, 1.5, Number.NaN])
      await assert.rejects(net.predict([[1]], { batchSize }), /batchSize should be a whole number ≥ 1/)
  })

  it('refuses a backend that the platform lacks', async () => {
    const platform = { simd: false, wasm: false, relaxedSimd: false }
    await assert.rejects(line().net.lower({ backend: 'wasm', platform: platform as never }), BackendError)
  })
})

describe('after dispose()', () => {
  for (const backend of names) {
    it(`an executable on ${backend} refuses to run; a second dispose does nothing`, async () => {
      const { net } = line()
      const exe = await net.lower({ backend, sizes: { batch: 1 } })
      exe.run([[1]])
      exe.call()
      exe.dispose()
      exe.dispose()
      const uses = [() => exe.run([[1]]), () => exe.runAll([[1]]), () => exe.runWithLosses([[1]]), () => exe.call(), () => exe.inputs]
      for (const use of uses)
        assert.throws(use, (error: Error) => error instanceof DisposedError && /hint: lower the model again/.test(error.message))
      await assert.rejects(exe.runAsync([[1]]), DisposedError)
      assert.deepEqual(values(net.lowerSync({ backend }).run([[1]])), [3], 'the model lives on')
    })
  }

  it('a model refuses everything, but its layers and weights live on', async () => {
    const { net, dense } = line()
    const other = sequential({ layers: [input({ shape: [1] }), layers.reLU()] })
    const exe = await net.lower({ backend: 'reference' })
    await net.predict([[1]])
    net.dispose()
    net.dispose()
    for (const use of [() => net.lowerSync({ backend: 'reference' }), () => net.trace(), () => net.graphText()])
      assert.throws(use, DisposedError)
    for (const use of [net.predict([[1]]), net.run([[1]]), net.lower(), net.losses([[1]])]) {
      await assert.rejects(use, (error: Error) => error instanceof DisposedError && /"line"|Sequential/.test(error.message))
    }
    assert.deepEqual(values(exe.run([[1]])), [3], "an executable of one's own is one's own to dispose of")
    assert.deepEqual(dense.getWeights().map(values), [[2], [1]])
    assert.deepEqual(values(await other.predict([[-1]])), [0])
  })
})

describe('feeding a model', () => {
  const x = () => input({ shape: [null, 2], name: 'steps' })
  it('refuses what does not fit, naming model or input, and nothing is updated', async () => {
    const steps = x()
    const norm = layers.batchNormalization()
    const net = model({ inputs: steps, outputs: norm.apply(steps), name: 'net' })
    const before = norm.getWeights()
    const bad: readonly [unknown, RegExp][] = [
      [
        ndarray([[1, 2]]),
        /input "steps" should have rank 3, got rank 2\n {2}expected: float32\[batch,"steps:1",2\]\n {2}got: float32\[1,2\]/,
      ],
      [ndarray([[[1, 2, 3]]]), /input "steps" should have 2 at axis 2, got 3/],
      [{ step: ndarray([[[1, 2]]]) }, /"net".*no input "step"/],
    ]
    for (const [data, message] of bad) {
      await assert.rejects(net.run(data as NDArray, { training: true }), message)
      await assert.rejects(net.predict(data as NDArray), message)
    }
    assert.deepEqual(norm.getWeights(), before)
  })

  it('refuses inputs with different numbers of rows', async () => {
    const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [2], name: 'b' })]
    const net = model({ inputs: [a, b], outputs: layers.add().apply([a, b]), name: 'net' })
    const data = {
      a: ndarray([[1, 2]]),
      b: ndarray([
        [1, 2],
        [3, 4],
      ]),
    }
    await assert.rejects(net.predict(data), /"net".*same number of rows, got "a" 1, "b" 2/)
    await assert.rejects(net.run(data), ShapeError)
  })

  it('under strictMasking refuses what drops a mask, else warns', () => {
    const warnings: string[] = []
    const before = configure({ warn: message => warnings.push(message) })
    const masked = layers.masking().apply(x())
    layers.flatten({ name: 'flat' }).apply(masked)
    assert.match(warnings.join(), /Layer "flat" \(Flatten\) was passed an input with a mask/)
    configure({ ...before, strictMasking: true })
    assert.throws(() => layers.flatten().apply(masked), { name: 'MaskError' })
    configure(before)
  })
})
