// Sabotaged ops and kernels.

import { type Mutant, mutantsOf } from './mutant.js'

const goldens = ['spec/ops/goldens.spec.ts']
/** The definitions by themselves, then Keras. */
const evaluations = [
  'spec/ops/primitives/elementwise.spec.ts',
  'spec/ops/primitives/movement.spec.ts',
  'spec/ops/primitives/reduce.spec.ts',
  'spec/ops/evaluate.spec.ts',
  ...goldens,
]

export const opMutants: readonly Mutant[] = [
  ...mutantsOf('lib/ops/builder.ts', ['spec/bundle.spec.ts'], [['pages do not learn the ops of their layers', 'know(family)', '']]),
  ...mutantsOf('lib/ops/evaluation/reduce.ts', goldens, [
    ['the greatest of negative numbers is 0', '{ float32: -Infinity, int32: -2147483648,', '{ float32: 0, int32: 0,'],
    ['the last of equal extremes', '(x, best) => x > best', '(x, best) => x >= best'],
  ]),
  ...mutantsOf('lib/ops/evaluation/movement.ts', goldens, [
    ['reversal from beyond the end', 'start += stride * ((x.shape[axis] as number) - 1)', 'start += stride * (x.shape[axis] as number)'],
    ['padding on the wrong side', 'stride * (low[axis] as number), 0)', 'stride * (high[axis] as number), 0)'],
    ['strides not permuted', 'perm.map(axis => strides[axis] as number)', 'strides'],
    ['concatenation on top of the first part', 'start += (strides[at] as number) * (x.shape[at] as number)', 'start += 0'],
  ]),
  ...mutantsOf('lib/ops/primitives/movement.ts', goldens, [
    ['negative bounds not counted from the end', 'bound < 0 ? bound + size : bound', 'bound'],
  ]),
  ...mutantsOf('lib/ops/evaluation/movement.ts', evaluations, [
    ['indices outside not clamped', 'Math.max(0, Math.min(length - 1, index))', 'index'],
    [
      'of updates at one index the last',
      '(out.data[to + i] as number) + (updates.data[from + i] as number)',
      '(updates.data[from + i] as number)',
    ],
  ]),
  ...mutantsOf('lib/ops/evaluation/matmul.ts', evaluations, [
    ['large int32 products rounded', "lhs.dtype === 'int32' ? Math.imul", "lhs.dtype === 'bool' ? Math.imul"],
    ['the right operand not broadcast over the batch', 'rhsAt.push(offset * k * n)', 'rhsAt.push(rhsAt.length * k * n)'],
  ]),
  ...mutantsOf('lib/ops/evaluation/elementwise.ts', evaluations, [
    ['the remainder with the sign of the dividend', 'rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest', 'rest'],
    ['halves rounded up', 'rest > 0.5 || floor % 2 !== 0', 'rest >= 0.5'],
    ['shifts by 32 shift by 0', 'y >= 32 || y < 0 ? 0 : x >>> y', 'x >>> y'],
    ['NaN is the least int32', 'if (Number.isNaN(x)) return 0', 'if (Number.isNaN(x)) return -2147483648'],
    ['−1 to an even negative power', 'y % 2 === 0 ? 1 : -1', '-1'],
    ['1 to the power NaN is NaN', 'x === 1 || (x === -1', '(x === -1'],
  ]),
  ...mutantsOf('lib/ops/evaluation/reduce.ts', evaluations, [
    ['int32 products rounded in doubles', '(product, x) => product * x,\n    Math.imul,', '(product, x) => product * x,'],
    ['the last NaN wins', '!Number.isNaN(top) && (Number.isNaN(value)', '(Number.isNaN(value)'],
  ]),
  ...mutantsOf(
    'lib/ops/primitives/random.ts',
    ['spec/ops/random.spec.ts'],
    [['a wrong rotation', '[13, 15, 26, 6, 17, 29, 16, 24]', '[13, 15, 26, 6, 17, 29, 16, 25]']],
  ),
  ...mutantsOf(
    'lib/ops/evaluation/random.ts',
    ['spec/ops/random.spec.ts'],
    [
      [
        'every second word used twice',
        'if (at + 1 < out.data.length) out.data[at + 1] = odd',
        'if (at + 1 < out.data.length) out.data[at + 1] = even',
      ],
    ],
  ),
  ...mutantsOf('lib/ops/composites/activations.ts', goldens, [
    ["gelu's cubic term", 'e.scalar(0.044715)', 'e.scalar(0.04715)'],
    ["Keras 2's hard sigmoid", 'e.scalar(1 / 6)', 'e.scalar(0.2)'],
    ['elu without alpha', "e.multiply(e.emit('expm1', [x], {}), e.scalar(alpha))),\n  ),", "e.emit('expm1', [x], {})),\n  ),"],
  ]),
  ...mutantsOf(
    'lib/ops/composites/normalise.ts',
    ['spec/ops/composites.spec.ts', 'spec/ops/goldens.spec.ts', 'spec/layers/golden.spec.ts'],
    [['log Σ eˣ of infinities is NaN', "e.where(e.emit('is_finite', [top], {}), top, e.scalar(0))", 'top']],
  ),
  ...mutantsOf(
    'lib/ops/composites/standardise.ts',
    ['spec/ops/composites.spec.ts', 'spec/ops/goldens.spec.ts', 'spec/layers/golden.spec.ts'],
    [
      ['normalisation without epsilon', '[e.add(variance, e.scalar(epsilon))], {}), gamma)', '[variance], {}), gamma)'],
      [
        'normalisation without beta',
        'e.add(e.multiply(e.subtract(x, along(mean)), along(scale)), along(beta))',
        'e.multiply(e.subtract(x, along(mean)), along(scale))',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/ops/composites/random.ts',
    ['spec/properties/training.spec.ts'],
    [
      [
        'dropout keeps what it should drop',
        'const keep = e.greaterEqual(high, e.scalar(Math.ceil(rate * 2 ** 24)',
        'const keep = e.greaterEqual(high, e.scalar(Math.ceil((1 - rate) * 2 ** 24)',
      ],
      ['dropout does not scale', 'e.divide(x, e.scalar(1 - rate))', 'x'],
    ],
  ),
  ...mutantsOf(
    'backends/tfjs/lowerings/composites.ts',
    ['spec/backends/tfjsOps.spec.ts', 'spec/properties/running.spec.ts'],
    [
      [
        'scale and offset swapped on wasm and cpu',
        '[at(operands, 0), at(operands, 1), at(operands, 2)]',
        '[at(operands, 0), at(operands, 2), at(operands, 1)]',
      ],
      ['softmax along an axis that kernels take wrongly', '{ dim: result.shape.length - 1 }', '{ dim: -1 }'],
    ],
  ),
  ...mutantsOf(
    'backends/tfjs/lowerings/reductions.ts',
    ['spec/backends/tfjsOps.spec.ts'],
    [['the least for the greatest', "reduction('Max', 'reductionIndices', 'Any')", "reduction('Min', 'axis', 'All')"]],
  ),
  ...mutantsOf(
    'lib/ops/specialise.ts',
    ['spec/ir/specialise.spec.ts'],
    [['operands of a region called as they were', 'node.body ? known.map(bindType) : known', 'known']],
  ),
]
