// What the tfjs kernels run as one, as data for the fusion pass.

import type { Fusible } from '../../lib/ops/fusible.js'

export const fusible: Fusible = {
  anchors: { matmul: { bias: true, ops: ['relu', 'relu6', 'sigmoid', 'elu', 'leaky_relu'], limit: 1 } },
  elementwise: [],
}
