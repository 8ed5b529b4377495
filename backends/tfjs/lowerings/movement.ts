// Leaves and data movement: constants, views, tfjs kernels where they are good, our own copies where they are not.

import { sizeOf } from '../../../lib/ir/types.js'
import type { OpName } from '../../../lib/ir/vocabulary.js'
import { evaluateOp } from '../../../lib/ops/evaluate.js'
import { broadcastStrides, stridesOf } from '../../../lib/ops/shapes.js'
import { copyLoop, gatherLoop } from '../loops.js'
import { at, type ByReference, type Lowering } from '../lowering.js'

/** Where a Python slice starts on an axis. */
function startOf(begin: number, size: number): number {
  return Math.max(0, Math.min(size, begin < 0 ? begin + size : begin))
}

export const movement = {
  constant: { lower: (w, _operands, attrs) => w.constant(evaluateOp('constant', [], attrs)) },
  iota: { lower: (w, _operands, attrs) => w.constant(evaluateOp('iota', [], attrs)) },
  random_bits: { reference: 'tfjs has no generator whose numbers are the same on every backend' },
  reshape: { lower: (w, operands, _attrs, result) => w.view(at(operands, 0), result.shape) },
  // Tile takes 50 ns per element
  broadcast: {
    lower(w, operands, attrs, result) {
      const x = at(operands, 0)
      const value = w.known(x)
      if (value) return w.constant(evaluateOp('broadcast', [value], attrs))
      if (sizeOf(x.shape) === sizeOf(result.shape)) return w.view(x, result.shape)
      const from = { strides: broadcastStrides(x.shape, result.shape), start: 0 }
      return w.loop('broadcast', [x], copyLoop(result.shape, from, { strides: stridesOf(result.shape), start: 0 }), result)
    },
  },
  transpose: { lower: (w, operands, { perm }, result) => w.call('Transpose', { x: at(operands, 0) }, { perm }, result) },
  // Reverse moves four bytes per element, whatever the dtype
  reverse: {
    lower(w, operands, { axes }, result) {
      const x = at(operands, 0)
      if (axes.length === 0) return x
      const strides = stridesOf(x.shape)
      const turned = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride))
      const start = axes.reduce((sum, axis) => sum + (strides[axis] as number) * ((x.shape[axis] as number) - 1), 0)
      return w.loop('reverse', [x], copyLoop(x.shape, { strides: turned, start }, { strides, start: 0 }), result)
    },
  },
  concat: {
    lower(w, operands, { axis }, result) {
      if (operands.length === 1) return at(operands, 0)
      return w.call('Concat', operands, { axis: axis < 0 ? axis + result.shape.length : axis }, result)
    },
  },
  // Slice copies the whole operand first; StridedSlice knows float32 only
  slice: {
    lower(w, operands, { begin, strides }, result) {
      const x = at(operands, 0)
      if (result.shape.every((size, axis) => size === x.shape[axis])) return x
      const inX = stridesOf(x.shape)
      const start = x.shape.reduce((sum, size, axis) => sum + startOf(begin[axis] as number, size) * (inX[axis] as number), 0)
      const from = { strides: inX.map((stride, axis) => stride * (strides[axis] as number)), start }
      return w.loop('slice', [x], copyLoop(result.shape, from, { strides: stridesOf(result.shape), start: 0 }), result)
    },
  },
  // PadV2 takes the fill as an attribute, and makes −1 of NaN
  pad: {
    lower(w, operands, { low }, result) {
      const [x, fill] = [at(operands, 0), at(operands, 1)]
      if (sizeOf(result.shape) === sizeOf(x.shape)) return x
      const strides = stridesOf(result.shape)
      const start = strides.reduce((sum, stride, axis) => sum + stride * (low[axis] as number), 0)
      const copy = copyLoop(x.shape, { strides: stridesOf(x.shape), start: 0 }, { strides, start })
      return w.loop(
        'pad',
        [x, fill],
        (target, sources) => {
          target.fill(sources[1]?.[0] ?? 0)
          copy(target, sources)
        },
        result,
      )
    },
  },
  // GatherV2 takes 50 ns per element, and throws where the definition clamps
  gather: {
    lower(w, operands, { axis }, result) {
      const [x, indices] = [at(operands, 0), at(operands, 1)]
      const where = axis < 0 ? axis + x.shape.length : axis
      const loop = gatherLoop(sizeOf(x.shape.slice(0, where)), x.shape[where] as number, sizeOf(x.shape.slice(where + 1)))
      return w.loop('gather', [x, indices], loop, result)
    },
  },
  scatter_add: { reference: 'only gradients scatter; the kernel of tfjs knows the first axis only' },
} satisfies { [K in OpName]?: Lowering<K> | ByReference }
