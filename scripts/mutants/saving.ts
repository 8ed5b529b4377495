// Sabotaged readers of files.

import { type Mutant, mutantsOf } from './mutant.js'

const zip = ['spec/saving/zip.spec.ts']
const hdf5 = ['spec/saving/hdf5.spec.ts']
const plain = ['spec/saving/plainHdf5.spec.ts']
const legacy = ['spec/saving/legacy.spec.ts']
const tfjs = ['spec/saving/tfjs.spec.ts']
const save = ['spec/saving/save.spec.ts']

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
  ...mutantsOf('lib/saving/plainHdf5.ts', plain, [
    ['names in any order', 'if (name <= last) throw new NotPlain()', ''],
    ['sizes of data believed', 'if (bytes !== 4 * sizeOf(shape)) throw new NotPlain()', ''],
    ['one dataset read over and over', 'this.bytesRead > this.bytes.length', 'false'],
    ['any type read as float32', 'blocks.expect(datatype, float32)', ''],
    ['any layout read as one piece', 'blocks.expect(layout, [3, 1])', 'blocks.expect(layout, [3])'],
    ['messages that other objects share', 'if ((flags & sharedFlag) !== 0) throw new NotPlain()', ''],
    ['messages longer than their header', 'if (at + bytes > end) throw new NotPlain()', ''],
    ['groups with messages of datasets', ' && parts.size === 1', ''],
    ['names that the library would not find', 'if (nameAt(key) !== last) throw new NotPlain()', ''],
    ['trees that hold themselves', 'if (level !== undefined && own !== level) throw new NotPlain()', ''],
    [
      'data that begin one number too late',
      'this.bytes.subarray(start, start + bytes)',
      'this.bytes.subarray(start + 4, start + 4 + bytes)',
    ],
  ]),
  ...mutantsOf('lib/saving/hdf5Blocks.ts', plain, [
    ['reads beyond the end', 'if (at + bytes > this.bytes.length) throw new NotPlain()', ''],
    ['the upper half of an address ignored', 'if (this.int(at + 4) !== 0) throw new NotPlain()', ''],
    ['entries of any kind followed', 'if (this.int(entry + 16) > 1) throw new NotPlain()', ''],
    ['names beyond their heap', ' || end >= start + bytes', ''],
    ['names sorted otherwise than their bytes', 'if (!/^[ -~]*$/.test(text)) throw new NotPlain()', ''],
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
  ...mutantsOf('lib/saving/pairing.ts', legacy, [
    ['shapes of weights not compared', 'if (sameShape(variable.shape, stored.shape)) return true', 'return true'],
    ['what is missing never an error', 'if (problem && !skipMismatch) throw', 'if (false) throw'],
  ]),
  ...mutantsOf('lib/saving/legacyWeights.ts', legacy, [
    ['names inside a layer ignored', 'if (named.length === weights.length && fits(named)) return named', ''],
    ['kernels of Theano as they are', "backend === 'theano' ?", 'false ?'],
  ]),
  ...mutantsOf('lib/saving/legacyFile.ts', legacy, [['lists cut in parts end after the first', 'parts.push(part)', 'return part']]),
  ...mutantsOf('lib/models/config/keras2.ts', legacy, [
    ['hard_sigmoid of Keras 2 as of Keras 3', "if (legacy && key.endsWith('activation') && isHardSigmoid(value))", 'if (false)'],
  ]),
  ...mutantsOf('lib/saving/tfjsWeight.ts', tfjs, [
    ['quantised values without their least', '* scale + min', '* scale'],
    ['16-bit values read as 8-bit', "dtype === 'uint8' ? view.getUint8(k)", 'true ? view.getUint8(k)'],
  ]),
  ...mutantsOf('lib/saving/tfjsFile.ts', tfjs, [
    ['shards that hold more than is declared', 'if (found !== declared)', 'if (found < declared)'],
    ["an optimizer's state taken for weights", 'return weight.isOptimizers ? [] : [placed]', 'return [placed]'],
    ['values cut between shards joined wrongly', 'filled += part.length', 'filled = part.length'],
  ]),
  ...mutantsOf('lib/saving/source.ts', tfjs, [['shards from anywhere', '!plainName.test(path)', 'false']]),
  ...mutantsOf('lib/saving/weightNames.ts', tfjs, [
    ['parts before a name not skipped', 'parts.flatMap(part =>', 'parts.slice(0, 1).flatMap(part =>'],
  ]),
  ...mutantsOf('lib/saving/h5library.ts', save, [['the clock runs while files are written', 'Date.now = () => 0', '']]),
  ...mutantsOf('lib/models/saveModel.ts', save, [
    ['Lambdas in nested models saved', 'for (const inner of layer.sublayers) refuseLambdas(caller, inner)', ''],
  ]),
  ...mutantsOf('lib/models/loadWeights.ts', legacy, [['byName ignored', "byName ? 'name' : ", '']]),
]
