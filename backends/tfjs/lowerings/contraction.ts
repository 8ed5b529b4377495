// matmul as tfjs kernels: XNNPACK where one matrix serves all rows, tfjs' own loops for batches of matrices.

import { sizeOf } from '../../../lib/ir/types.js'
import type { OpName } from '../../../lib/ir/vocabulary.js'
import { at, isInt, type KernelWriter, type Lowering } from '../lowering.js'
import type { Operand } from '../plan.js'

/** The activation of _FusedMatMul and its slope, by its own names. */
export interface Activation {
  readonly activation: 'linear' | 'relu' | 'relu6' | 'sigmoid' | 'elu' | 'leakyrelu'
  readonly leakyreluAlpha: number
}

export const linear: Activation = { activation: 'linear', leakyreluAlpha: 0 }

/** activation(lhs · rhs + bias) in one call, for one matrix on the right and a bias of rank 1. */
export function fusedMatMul(
  w: KernelWriter,
  [lhs, rhs]: readonly [Operand, Operand],
  bias: Operand | undefined,
  activation: Activation,
  shape: readonly number[],
): Operand {
  const [k, n] = [rhs.shape.at(-2) as number, rhs.shape.at(-1) as number]
  const rows = sizeOf(lhs.shape.slice(0, -1))
  const inputs = { a: w.view(lhs, [1, rows, k]), b: w.matrix(rhs, [1, k, n]), ...(bias ? { bias } : {}) }
  const attrs = { transposeA: false, transposeB: false, ...activation }
  return w.view(w.call('_FusedMatMul', inputs, attrs, { dtype: 'float32', shape: [1, rows, n] }), shape)
}

/** Whether the right operand is one matrix, whatever its rank. */
export function isOneMatrix(rhs: Operand): boolean {
  return sizeOf(rhs.shape.slice(0, -2)) === 1
}

export const contraction = {
  matmul: {
    except: [{ reason: 'tfjs multiplies matrices of float32 only', applies: isInt }],
    lower(w, operands, _attrs, result) {
      const [lhs, rhs] = [at(operands, 0), at(operands, 1)]
      if (isOneMatrix(rhs)) return fusedMatMul(w, [lhs, rhs], undefined, linear, result.shape)
      const lead = result.shape.slice(0, -2)
      const batch = sizeOf(lead)
      // BatchMatMul repeats an operand only if it is a single matrix
      const stack = (x: Operand): Operand => {
        const matrix = x.shape.slice(-2)
        const count = sizeOf(x.shape.slice(0, -2))
        const whole = count === 1 || count === batch ? x : w.emit('broadcast', [x], { shape: [...lead, ...matrix] })
        return w.view(whole, [count === 1 ? 1 : batch, ...matrix])
      }
      const [m, n] = [result.shape.at(-2) as number, result.shape.at(-1) as number]
      const attrs = { transposeA: false, transposeB: false }
      return w.view(
        w.call('BatchMatMul', { a: stack(lhs), b: stack(rhs) }, attrs, { dtype: 'float32', shape: [batch, m, n] }),
        result.shape,
      )
    },
  },
} satisfies { [K in OpName]?: Lowering<K> }
