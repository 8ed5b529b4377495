// The worker of the fuzz test: loads each model it is sent and reports how that ended.

import { parentPort } from 'node:worker_threads'
import { KerafoldError } from '../../../lib/ir/errors.js'
import { configure } from '../../../lib/layers/settings.js'
import { loadModel } from '../../../lib/models/loadModel.js'

export interface Report {
  readonly end: 'model' | 'typed error' | 'other error'
  readonly message: string
  readonly ms: number
}

export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array
}

/** A file, or the files of a model that lies in several. */
export type FuzzedFile = Uint8Array | readonly NamedBytes[]

configure({ warn: () => {} })

async function load(file: FuzzedFile): Promise<Report> {
  const start = performance.now()
  const report = (end: Report['end'], message: string): Report => ({ end, message, ms: performance.now() - start })
  try {
    const model = await loadModel(file instanceof Uint8Array ? file : file.map(({ name, bytes }) => new File([bytes.slice()], name)))
    return report('model', model.name)
  } catch (error) {
    if (error instanceof KerafoldError) return report('typed error', `${error.name}: ${error.message}`)
    return report('other error', error instanceof Error ? `${error.stack}` : String(error))
  }
}

parentPort?.on('message', (file: FuzzedFile) => {
  load(file).then(report => parentPort?.postMessage(report))
})
