// scan: the body's kernels in a loop; sequences are read and results written where each step has its entry.

import type { Graph, NodeOf } from '../../../lib/ir/graph.js'
import { boundType, copyBody, nest, nodeAt, sizeOf, tensorType } from '../common.js'
import type { Scheduling } from '../context.js'
import type { Place, Tensor } from '../schedule.js'
import type { Family } from './lowering.js'

const line = { offset: 0, strides: [1] }

/** Copies all of `from` to `to`; `whole` where nothing follows `to` in its buffer. */
function copy(s: Scheduling, to: Tensor, from: Tensor, whole: boolean): void {
  s.call(nest({ shape: [sizeOf(to.shape)], result: line, operands: [line], body: copyBody, whole }), to, [from])
}

function lowerScan(s: Scheduling, node: NodeOf<'scan'>, given: readonly Tensor[]): readonly Tensor[] {
  // what moves with the steps of a loop around this one stands still in here
  const operands = given.map(operand => {
    if (operand.place?.perStep === undefined) return operand
    const still = s.temporary(operand)
    copy(s, still, operand, true)
    return still
  })
  const { carries: count, sequences, reverse } = node.attrs
  const body = node.body as Graph
  const length = operands[count]?.shape[0] as number
  const carries = operands.slice(0, count).map(operand => {
    const carry = s.temporary(operand)
    copy(s, carry, operand, true)
    return carry
  })
  const entries = operands.slice(count, count + sequences).map(operand => {
    const shape = operand.shape.slice(1)
    if (operand.literal !== undefined) return { ...operand, shape }
    return { dtype: operand.dtype, shape, place: { ...(operand.place as Place), perStep: sizeOf(shape) } }
  })
  const constants = operands.slice(count + sequences)
  const roots = body.results.outputs.map(output => output.node)
  const stacked = roots.slice(count).map(id => {
    const { dtype, shape } = boundType(tensorType(nodeAt(body, id)))
    return s.temporary({ dtype, shape: [length, ...shape] })
  })
  s.loop(length, reverse, () => {
    const values = s.run(body, [...carries, ...entries, ...constants])
    const results = roots.map(id => values.get(id) as Tensor)
    results.slice(count).forEach((result, k) => {
      const target = stacked[k] as Tensor
      copy(s, { ...result, place: { ...(target.place as Place), perStep: sizeOf(result.shape) } }, result, false)
    })
    // a carry that comes from another carry's buffer must be read before that one is overwritten
    const own = new Set(carries.map(carry => carry.place?.buffer))
    const next = results.slice(0, count).map((result, k) => {
      if (!own.has(result.place?.buffer) || result.place?.buffer === carries[k]?.place?.buffer) return result
      const saved = s.temporary(result)
      copy(s, saved, result, true)
      return saved
    })
    next.forEach((result, k) => {
      const carry = carries[k] as Tensor
      if (result.place?.buffer !== carry.place?.buffer) copy(s, carry, result, true)
    })
    return [...carries, ...stacked].map(tensor => tensor.place?.buffer as number)
  })
  return [...carries, ...stacked]
}

export const lowerings = { scan: lowerScan } satisfies Family<'scan'>
