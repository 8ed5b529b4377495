// Convolutions, pools and resizing: the lowerings of ops over images.

import { lowerConv } from './conv.js'
import type { Family } from './lowering.js'
import { lowerResize } from './resize.js'
import { lowerPool } from './windows.js'

export const lowerings = {
  conv: lowerConv,
  window_max: (s, operands, attrs, type, end) => lowerPool(s, 'window_max', operands, attrs, type, end),
  window_sum: (s, operands, attrs, type, end) => lowerPool(s, 'window_sum', operands, attrs, type, end),
  avg_pool: (s, operands, attrs, type, end) => lowerPool(s, 'avg_pool', operands, attrs, type, end),
  resize: lowerResize,
} satisfies Family<'windows'>
