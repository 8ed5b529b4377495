// resize as tfjs kernels, for images; other ranks and methods are decomposed.

import type { CompositeName } from '../../../lib/ir/vocabulary.js'
import { at, type Lowering } from '../lowering.js'

export const resizing = {
  resize: {
    except: [
      { reason: 'tfjs resizes images', applies: ({ operands }) => at(operands, 0).shape.length > 4 },
      {
        reason: 'the kernels interpolate by the nearest pixel or linearly, in float32',
        applies: ({ operands, attrs: { method } }) =>
          at(operands, 0).dtype !== 'float32' || (method !== 'nearest' && method !== 'bilinear'),
      },
    ],
    differs: 'a neighbour of weight 0 counts all the same: if it is NaN or infinite, the result is NaN',
    lower(w, operands, { method }, result) {
      const x = at(operands, 0)
      const image = (shape: readonly number[]) => (shape.length === 3 ? shape.toSpliced(1, 0, 1) : shape)
      const shape = image(result.shape)
      const attrs = { size: shape.slice(1, 3), alignCorners: false, halfPixelCenters: true }
      const kernel = method === 'nearest' ? 'ResizeNearestNeighbor' : 'ResizeBilinear'
      return w.view(w.call(kernel, { images: w.view(x, image(x.shape)) }, attrs, { dtype: 'float32', shape }), result.shape)
    },
  },
} satisfies { [K in CompositeName]?: Lowering<K> }
