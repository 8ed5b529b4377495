// Weights in HDF5, whoever reads them: plain files are read here, for all others the HDF5 library is loaded.

import { type WeightsFile, withLibrary } from './hdf5.js'
import { NotPlain } from './hdf5Blocks.js'
import { openPlain } from './plainHdf5.js'

/**
 * Runs `use` on the weights in `bytes`, synchronously; a second time, on the library, when the file turned out not to be
 * plain. Nothing outside the bytes is ever read.
 * @throws FileError naming file and path: links, virtual and external data, unknown filters and types, damage.
 */
export async function withWeights<T>(bytes: Uint8Array, name: string, use: (weights: WeightsFile) => T): Promise<T> {
  try {
    return use(openPlain(bytes))
  } catch (error) {
    if (!(error instanceof NotPlain)) throw error
  }
  return withLibrary(bytes, name, use)
}
