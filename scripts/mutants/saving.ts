// Sabotaged readers of files.

import { type Mutant, mutantsOf } from './mutant.js'

const zip = ['spec/saving/zip.spec.ts']
const hdf5 = ['spec/saving/hdf5.spec.ts']

export const savingMutants: readonly Mutant[] = [
  ...mutantsOf('lib/saving/zip.ts', zip, [
    ['members that share bytes', 'before.start + before.stored > member.start', 'before.start > member.start'],
    ['checksums ignored', 'crc32(data) !== member.crc', 'false'],
    ['members above the archive', "part === '..' || part === '.'", "part === '.'"],
    ['members that inflate to less than they declare', 'if (at !== size) throw', 'if (at > size) throw'],
  ]),
  ...mutantsOf('lib/saving/hdf5.ts', hdf5, [
    ['doubles read as floats', 'Float32Array.from(new Float64Array(bytes.buffer))', 'new Float32Array(bytes.buffer)'],
    ['every slab is the first', 'offset: [start, ...row.map(() => 0)]', 'offset: [0, ...row.map(() => 0)]'],
    ['sizes of weights not compared', 'found.some((size, axis) => size !== shape[axis])', 'false'],
    ['soft links followed', 'if (link !== null) throw', 'if (false) throw'],
  ]),
  ...mutantsOf('lib/saving/halfFloats.ts', hdf5, [['small halves are 0', 'return sign * fraction * 2 ** -24', 'return 0']]),
  ...mutantsOf(
    'lib/saving/weightPaths.ts',
    ['spec/saving/weightPaths.spec.ts'],
    [
      ['the first of a class numbered as well', 'times === 0 ? name : ', ''],
      ['a shared layer stored at every place', 'if (visited.has(owner)) return', ''],
    ],
  ),
]
