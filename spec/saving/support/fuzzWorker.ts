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

configure({ warn: () => {} })

async function load(bytes: Uint8Array): Promise<Report> {
  const start = performance.now()
  const report = (end: Report['end'], message: string): Report => ({ end, message, ms: performance.now() - start })
  try {
    const model = await loadModel(bytes)
    return report('model', model.name)
  } catch (error) {
    if (error instanceof KerafoldError) return report('typed error', `${error.name}: ${error.message}`)
    return report('other error', error instanceof Error ? `${error.stack}` : String(error))
  }
}

parentPort?.on('message', (bytes: Uint8Array) => {
  load(bytes).then(report => parentPort?.postMessage(report))
})
