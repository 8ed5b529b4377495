// Sabotaged passes and rules.

import { type Mutant, mutantsOf } from './mutant.js'

/** The examples of each rule, edges of some, then random graphs. */
const rules = ['spec/passes/rules.spec.ts', 'spec/passes/edges.spec.ts', 'spec/passes/properties.spec.ts']
/** And networks of convolutions, blocks and whole. */
const images = [
  'spec/passes/rules.spec.ts',
  'spec/passes/convolutions.spec.ts',
  'spec/passes/layouts.spec.ts',
  'spec/passes/edges.spec.ts',
  'spec/passes/properties.spec.ts',
]
/** Random graphs only: the examples do not show it. */
const graphs = ['spec/passes/properties.spec.ts']

export const ruleMutants: readonly Mutant[] = [
  ...mutantsOf(
    'passes/plain.ts',
    ['spec/passes/plain.spec.ts'],
    [
      ['sums out of order are plain', "(node.op !== 'add' || inOrder(node))", 'inOrder(node) !== undefined'],
      ['sums of sums are plain', "add: ['add'],", 'add: [],'],
      ['products of sums are plain', "matmul: ['add'],", 'matmul: [],'],
      ['a rectified sigmoid is plain', "relu: ['relu', 'sigmoid'],", "relu: ['relu'],"],
      ['only the first operand counts', 'node.inputs.every(', 'node.inputs.slice(0, 1).every('],
      ['relu6 is plain', 'softmax: [], log_softmax', 'relu6: [], softmax: [], log_softmax'],
    ],
  ),
  ...mutantsOf('passes/rules/arithmetic.ts', rules, [
    ['x + 0 dropped for floats', "(isFill(zero, 0) && as(zero, 'constant')?.attrs.dtype === 'int32')", 'isFill(zero, 0)'],
    ['x · 1 negated', 'isFill(view.at(operand(product, 1)), -1) ||', 'isFill(view.at(operand(product, 1)), 1) ||'],
    [
      'operands of a − b swapped',
      "view.emit('subtract', [left, operand(negatedRight)]",
      "view.emit('subtract', [operand(negatedRight), left]",
    ],
    ['NaN − NaN is 0', "type.dtype !== 'int32' || operand(difference, 0)", 'operand(difference, 0)'],
    ['x³ becomes x²', 'isFill(view.at(operand(power, 1)), 2)', 'isFill(view.at(operand(power, 1)), 3)'],
    [
      'a negation dropped',
      "rewrite: (outer, view) => as(view.at(operand(outer)), 'negate')?.inputs[0],",
      'rewrite: outer => operand(outer),',
    ],
  ]),
  ...mutantsOf('passes/rules/choices.ts', rules, [
    ['¬(x < y) is x > y', "less: 'greater_equal'", "less: 'greater'"],
    ['NaN forgotten in ¬(x < y)', "const total = tensorType(view.at(operand(comparison))).dtype !== 'float32'", 'const total = true'],
    ['p ∧ false is p', "(value !== 0) === (node.op === 'logical_and')", "(value !== 0) !== (node.op === 'logical_and')"],
    ['the wrong side of a constant condition', 'value === 0 ? 2 : 1', 'value === 0 ? 1 : 2'],
    [
      'select(¬p, x, y) keeps its sides',
      '[operand(not), operand(node, 2), operand(node, 1)]',
      '[operand(not), operand(node, 1), operand(node, 2)]',
    ],
    [
      'casts lose what float32 cannot hold',
      "tensorType(view.at(operand(inner))).dtype !== 'bool'",
      "tensorType(view.at(operand(inner))).dtype === 'float32'",
    ],
    ['dropout dropped in training', 'dropout.attrs.rate === 0', 'dropout.attrs.rate <= 0.5'],
  ]),
  ...mutantsOf('passes/rules/ranges.ts', rules, [
    [
      'the looser of two bounds',
      "outer.op === 'maximum' ? Math.max(a, b) : Math.min(a, b)",
      "outer.op === 'maximum' ? Math.min(a, b) : Math.max(a, b)",
    ],
    [
      'the inner bounds of two clips',
      '{ min: clip(inner.attrs.min), max: clip(inner.attrs.max) }',
      '{ min: inner.attrs.min, max: inner.attrs.max }',
    ],
  ]),
  ...mutantsOf('passes/rules/reshapes.ts', rules, [
    [
      'permutations composed the wrong way round',
      '[operand(inner)], { perm: composePerms(inner.attrs.perm, outer.attrs.perm) }',
      '[operand(inner)], { perm: composePerms(outer.attrs.perm, inner.attrs.perm) }',
    ],
  ]),
  ...mutantsOf('passes/rules/reshapes.ts', rules, [
    ['a broadcast dropped that gives the shape', 'if (infersTo(node.op, inputs, node.attrs, node.type, view)) return', 'return'],
    ['a movement through what others read', ' || !hasOneReader(f.id, view)', ''],
  ]),
  ...mutantsOf('passes/permutations.ts', rules, [['units that cross other axes', 'axis > (moved[k - 1] as number)', 'true']]),
  ...mutantsOf('passes/rules/movement.ts', rules, [
    ['a cut of a cut counted from the start of x', 'first.start + second.start * inner.stride', 'first.start + second.start'],
    ['a cut of a cut one too short', '(second.count - 1) * stride + 1', '(second.count - 1) * stride'],
    ['an axis reversed twice stays reversed', '[...a.filter(axis => !b.includes(axis)),', '[...a,'],
    ['concats along two axes joined', '=== axis ? inner.inputs : [id]', '!== -1 ? inner.inputs : [id]'],
    ['pads of two fills joined', '(fillA === undefined || !Object.is(fillA, fillB))', 'false'],
    ['the cells of the outer pad lost', 'high: sum(inner.attrs.high, outer.attrs.high)', 'high: inner.attrs.high'],
    [
      'reductions where one axis is a unit',
      'node.attrs.axes.every(axis => shape[axis] === 1)',
      'node.attrs.axes.some(axis => shape[axis] === 1)',
    ],
  ]),
  ...mutantsOf('passes/rules/affine.ts', rules, [
    ['batch normalisation adds its mean', "view.emit('subtract', [beta,", "view.emit('add', [beta,"],
    ['batch normalisation without epsilon', 'data: [node.attrs.epsilon]', 'data: [0]'],
    [
      'a shift left unscaled',
      "const shift = view.emit('multiply', [operand(inner, 1), operand(node, 1)], {})",
      'const shift = operand(inner, 1)',
    ],
    ['a shift by inputs taken for one by weights', "view.dependence(operand(node, 1)) !== 'run'", 'true'],
  ]),
  ...mutantsOf('passes/rules/linear.ts', images, [
    ['rows scaled as columns', "view.emit('reshape', [vector], { shape: [rows, 1] })", 'vector'],
    [
      'groups of channels scaled in another order',
      '{ shape: [groups, rows] })], { perm: [1, 0] }',
      '{ shape: [rows, groups] })], { perm: [0, 1] }',
    ],
    ['scales that are not per channel', 'shape.slice(0, -1).some(leading => leading !== 1)', 'false'],
    ['a shift added to padding', 'padding?.flat().every(cells => cells <= 0) ?? false', 'true'],
    ['a shift added to the zeros of input dilation', 'conv.attrs.inputDilation.some(dilation => dilation !== 1)', 'false'],
  ]),
  ...mutantsOf('passes/rules/kernels.ts', images, [
    ['rows of a kernel in the inverse order', 'perm.indexOf(lead + k) - lead)', '(perm[lead + k] as number) - lead)'],
    ['a permutation of what is not flattened', 'axis < lead && size !==', 'axis < 0 && size !=='],
    ['a shift moved above what is no affine', "(outer.op === 'add' && inner.op !== 'add')", 'false'],
    ['means over channels taken for means of channels', '!== length - 1)', '!== length)'],
    ['pads of any value scaled', '!isFill(view.at(operand(pad, 1)), 0)', 'false'],
  ]),
  ...mutantsOf('passes/rules/windows.ts', images, [
    ['the padding of strided windows taken for that of windows at every cell', 'extent === 1 || stride === 1', 'true'],
  ]),
  ...mutantsOf('passes/rules/padding.ts', images, [
    ['pads of any value become zeros', 'fill => fill === 0, view)', '() => true, view)'],
    [
      'the padding of a pad replaces that of the conv',
      'return [low + before * step, high + after * step]',
      'return [before * step, after * step]',
    ],
    ['input dilation forgotten in a pad', '? (node.attrs.inputDilation[axis] as number) : 1', '? 1 : 1'],
    ['zeros below zero', ' || !isNonNegative(view.at(pad.value))', ''],
    ['windows of padding only', 'count < (pool.attrs.window[axis] as number)', 'count <= (pool.attrs.window[axis] as number)'],
    ['cells cut off come back as padding', 'cut > 0 && (pads[k] as number) > 0', 'cut > 9 && (pads[k] as number) > 0'],
    ['a crop on the wrong side', '[-before, -after]', '[-after, -before]'],
  ]),
  ...mutantsOf('passes/axisOrder.ts', images, [
    ['axes called by their inverse', 'const to = invertPerm(perm)', 'const to = perm'],
    ['sums in another order', 'if (summing.has(node.op) && !isRising(moved)) return undefined', ''],
    ['axes that are left in another order', 'isRising(perm.filter(axis => !dropped.includes(axis)))', 'dropped.length > 0'],
    ['cells padded on other axes', 'high: permuted(node.attrs.high, perm)', 'high: node.attrs.high'],
  ]),
  ...mutantsOf('passes/layouts.ts', images, [
    ['transposes composed the wrong way round', 'perms.unshift(node.attrs.perm)', 'perms.push(node.attrs.perm)'],
  ]),
  ...mutantsOf('passes/sinkTransposes.ts', images, [
    ['weights not turned back', 'return this.transpose(this.reshape(own, full), perm)', 'return this.reshape(own, full)'],
    ['the vectors of a batch norm turned', 'follows(node, k) ? this.operand', 'k >= 0 ? this.operand'],
    ['an operand that alone has all axes loses some', "kind === 'elementwise' && k !== full", "kind === 'elementwise'"],
    [
      'a transpose taken for its inverse',
      'kept ? composePerms(invertPerm(kept), wanted) : wanted',
      'kept ? composePerms(kept, wanted) : wanted',
    ],
  ]),
  ...mutantsOf('passes/canonicalize.ts', rules, [
    ['c < x becomes x < c', "less: 'greater',", "less: 'less',"],
    ['subtraction commutes', "['add', 'multiply', 'maximum'", "['add', 'subtract', 'multiply', 'maximum'"],
    ['x − c becomes x + c', '-value | 0 : -value', 'value | 0 : value'],
  ]),
  ...mutantsOf('passes/foldConstants.ts', rules, [
    ['random numbers folded', "['constant', 'iota', 'random_bits', 'dropout']", "['constant', 'iota']"],
    ['a pad of another value taken for none', 'fills.every(fill => Object.is(fill, first))', 'true'],
  ]),
  ...mutantsOf('passes/cse.ts', rules, [
    ['random numbers merged', "node.op === 'input' || drawsRandom(node)", "node.op === 'input'"],
    ['losses merged away', 'first === undefined || losses.has(node.id)', 'first === undefined'],
    ['attributes not compared', 'attributesText(node)', 'node.op'],
  ]),
  ...mutantsOf('passes/dce.ts', rules, [
    ['updated variables removed', 'const read = new Set(Object.keys(graph.results.updates))', 'const read = new Set<string>()'],
  ]),
  ...mutantsOf('passes/resolvePhase.ts', rules, [
    ['modes swapped', "context.mode === 'train' ? [side, other]", "context.mode === 'infer' ? [side, other]"],
    ['recurrent state lost at inference', ".filter(([name]) => graph.variables[name]?.kind === 'state')", '.filter(() => false)'],
  ]),
  ...mutantsOf(
    'passes/dependence.ts',
    ['spec/passes/splitPrepare.spec.ts', ...graphs],
    [
      ['updated variables prepared once', '!Object.hasOwn(graph.results.updates, node.attrs.name)', 'true'],
      ['counters prepared once', "kind !== 'state' && kind !== 'counter' &&", "kind !== 'state' &&"],
    ],
  ),
  ...mutantsOf(
    'passes/fuse.ts',
    ['rules', 'edges', 'regions', 'properties'].map(name => `spec/passes/${name}.spec.ts`),
    [
      ['operands of a region swapped', 'const body: Graph = { inputs: operands,', 'const body: Graph = { inputs: [...operands].reverse(),'],
      ['a constant removed that others read', 'of now(id)?.inputs ?? []) taken.delete(operand)', 'of now(id)?.inputs ?? []) now(operand)'],
      ['a region forgets where it came from', 'members.flatMap(member => member.origin)', 'root.origin'],
      ['weights taken into a region', "node.op === 'constant' && node.attrs.data.length === 1", "node.op === 'constant'"],
    ],
  ),
  ...mutantsOf(
    'passes/splitPrepare.ts',
    ['spec/passes/splitPrepare.spec.ts', ...graphs],
    [
      ['values of unknown size prepared', 'steady && hasKnownSizes(node.type) &&', 'steady &&'],
      ['a prepared value called as a variable', "while (Object.hasOwn(graph.variables, name)) name += '#prepared'", ''],
      [
        'variables that are only updated lost',
        'for (const name of Object.keys(results.updates)) variables[name] = graph.variables[name] as VariableInfo',
        '',
      ],
      ['results that weights alone decide computed anew', 'const read = new Set(resultIds(graph))', 'const read = new Set<NodeId>()'],
    ],
  ),
  ...mutantsOf('passes/groups.ts', rules, [
    ['a value read outside fused away', 'if (!group || !root || this.results.has(node.id) ||', 'if (!group || !root ||'],
  ]),
]
