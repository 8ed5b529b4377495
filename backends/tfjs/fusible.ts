// What the tfjs kernels run as one, as data for the fusion pass.

import type { Epilogue, Fusible } from '../../lib/ops/fusible.js'

const epilogue: Epilogue = { bias: true, ops: ['relu', 'relu6', 'sigmoid', 'elu', 'leaky_relu'], limit: 1 }

export const fusible: Fusible = { anchors: { matmul: epilogue, conv: epilogue }, elementwise: [] }
