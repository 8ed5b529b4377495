// Sabotaged exports: the layout of standalone modules, model.js, what a page downloads.

import { type Mutant, mutantsOf } from './mutant.js'

const graphs = ['spec/backends/jitStandalone.spec.ts']
const equal = ['spec/export/equal.spec.ts']
const files = ['spec/export/exportModel.spec.ts']
const damage = ['spec/export/damage.spec.ts']

export const exportMutants: readonly Mutant[] = [
  ...mutantsOf('backends/jit/standaloneLayout.ts', graphs, [
    ['results in a state left where they are', 'const moved = new Map(inState.map(', 'const moved = new Map(inState.slice(2).map('],
    ['state that only grows stale', '...states.map(([slot, to]) => ({ to, from: resultAt(slot), bytes: bytesOf(slot) })),', ''],
    ['weights that are only read while packing shipped too', 'return buffers.filter(({ id }) => used.has(id))', 'return [...buffers]'],
  ]),
  ...mutantsOf('backends/jit/standaloneLayout.ts', equal, [
    ['an arena over the inputs', 'if (inArena !== undefined) return arena + inArena', 'if (inArena !== undefined) return own + inArena'],
    ['no slack behind the arena', 'const arena = stack.take(plan.arenaBytes)', 'const arena = stack.take(plan.arenaBytes - 64)'],
  ]),
  ...mutantsOf('backends/jit/standalone.ts', equal, [
    ['weights left to the host', 'if (weightsInside) module.data(', 'if (!weightsInside) module.data('],
  ]),
  ...mutantsOf('lib/export/shipped/model.ts', damage, [
    ['weights taken as they are', "if (wrong()) fail('other weights')", ''],
    ['a description taken as it is', 'checksum(text) !== sum || ', 'checksum(text) !== sum && '],
    ['any number of values taken', 'if (given?.trim || given?.length !== view.length)', 'if (!given)'],
  ]),
  ...mutantsOf(
    'lib/export/checksum.ts',
    ['spec/export/checksum.spec.ts'],
    [['upper bits that never reach the lower ones', 'hash ^= hash >>> 15', '']],
  ),
  ...mutantsOf(
    'bench/bundle.ts',
    ['spec/bundle.spec.ts'],
    [
      ['chunks that load when the page runs not counted', 'if (use !== undefined) for', 'if (false) for'],
      ['chunks that an entry imports not counted', "if (kind === 'import-statement') loaded", 'if (false) loaded'],
      ['bytes of the entry alone', 'gzipped += gzipSync', 'gzipped += path !== entryPath ? 0 : gzipSync'],
    ],
  ),
  ...mutantsOf('lib/export/description.ts', files, [
    ['seeds of dropout hashed', 'const graph = atInference(traced)', 'const graph = atInference(traced) && traced'],
  ]),
  ...mutantsOf('lib/export/shipped/model.ts', files, [
    ['an input called "length" taken for flat values', '+(values?.length as number) === values?.length', 'Boolean(values?.length)'],
    ['texts taken for numbers', 'given?.trim || ', ''],
    ['fractions cut off', '+value === (+value | 0)', '+value === +value'],
    ['bools as they lie in memory', '(outputs[name] as View).map(value => -value)', '(outputs[name] as View).slice()'],
  ]),
]
