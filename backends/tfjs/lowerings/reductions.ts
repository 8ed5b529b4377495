// Reductions as tfjs kernels.

import type { OpName } from '../../../lib/ir/vocabulary.js'
import { at, isInt, type Lowering } from '../lowering.js'

type Reduction = 'reduce_sum' | 'reduce_prod' | 'reduce_max' | 'reduce_min'

/** `axisName` is how the kernel calls its list of axes; `ofBools` the kernel for bool, if the op takes it. */
function reduction<K extends Reduction>(kernel: string, axisName: string, ofBools = kernel): Lowering<K> {
  return {
    lower(w, operands, { axes, keepdims }, result) {
      const x = at(operands, 0)
      if (axes.length === 0) return x
      const bool = x.dtype === 'bool'
      return w.call(bool ? ofBools : kernel, { x }, { [bool ? 'axis' : axisName]: axes, keepDims: keepdims }, result)
    },
  }
}

function position<K extends 'argmax' | 'argmin'>(kernel: string): Lowering<K> {
  return {
    differs: 'a NaN is passed over unless it comes first',
    lower(w, operands, { axis }, result) {
      const x = at(operands, 0)
      const numbers = x.dtype === 'bool' ? w.emit('cast', [x], { dtype: 'int32' }) : x
      return w.call(kernel, { x: numbers }, { axis: axis < 0 ? axis + x.shape.length : axis }, result)
    },
  }
}

export const reductions = {
  reduce_sum: reduction('Sum', 'axis'),
  reduce_prod: {
    ...reduction('Prod', 'axis'),
    except: [{ reason: 'tfjs multiplies int32 as doubles, which lose the low bits of large products', applies: isInt }],
  },
  reduce_max: reduction('Max', 'reductionIndices', 'Any'),
  reduce_min: reduction('Min', 'axis', 'All'),
  argmax: position('ArgMax'),
  argmin: position('ArgMin'),
} satisfies { [K in OpName]?: Lowering<K> }
