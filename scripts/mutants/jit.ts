// Sabotaged kernels of the JIT, and the plan of its memory.

import { type Mutant, mutantsOf } from './mutant.js'

const products = ['spec/backends/jitGemm.spec.ts']
const ops = ['spec/backends/jitOps.spec.ts', 'spec/backends/jitPrograms.spec.ts']
const programs = ['spec/backends/jitPrograms.spec.ts', 'spec/backends/jitExecutable.spec.ts']

export const jitMutants: readonly Mutant[] = [
  ...mutantsOf('backends/jit/gemm/product.ts', products, [
    ['the rest of the rows or columns of a product left out', 'f.if(() => body(rest))', 'f.if(() => undefined)'],
    ['slabs of rows that begin at the first', 'rows: choice.rows * choice.slab })', 'rows: 0 })'],
  ]),
  ...mutantsOf('backends/jit/gemm/tile.ts', products, [
    ['the last steps of k left out', 'rest < k - looped; rest++', 'rest < k - looped - 1; rest++'],
  ]),
  ...mutantsOf('backends/jit/gemm/finish.ts', products, [
    [
      'one bias for all vectors of a tile',
      'loadOperand(f, walk, operands[i] as Local, 0, 4 * v)',
      'loadOperand(f, walk, operands[i] as Local, 0, 0)',
    ],
    [
      'the first row of an epilogue operand for all rows',
      'loadOperand(f, walk, operands[i] as Local, row, 4 * v)',
      'loadOperand(f, walk, operands[i] as Local, 0, 4 * v)',
    ],
    ['a long epilogue forgets the last columns', 'if (columns % 4 > 0) vector(columns % 4)', ''],
  ]),
  ...mutantsOf('backends/jit/kernels/softmax.ts', ops, [
    ['lanes behind a short row count', 'pushLive(f, log ? e : value, lanesOf(k), 0)', 'pushLive(f, log ? e : value, 4, 0)'],
    ['lanes behind a long row count', 'pushLive(f, value, lanes, 0)', 'pushLive(f, value, 4, 0)'],
  ]),
  ...mutantsOf('backends/jit/kernels/nest.ts', ops, [
    ['whole vectors written behind a row', 'if (this.rest > 0) this.vector(this.rest)', 'if (this.rest > 0) this.vector(4)'],
    ['the pointer of a column moved as one of a row', 'return this.vectors * 4 * this.innerStride(k)', 'return this.vectors * 4'],
  ]),
  ...mutantsOf('backends/jit/kernels/reduce.ts', ops, [
    ['lanes behind a reduced row count', 'pushLaneMask(f, rest)', 'pushLaneMask(f, 4)'],
    ['one of four sums side by side lost', 'for (const other of others) {', 'for (const other of others.slice(1)) {'],
  ]),
  ...mutantsOf('backends/jit/plan.ts', programs, [
    [
      'memory shared by values that meet in one step',
      'other.first <= block.last && block.first <= other.last',
      'other.first < block.last && block.first < other.last',
    ],
    [
      'a result takes the place of an operand that is read later',
      "source.kind === 'temporary' && lives.of(source.id)?.last === at",
      "source.kind === 'temporary'",
    ],
    ['what a loop reads from outside dies in its first turn', 'this.touch(id, Math.max(start, this.clock - 1))', ''],
    ['all inputs and outputs at one offset', 'ownBytes += paddedBytes(elements) + 2 * band', 'ownBytes = paddedBytes(elements) + 2 * band'],
  ]),
]
