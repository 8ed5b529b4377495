// The members of a .keras archive, and the refusal of those whose weights are not in the one form that is read.

import { FileError } from '../ir/errors.js'
import type { Json } from '../layers/schema.js'
import { Cursor } from './cursor.js'
import { parseJson } from './json.js'
import type { Archive } from './zip.js'

const required = ['metadata.json', 'config.json', 'model.weights.h5'] as const

/** The architecture of a `.keras` file, and the version of Keras that wrote it. */
export interface Architecture {
  readonly version: string
  readonly config: Json
  /** What messages call it. */
  readonly where: string
}

/** @throws FileError naming the archive and the member. */
export async function readArchitecture(archive: Archive): Promise<Architecture> {
  refuseMembers(archive)
  const json = async (member: string) => parseJson(await archive.read(member), `${archive.name}: ${member}`)
  const version = new Cursor(await json('metadata.json'), `${archive.name}: metadata.json`).get('keras_version').string()
  return { version, config: await json('config.json'), where: `${archive.name}: config.json` }
}

/** The HDF5 file of weights in an archive. */
export async function readWeightsMember(archive: Archive): Promise<{ readonly bytes: Uint8Array; readonly place: string }> {
  refuseMembers(archive)
  return { bytes: await archive.read('model.weights.h5'), place: `${archive.name}: model.weights.h5` }
}

function refuseMembers({ name, members }: Archive): void {
  if (members.includes('model.weights.npz')) {
    throw new FileError(
      `${name}: its weights are model.weights.npz, which holds pickled Python objects`,
      'save the model again with h5py installed',
    )
  }
  if (members.includes('model.weights.json')) {
    throw new FileError(
      `${name}: its weights are split over several files, which is not supported`,
      'save the model without max_shard_size',
    )
  }
  const missing = required.find(member => !members.includes(member))
  if (missing)
    throw new FileError(`${name}: the archive has no ${missing}`, 'a .keras file holds metadata.json, config.json and model.weights.h5')
}
