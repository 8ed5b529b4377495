// Sabotaged reports: what explains, accuses and compares.

import { type Mutant, mutantsOf } from './mutant.js'

const explain = ['spec/debug/explain.spec.ts']
const bisect = ['spec/debug/bisect.spec.ts']
const npy = ['spec/saving/npy.spec.ts']

export const debugMutants: readonly Mutant[] = [
  ...mutantsOf('lib/debug/work.ts', explain, [
    ['a folded matmul is whose rule made it', 'native.length > 0 ? native : layers).includes(named)', 'layers).includes(named)'],
    ['calls of shared layers count as layers', "part.replace(/#\\d+$/, '')", 'part'],
  ]),
  ...mutantsOf('lib/debug/fates.ts', explain, [
    ['the first pass that touched a layer decided', 'first > 0 && holds(work.stages[first - 1]?.pieces ?? [])', 'first > 1'],
    ['reshapes are kernels', "piece.node.op !== 'reshape')) return told('kernel'", "piece.node.op !== 'none')) return told('kernel'"],
    ['what is folded is an epilogue', 'if (own.length > 0 && !inLead) {', 'if (own.length > 0 || !inLead) {'],
  ]),
  ...mutantsOf('lib/debug/bisect/passes.ts', bisect, [
    ['the rewrite after the guilty one', 'fails(count + 1))]', 'fails(count))]'],
    ['rewrites are counted one too many', 'allows: () => left-- > 0', 'allows: () => left-- >= 0'],
    [
      'the whole graph is the reproduction',
      'expectationOf(part)).problem !== undefined) return part',
      'expectationOf(part)).problem !== undefined) return given',
    ],
  ]),
  ...mutantsOf('lib/debug/bisect/graphs.ts', bisect, [
    ['nothing is too far off', 'largest > allowed ||', 'largest > 1e9 ||'],
    ['inputs of a cut are not fed', 'inputs[id] = roundValue(value)', 'inputs[id] = { ...value, data: value.data.map(() => 0) }'],
  ]),
  ...mutantsOf('lib/debug/bisect/reproducer.ts', bisect, [
    ['missing values are not missed', 'if (missing) throw', 'if (false) throw'],
    ['numbers of any count', 'numbers.length !== sizeOf(shape)', 'numbers.length < sizeOf(shape)'],
  ]),
  ...mutantsOf(
    'lib/debug/deviation.ts',
    ['spec/cli/commands.spec.ts'],
    [['errors end before the last values', 'k < wanted.length; k++) {\n    const [a', 'k < wanted.length - 20; k++) {\n    const [a']],
  ),
  ...mutantsOf('lib/saving/npy.ts', npy, [
    ['the order of bytes ignored', "little: order !== '>'", 'little: true'],
    ['columns first read as rows', 'data: fortranOrder ? rowMajor', 'data: false ? rowMajor'],
    ['headers with more than three entries', 'found.size !== 3', 'found.size < 3'],
    ['whole numbers beyond int32', 'data[k] !== value && item === items.i8', 'false'],
    ['data not aligned', 'Math.ceil((10 + dict.length + 1) / 64) * 64', '10 + dict.length + 1'],
  ]),
]
