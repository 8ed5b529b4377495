// Sabotaged kernels of the JIT, and the plan of its memory.

import { type Mutant, mutantsOf } from './mutant.js'

const products = ['spec/backends/jitGemm.spec.ts']
const ops = ['spec/backends/jitOps.spec.ts', 'spec/backends/jitGraphs.spec.ts', 'spec/backends/jitPrograms.spec.ts']
const windows = ['spec/backends/jitConv.spec.ts', 'spec/backends/jitRanges.spec.ts']
const programs = ['jitPrograms', 'jitGraphs', 'jitSessions', 'jitExecutable'].map(name => `spec/backends/${name}.spec.ts`)
const prepared = ['spec/backends/jitPrepare.spec.ts']
const turns = ['spec/backends/jitTurns.spec.ts']
const whole = ['spec/backends/jitGraphs.spec.ts']
const demand = ['spec/backends/jitFamilies.spec.ts']

export const jitMutants: readonly Mutant[] = [
  ...mutantsOf(
    'backends/jit/session.ts',
    ['spec/backends/jitSessions.spec.ts'],
    [['an arena as it was before other programs came', 'this.arrange(0) //', '//']],
  ),
  ...mutantsOf('backends/jit/emit.ts', turns, [
    ['weights read backwards from behind their last part', 'either((parts - 1) * units, 0)', 'either(parts * units, 0)'],
    ['weights read forwards in every step', 'either(-units, units)', 'either(units, units)'],
    ['parts of weights that end behind the last column', 'minimum(f, end, () => f.i32(extent))', 'f.get(end)'],
    ['weights that are never turned', "f.op('i32.eqz')", "f.op('i32.clz')"],
  ]),
  ...mutantsOf('backends/jit/gemm/product.ts', products, [
    ['the rest of the rows or columns of a product left out', 'f.if(() => body(rest))', 'f.if(() => undefined)'],
    ['slabs of rows that begin at the first', 'rows: choice.rows * choice.slab })', 'rows: 0 })'],
  ]),
  ...mutantsOf('backends/jit/gemm/pack.ts', products, [
    ['the first panel for every panel', 'advance(f, b, 32 - n * 4 * k)', 'advance(f, b, -n * 4 * k)'],
    ['the halves of a panel swapped', "f.op('v128.store', half * 4)", "f.op('v128.store', 16 - half * 4)"],
    ['columns behind the last panel are what lies there', 'if (live < 4) {', 'if (live < 1) {'],
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
  ...mutantsOf('backends/jit/kernels/softmaxColumns.ts', ops, [
    ['the first columns for all columns', 'this.load(from, k, tops[k])', 'this.load(from, 0, tops[k])'],
    ['whole vectors written beside the last columns', 'Math.min(4, lanes - 4 * k)', '4'],
    ['the second block of columns read where the first was', 'advance(f, from, read - 4 * inner)', ''],
  ]),
  ...mutantsOf('backends/jit/kernels/logSumExp.ts', ops, [
    ['a maximum of infinity taken away from infinity', "f.splat(largest)\n  f.op('f32x4.min')", ''],
    ['a sum of exponentials without its maximum', "f.get(row.top)\n          f.op('f32x4.add')", ''],
  ]),
  ...mutantsOf(
    'backends/jit/lowerings/moved.ts',
    ['spec/backends/jitMoved.spec.ts'],
    [
      ['an axis turned that still begins at its start', 'offset += (size - 1) * stride', ''],
      ['axes that a transpose leaves in place', 'movement.attrs.perm.flatMap(axis => axes[axis] as Loop[])', 'axes.flat()'],
    ],
  ),
  ...mutantsOf(
    'backends/jit/kernels/rearrange.ts',
    ['spec/backends/jitMoved.spec.ts', ...ops],
    [
      [
        'blocks repeated once too few',
        'times(f, size - 1, () => {\n    advance(f, target, bytes)',
        'times(f, size - 2, () => {\n    advance(f, target, bytes)',
      ],
      ['lanes of a tile swapped', 'mix(t[2], v[0], v[1], [2, 6, 3, 7])', 'mix(t[2], v[0], v[1], [3, 7, 2, 6])'],
      ['the last rows of a strip left out', 'if (down.size & 3) tile(', 'if (down.size & 2) tile('],
      ['the second strip written where the first was', 'advance(f, result, 4 * across.to - 16', 'advance(f, result, -16'],
    ],
  ),
  ...mutantsOf('backends/jit/kernels/position.ts', ops, [
    [
      'a kernel finds the last of equal extremes',
      "f.op('i32x4.lt_s')\n      f.op('v128.and')",
      "f.op('i32x4.gt_s')\n      f.op('v128.and')",
    ],
    ['positions of the first row for every row', 'advance(f, to, inner * 4)', ''],
  ]),
  ...mutantsOf('backends/jit/kernels/indexed.ts', ops, [
    ['a row copied without its last vectors', 'advance(f, to, -16 * (inner >> 2))', ''],
    ['the updates of a row begin a tail too early', 'advance(f, updates, (inner & 3) * 4)', ''],
  ]),
  ...mutantsOf('backends/jit/kernels/batched.ts', ops, [
    ['the first matrix of an inner axis for all', 'over(axis + 1)\n            move(axis, 1)', 'over(axis + 1)'],
  ]),
  ...mutantsOf('backends/jit/kernels/random.ts', ops, [['every eight words like the first', 'advance(f, to, 32)', '']]),
  ...mutantsOf('backends/jit/kernels/nest.ts', ops, [
    ['whole vectors written behind a row', 'if (this.rest > 0) this.vector(this.rest)', 'if (this.rest > 0) this.vector(4)'],
    ['the pointer of a column moved as one of a row', 'return this.vectors * 4 * this.innerStride(k)', 'return this.vectors * 4'],
  ]),
  ...mutantsOf('backends/jit/kernels/reduce.ts', ops, [
    ['lanes behind a reduced row count', 'pushLaneMask(f, lanes)', 'pushLaneMask(f, 4)'],
    ['the first vector of an operand for all that are reduced side by side', 'step === 0 ? 0 : 16 * k', '0'],
    ['one of four sums side by side lost', 'for (const other of others) {', 'for (const other of others.slice(1)) {'],
  ]),
  ...mutantsOf('backends/jit/gemm/tile.ts', windows, [
    ['a row of taps begins where the last one ended', 'advance(f, a, 4 * (loop.step - movedBy(axis + 1)))', 'advance(f, a, 4 * loop.step)'],
  ]),
  ...mutantsOf('backends/jit/conv/geometry.ts', windows, [
    ['every phase of a dilated input begins at the first tap', 'tap: count > 0 ? tap : 0,', 'tap: 0,'],
    ['a halo one cell short', '(taps - 1) * dilation - (size - 1))', '(taps - 1) * dilation - size)'],
    [
      'phases of the kernel at the distance of the input',
      'const tapStep = inputDilation / gcd(kernelDilation, inputDilation)',
      'const tapStep = inputDilation',
    ],
  ]),
  ...mutantsOf('backends/jit/conv/halo.ts', windows, [
    ['cells behind a line stay as they were', 'zeros(f, to, left + width, right)', ''],
    ['lines above the image are read from it', "f.op('i32.ge_u')", "f.op('i32.gt_s')"],
  ]),
  ...mutantsOf('backends/jit/conv/pack.ts', windows, [
    ['the first panel of a filter for every panel', 'advance(f, kernel, 4 * columns)', ''],
    ['the filters of the first group for every group', 'advanceBy(f, kernel, begin, 4 * filters)', ''],
  ]),
  ...mutantsOf('backends/jit/conv/product.ts', windows, [
    ['the last positions of a line left out', 'if (width % tile > 0) emit(width % tile)', ''],
    ['the last filters left out', 'if (rest > 0) call(rest)', ''],
    ['the channels of the first group for every group', 'groups * spec.groupStep,', '0,'],
  ]),
  ...mutantsOf('backends/jit/kernels/loops.ts', windows, [
    [
      'slabs that begin one late',
      'f.get(until)\n      f.set(begin)',
      "f.get(until)\n      f.i32(1)\n      f.op('i32.add')\n      f.set(begin)",
    ],
  ]),
  ...mutantsOf('backends/jit/kernels/windowAxis.ts', windows, [
    ['the first tap that exists rounded down', 'f.i32(dilation - 1)', 'f.i32(0)'],
    ['windows behind the border with a negative count', "clamp(f, count, 0, 'i32.gt_s')", ''],
  ]),
  ...mutantsOf('backends/jit/kernels/windowLoops.ts', windows, [
    ['channels behind the last written', 'block(channels % width)', 'block(width)'],
    ['the first weight for every tap', 'load(f, weights, 4 * tap * channels)', 'load(f, weights, 0)'],
    ['cells of a tile side by side whatever the stride', 'position * last.stride + tap', 'position + tap'],
  ]),
  ...mutantsOf('backends/jit/kernels/windowRule.ts', windows, [
    [
      'the operand of the first position for a whole tile',
      '4 * (position * walk.rowStride + 4 * v * walk.columnStride)',
      '16 * v * walk.columnStride',
    ],
    ['one bias for all vectors', '4 * v * walk.columnStride)', '0)'],
  ]),
  ...mutantsOf('backends/jit/kernels/windows.ts', windows, [
    ['cut windows at the end of a line left out', 'edges(behind, last.positions)', ''],
    ['the last tile of a line left out', 'if (rest > 0) emitTile(f, nest, rule, pointers, rest)', ''],
    [
      'weights of the first row of taps at the upper border',
      'if (weights && low) advanceBy(f, weights, low, 4 * (this.weightSteps[k] as number))',
      '',
    ],
  ]),
  ...mutantsOf('backends/jit/kernels/standardise.ts', windows, [
    ['lanes behind a row count', 'pushLaneMask(f, lanes)', 'pushLaneMask(f, 4)'],
    ['one of four sums lost', 'for (const other of others) {', 'for (const other of others.slice(1)) {'],
    ['vectors behind the last whole turn not written', 'if (vectors % unrolled > 0) group(vectors % unrolled)', ''],
    ["a vector's scale is its neighbour's", "'v128.load', 16 * k * columnStride)", "'v128.load', 16 * columnStride)"],
    ['epsilon added to a norm', "f.op(op === 'l2_normalize' ? 'f32x4.max' : 'f32x4.add')", "f.op('f32x4.add')"],
  ]),
  ...mutantsOf('backends/jit/kernels/resample.ts', windows, [
    ['a neighbour behind the last cell', 'border: size - 1, distance', 'border: size, distance'],
  ]),
  ...mutantsOf('backends/jit/lowerings/groups.ts', programs, [
    ['a result that a reduction reads too has no place', '!results.has(node.id) &&', ''],
  ]),
  ...mutantsOf('backends/jit/prepared.ts', prepared, [
    ['a weight that is read again is worked over', 'uses.get(buffer) === 1 && offset === 0', 'offset === 0'],
    ['whole numbers are copied in as floats', 'variables[name]?.type.dtype === dtype', 'true'],
    ['a weight copied over a part of it', 'elements === sizeOf(shape) && variables', 'variables'],
    ['rows of a result kept as if they were all', ' || place.offset !== 0 || target.elements !== sizeOf(shape)', ''],
  ]),
  ...mutantsOf('backends/jit/session.ts', prepared, [
    ['panels of the old prepared weights', 'this.spoil(names)', ''],
    ['panels packed when a weight changes next', 'this.spoil(names)\n        this.pack()', 'this.spoil(names)'],
    ['a result under two names given to one', 'if (!moved.has(k)) window', 'if (k < 0) window'],
    ['weights to be worked over are not copied in', 'this.variables.get(result)?.window.write(state.read(name))', ''],
  ]),
  ...mutantsOf('backends/jit/gemm/tile.ts', whole, [
    [
      'sums an ulp too large',
      'if (options.epilogue) emitFinish',
      "for (const sum of options.int ? [] : sums.flat()) [f.get(sum), f.splat(1 + 2 ** -23), f.op('f32x4.mul'), f.set(sum)]\n  if (options.epilogue) emitFinish",
    ],
  ]),
  ...mutantsOf('backends/jit/kernels/nest.ts', whole, [
    ['a line without its last vector', 'Math.ceil((shape[0] ?? 1) / 4)', 'Math.floor((shape[0] ?? 1) / 4)'],
  ]),
  ...mutantsOf('backends/jit/lowerings/families.ts', demand, [
    ['what only composites need is not loaded', 'visit(expandComposites(graph, isDirect))', 'visit(graph)'],
    ['what only loops need is not loaded', 'if (node.body) visit(node.body)', ''],
    ['softmax off the last axis is not loaded', 'if (needsColumns(node)) needed.add(columns)', ''],
  ]),
  ...mutantsOf('backends/onDemand.ts', demand, [
    ['nothing is there from the start', 'this.module = eager && isThere(eager) ? eager : undefined', 'this.module = undefined'],
    ['an empty module of a page taken for the part', 'return Object.keys(module).length > 0', 'return true'],
  ]),
  ...mutantsOf('lib/runtime/optimise.ts', demand, [
    ['a page is not told which passes are missing', 'if (begun.needsAlgebra && !algebra.isLoaded)', 'if (false)'],
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
    ['the worst of three packings', 'topOf(placed) < topOf(best)', 'topOf(placed) > topOf(best)'],
    ['what a loop reads from outside dies in its first turn', 'this.touch(id, Math.max(start, this.clock - 1))', ''],
    ['all inputs and outputs at one offset', 'ownBytes += paddedBytes(elements) + 2 * band', 'ownBytes = paddedBytes(elements) + 2 * band'],
  ]),
]
