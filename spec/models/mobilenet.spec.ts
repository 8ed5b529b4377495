// MobileNet as real Keras builds it, read from Keras' JSON: as near to Keras in double precision as Keras in single is.

import assert from 'node:assert/strict'
import { modelFromJSON, NDArray } from '../../lib/index.js'
import { sizeOf } from '../../lib/ir/types.js'
import { readGolden } from '../support/golden.js'

interface MobileNetCase {
  readonly config: string
  /** Of every weight its path, and the centre and half width of its values. */
  readonly weights: readonly (readonly [path: string, centre: number, width: number])[]
  readonly shape: readonly number[]
  /** What Keras computes in double precision. */
  readonly output: readonly number[]
  /** The largest error of Keras in single precision. */
  readonly single: number
}

/** Numbers in [−1, 1), as scripts/goldens/mobilenet.py makes them: MurmurHash3's finalizer of stream and position. */
function noise(size: number, stream: number): Float64Array {
  return Float64Array.from({ length: size }, (_, k) => {
    let h = (Math.imul(k, 2654435761) + stream * 40503) | 0
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1
  })
}

const filled = (shape: readonly number[], stream: number, centre: number, width: number) =>
  new NDArray(
    Float32Array.from(noise(sizeOf(shape), stream), value => centre + width * value),
    shape,
  )

describe('MobileNet', () => {
  for (const backend of ['jit', 'wasm'] as const)
    it(`computes what Keras computes on ${backend}`, async () => {
      const { config, weights, shape, output, single } = readGolden<{ cases: [MobileNetCase] }>('mobilenet').cases[0]
      const net = modelFromJSON(config)
      assert.deepEqual(
        net.weights.map(({ path }) => path),
        weights.map(([path]) => path),
      )
      net.setWeights(weights.map(([, centre, width], k) => filled(net.weights[k]?.shape ?? [], k + 1, centre, width)))
      const y = await net.predict(filled(shape, 0, 0, 1), { backend })
      net.dispose()
      assert.ok(y instanceof NDArray && y.data.length === output.length)
      const largest = Math.max(...output.map(Math.abs))
      const error = Math.max(...output.map((value, k) => Math.abs(Number(y.data[k]) - value)))
      assert.ok(error <= 2 * single + 1e-6 * largest, `${error} is more than 2 · ${single} + 1e-6 · ${largest}`)
    })
})
