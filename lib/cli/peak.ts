// The peak: what one thread of this machine does on a matrix product that never leaves the cache.

import { NDArray } from '../ir/ndarray.js'
import { Dense } from '../layers/dense.js'
import { sequential } from '../models/sequential.js'

const [rows, inputs, units] = [64, 256, 64] as const
const attempts = 5

/** GFLOP/s: the best of several, because a busy machine only ever makes it less. */
export async function peakGflops(): Promise<number> {
  const net = sequential({ layers: [new Dense({ units, useBias: false, inputShape: [inputs], name: 'peak' })] })
  const exe = await net.lower({ backend: 'jit' })
  const x = new NDArray(new Float32Array(rows * inputs).fill(1), [rows, inputs])
  let best = 0
  for (let k = 0; k < attempts; k++) {
    const { kernels } = await exe.profile(x)
    best = Math.max(best, ...kernels.map(({ gflopPerS }) => gflopPerS))
  }
  exe.dispose()
  return best
}
