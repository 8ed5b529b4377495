// What matmul computes: sums of products in the order of the inner axis.

import type { Evaluate } from '../op.js'
import { broadcastStrides, forEachOffset } from '../shapes.js'
import { makeValue } from '../values.js'

export const matmul: Evaluate<'matmul', 2> = ([lhs, rhs]) => {
  const [m, k, n] = [lhs.shape.at(-2) as number, lhs.shape.at(-1) as number, rhs.shape.at(-1) as number]
  const [lead, lead2] = [lhs.shape.slice(0, -2), rhs.shape.slice(0, -2)]
  const rank = Math.max(lead.length, lead2.length)
  const batch = Array.from({ length: rank }, (_, axis) => {
    const [a, b] = [lead[axis - rank + lead.length] ?? 1, lead2[axis - rank + lead2.length] ?? 1]
    return a === 1 ? b : a
  })
  const out = makeValue(lhs.dtype, [...batch, m, n])
  // doubles hold no product of two large int32: imul wraps as the hardware does
  const times = lhs.dtype === 'int32' ? Math.imul : (x: number, y: number) => x * y
  const rhsAt: number[] = []
  forEachOffset(batch, broadcastStrides(lead2, batch), (_, offset) => rhsAt.push(offset * k * n))
  forEachOffset(batch, broadcastStrides(lead, batch), (matrix, offset) => {
    const [a, b, c] = [offset * m * k, rhsAt[matrix] as number, matrix * m * n]
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        let sum = 0
        for (let i = 0; i < k; i++) sum += times(lhs.data[a + row * k + i] as number, rhs.data[b + i * n + column] as number)
        out.data[c + row * n + column] = sum
      }
    }
  })
  return out
}
