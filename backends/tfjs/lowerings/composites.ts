// Composites that one tfjs kernel computes; the others, and the exceptions here, are decomposed.

import type { CompositeName } from '../../../lib/ir/vocabulary.js'
import { at, type Exception, isInt, type Lowering, unary } from '../lowering.js'

const floatsOnly = { reason: 'right for float32 only', applies: isInt } satisfies Exception<CompositeName>

function onWasm(reason: string): Exception<CompositeName> {
  return { reason, applies: ({ engine }) => engine === 'wasm' }
}

export const composites = {
  square: unary('Square', { except: [floatsOnly] }),
  reciprocal: unary('Reciprocal'),
  relu: unary('Relu'),
  relu6: unary('Relu6', { except: [floatsOnly, onWasm('NaN becomes 0')] }),
  leaky_relu: {
    lower: (w, operands, { slope }, result) => w.call('LeakyRelu', { x: at(operands, 0) }, { alpha: slope }, result),
  },
  elu: unary('Elu', { except: [{ reason: 'the kernel has alpha 1', applies: ({ attrs }) => attrs.alpha !== 1 }] }),
  selu: unary('Selu', { except: [onWasm('eˣ − 1 in float32 loses small results')] }),
  softplus: unary('Softplus', { except: [onWasm('log(1 + eˣ) in float32 loses small results')] }),
  clip: {
    except: [floatsOnly, onWasm('NaN becomes the lower bound')],
    lower: (w, operands, { min, max }, result) =>
      w.call('ClipByValue', { x: at(operands, 0) }, { clipValueMin: min, clipValueMax: max }, result),
  },
  reduce_mean: {
    lower(w, operands, { axes, keepdims }, result) {
      const x = at(operands, 0)
      return axes.length === 0 ? x : w.call('Mean', { x }, { axis: axes, keepDims: keepdims }, result)
    },
  },
  softmax: {
    except: [
      {
        reason: 'the kernel knows the last axis only',
        applies: ({ operands, attrs }) => attrs.axis !== -1 && attrs.axis !== at(operands, 0).shape.length - 1,
      },
    ],
    lower: (w, operands, _attrs, result) => w.call('Softmax', { logits: at(operands, 0) }, { dim: result.shape.length - 1 }, result),
  },
  batch_norm: {
    except: [
      {
        reason: 'the kernel normalises along the last axis only',
        applies: ({ operands, attrs }) => attrs.axis !== -1 && attrs.axis !== at(operands, 0).shape.length - 1,
      },
    ],
    lower(w, operands, { epsilon }, result) {
      const [x, scale, offset] = [at(operands, 0), at(operands, 1), at(operands, 2)]
      const [mean, variance] = [at(operands, 3), at(operands, 4)]
      return w.call('FusedBatchNorm', { x, scale, offset, mean, variance }, { varianceEpsilon: epsilon }, result)
    },
  },
} satisfies { [K in CompositeName]?: Lowering<K> }
