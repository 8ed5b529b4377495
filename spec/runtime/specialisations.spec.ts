// The specialisation cache: one program per shape, sixteen kept, those that go freed.

import assert from 'node:assert/strict'
import { input, layers, model, NDArray } from '../../lib/index.js'
import type { Instrument } from '../../passes/index.js'
import { line, names, values } from './line.js'

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

  for (const backend of names) {
    it(`takes turns between shapes on ${backend}, flat and not, more than it remembers`, async () => {
      const exe = await line(2).net.lower({ backend })
      for (let k = 0; k < 60; k++) {
        const rows = 1 + ((k * k) % 7)
        const data = Float32Array.from({ length: rows }, (_, row) => row + k)
        const out = exe.run(k % 3 === 0 ? new NDArray(data, [rows, 1]) : data)
        assert.deepEqual([out.shape, values(out)], [[rows, 2], [...data].flatMap(value => [2 * value + 1, 2 * value + 1])])
      }
      exe.dispose()
    })
  }

  it('warms up for sizes of the graph alone, and leaves the executable as it was', async () => {
    const exe = await line().net.lower({ backend: 'jit' })
    for (const [size, shown] of [
      [-3, '-3'],
      [1.5, '1.5'],
      ['3', '"3"'],
      [Number.NaN, 'NaN'],
      [Infinity, 'Infinity'],
    ] as const) {
      const sizes = { batch: size } as { batch: number }
      await assert.rejects(exe.warmup(sizes), new RegExp(`ArgumentError: .*sizes\\.batch should be a whole number ≥ 0, got ${shown}$`))
    }
    await assert.rejects(exe.warmup({ batch: 1, rows: 2 }), /no size named "rows"\n {2}hint: its unknown sizes are batch/)
    await assert.rejects(exe.warmup(null as never), /sizes should be an object such as \{ batch: 1 \}, got null/)
    await assert.rejects(
      exe.warmup(),
      /warmup\(\) needs every size bound.*\n {2}hint: lower\(\{ sizes: \{ batch: 1 \} \}\) or warmup\(\{ batch: 1 \}\)/,
    )
    const x = input({ shape: [null, 2], name: 'steps' })
    const open = await model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(x) }).lower({ backend: 'reference' })
    await assert.rejects(open.warmup(), /warmup\(\{ batch: 1, "steps:1": 1 \}\)$/)
    await assert.rejects(open.warmup({ 'steps:1': -1 }), /sizes\["steps:1"\] should be a whole number ≥ 0, got -1$/)
    await exe.warmup({ batch: 0 })
    await exe.warmup({ batch: 2 })
    assert.deepEqual(values(exe.run([[1], [2]])), [3, 5])
    const bound = await line().net.lower({ backend: 'jit', sizes: { batch: 2 } })
    await assert.rejects(bound.warmup({ batch: 3 }), /batch was bound to 2 by lower\(\), got 3/)
    await bound.warmup()
    assert.deepEqual(values(bound.run([[1], [2]])), [3, 5])
  })

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
