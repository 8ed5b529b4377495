// Leaves and data movement as tfjs kernels, views and constants.

import type { OpName } from '../../../lib/ir/vocabulary.js'
import { evaluateOp } from '../../../lib/ops/evaluate.js'
import { makeValue } from '../../../lib/ops/values.js'
import { at, type ByReference, type Lowering } from '../lowering.js'

/** Where a Python slice starts on an axis. */
function startOf(begin: number, size: number): number {
  return Math.max(0, Math.min(size, begin < 0 ? begin + size : begin))
}

const wholeRange = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 }

export const movement = {
  constant: { lower: (w, _operands, attrs) => w.constant(evaluateOp('constant', [], attrs)) },
  iota: { lower: (w, _operands, attrs) => w.constant(evaluateOp('iota', [], attrs)) },
  random_bits: { reference: 'tfjs has no generator whose numbers are the same on every backend' },
  reshape: { lower: (w, operands, _attrs, result) => w.view(at(operands, 0), result.shape) },
  broadcast: {
    lower(w, operands, attrs, result) {
      const x = at(operands, 0)
      const value = w.known(x)
      if (value) return w.constant(evaluateOp('broadcast', [value], attrs))
      const shape = [...new Array<number>(result.shape.length - x.shape.length).fill(1), ...x.shape]
      const reps = result.shape.map((size, axis) => (size === shape[axis] ? 1 : size))
      const whole = w.view(x, shape)
      return reps.every(count => count === 1) ? whole : w.call('Tile', { x: whole }, { reps }, result)
    },
  },
  transpose: { lower: (w, operands, { perm }, result) => w.call('Transpose', { x: at(operands, 0) }, { perm }, result) },
  reverse: {
    lower(w, operands, { axes }, result) {
      const x = at(operands, 0)
      if (axes.length === 0) return x
      // Reverse moves four bytes per element, whatever the dtype
      const words = x.dtype === 'bool' ? w.emit('cast', [x], { dtype: 'int32' }) : x
      const reversed = w.call('Reverse', { x: words }, { dims: axes }, { dtype: words.dtype, shape: result.shape })
      return w.emit('cast', [reversed], { dtype: x.dtype })
    },
  },
  concat: {
    lower(w, operands, { axis }, result) {
      if (operands.length === 1) return at(operands, 0)
      return w.call('Concat', operands, { axis: axis < 0 ? axis + result.shape.length : axis }, result)
    },
  },
  slice: {
    except: [
      {
        reason: 'the strided slice of tfjs on WASM knows float32 only',
        applies: ({ engine, operands, attrs }) =>
          engine === 'wasm' && operands[0]?.dtype !== 'float32' && attrs.strides.some(step => step > 1),
      },
    ],
    lower(w, operands, { begin, strides }, result) {
      const x = at(operands, 0)
      const start = x.shape.map((size, axis) => startOf(begin[axis] as number, size))
      if (result.shape.every((size, axis) => size === x.shape[axis])) return x
      if (strides.every(step => step === 1)) return w.call('Slice', { x }, { begin: start, size: result.shape }, result)
      const end = start.map((first, axis) => first + ((result.shape[axis] as number) - 1) * (strides[axis] as number) + 1)
      return w.call('StridedSlice', { x }, { begin: start, end, strides, ...wholeRange }, result)
    },
  },
  pad: {
    except: [
      { reason: 'tfjs takes the fill as an attribute', applies: ({ operands, known }) => known(at(operands, 1)) === undefined },
      {
        reason: 'tfjs passes the fill as a float32',
        applies: ({ operands, known }) => Math.abs(known(at(operands, 1))?.data[0] ?? 0) > 2 ** 24 && operands[0]?.dtype === 'int32',
      },
    ],
    lower(w, operands, { low, high }, result) {
      const x = at(operands, 0)
      if (result.shape.every((size, axis) => size === x.shape[axis])) return x
      const paddings = low.map((cells, axis) => [cells, high[axis]])
      return w.call('PadV2', { x }, { paddings, constantValue: w.known(at(operands, 1))?.data[0] }, result)
    },
  },
  gather: {
    lower(w, operands, { axis }, result) {
      const [x, indices] = [at(operands, 0), at(operands, 1)]
      const where = axis < 0 ? axis + x.shape.length : axis
      const last = makeValue('int32', [], () => (x.shape[where] as number) - 1)
      const list = w.known(indices)
      // GatherV2 throws where the definition clamps
      const clamped = list
        ? w.constant(evaluateOp('minimum', [evaluateOp('maximum', [list, makeValue('int32', [])], {}), last], {}))
        : w.emit('minimum', [w.emit('maximum', [indices, w.constant(makeValue('int32', []))], {}), w.constant(last)], {})
      const flat = w.view(clamped, [clamped.shape.reduce((count, size) => count * size, 1)])
      const shape = [...x.shape.slice(0, where), ...flat.shape, ...x.shape.slice(where + 1)]
      const rows = w.call('GatherV2', { x, indices: flat }, { axis: where, batchDims: 0 }, { dtype: x.dtype, shape })
      return w.view(rows, result.shape)
    },
  },
  scatter_add: { reference: 'only gradients scatter; the kernel of tfjs knows the first axis only' },
} satisfies { [K in OpName]?: Lowering<K> | ByReference }
