// Convolutions and pools: the lowerings of ops over windows of an image.

import { lowerConv } from './conv.js'
import type { Family } from './lowering.js'
import { lowerPool } from './windows.js'

export const lowerings = {
  conv: lowerConv,
  window_max: (s, operands, attrs, type, end) => lowerPool(s, 'window_max', operands, attrs, type, end),
  window_sum: (s, operands, attrs, type, end) => lowerPool(s, 'window_sum', operands, attrs, type, end),
  avg_pool: (s, operands, attrs, type, end) => lowerPool(s, 'avg_pool', operands, attrs, type, end),
} satisfies Family<'windows'>
