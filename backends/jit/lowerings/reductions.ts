// Reductions: sums, products and extremes over any axes, positions of extremes, log_softmax, logsumexp, standardisation.

import type { Axes } from '../../../lib/ir/vocabulary.js'
import { bodyFlops, broadcastStrides, checkedAxis, copyBody, logSumExpFlops, lowerSoftmax, sizeOf } from '../common.js'
import type { CombineName } from '../kernels/combine.js'
import { logSumExp } from '../kernels/logSumExp.js'
import { position } from '../kernels/position.js'
import { reduce } from '../kernels/reduce.js'
import { softmaxColumns } from '../kernels/softmaxColumns.js'
import { log } from '../math/log.js'
import type { Tensor } from '../schedule.js'
import type { Family, LoweringOf, ReductionLowering } from './lowering.js'
import { lowerStandardise } from './standardise.js'

/** A reduction of its operand, or of an expression in several. */
function reduction(combine: CombineName): ReductionLowering<Axes> {
  return (s, operands, { axes }, type, reduced) => {
    const { body, type: whole } = reduced ?? { body: copyBody, type: operands[0] as Tensor }
    const { dtype, shape } = whole
    const walks = operands.map(operand => ({ offset: 0, strides: broadcastStrides(operand.shape, shape) }))
    const result = s.temporary(type)
    const flops = sizeOf(shape) * (1 + bodyFlops(body))
    s.call(reduce({ combine, dtype, shape, axes, body, operands: walks }), result, operands, flops)
    return result
  }
}

function extremePosition(extreme: 'max' | 'min'): LoweringOf<{ readonly axis: number }> {
  return (s, [x], { axis }, type) => {
    const operand = x as Tensor
    const at = checkedAxis(`arg${extreme}`, axis, operand)
    const [outer, inner] = [sizeOf(operand.shape.slice(0, at)), sizeOf(operand.shape.slice(at + 1))]
    const result = s.temporary(type)
    const spec = { extreme, dtype: operand.dtype, outer, length: operand.shape[at] as number, inner }
    s.call(position(spec), result, [operand], sizeOf(operand.shape))
    return result
  }
}

/** Over axes that follow each other; any others are expanded. */
const logsumexp: LoweringOf<Axes> = (s, [x], { axes }, type) => {
  const { shape } = x as Tensor
  const at = checkedAxis('logsumexp', axes[0] as number, x as Tensor)
  const size = (from: number, to?: number): number => sizeOf(shape.slice(from, to))
  const [outer, length, inner] = [size(0, at), size(at, at + axes.length), size(at + axes.length)]
  const result = s.temporary(type)
  const kernel = inner === 1 ? logSumExp(outer, length) : softmaxColumns({ outer, length, inner, log, total: true })
  s.call(kernel, result, [x as Tensor], logSumExpFlops * sizeOf(shape))
  return result
}

export const lowerings = {
  reduce_sum: reduction('sum'),
  reduce_prod: reduction('prod'),
  reduce_max: reduction('max'),
  reduce_min: reduction('min'),
  argmax: extremePosition('max'),
  argmin: extremePosition('min'),
  log_softmax: lowerSoftmax(log),
  logsumexp,
  normalize: lowerStandardise('normalize'),
  rms_normalize: lowerStandardise('rms_normalize'),
  l2_normalize: lowerStandardise('l2_normalize'),
} satisfies Family<'reductions'>
