// Softmax off the last axis: a kernel that few models need, so it is loaded on demand.

import * as softmaxColumns from '#eager/backends/jit/kernels/softmaxColumns'
import type { Node } from '../../../lib/ir/graph.js'
import { tensorType } from '../../../lib/ir/graph.js'
import { checkedAxis } from '../../../lib/ops/shapes.js'
import { OnDemand } from '../../onDemand.js'
import type { Kernel } from '../kernel.js'
import type { ColumnsSpec } from '../kernels/softmaxColumns.js'

export const columns = new OnDemand<{ readonly softmaxColumns: (spec: ColumnsSpec) => Kernel }>(
  'softmax off the last axis',
  () => import('../kernels/softmaxColumns.js'),
  { eager: softmaxColumns },
)

export function needsColumns(node: Node): boolean {
  if (node.op !== 'softmax' && node.op !== 'log_softmax') return false
  const type = tensorType(node)
  return checkedAxis(node.op, node.attrs.axis, type) < type.shape.length - 1
}
