// A module to --import: writes the URL of every module that is loaded afterwards to the file in LOAD_LOG.

import { appendFileSync } from 'node:fs'
import { register } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) register(import.meta.url)

export async function load(url, context, nextLoad) {
  appendFileSync(process.env.LOAD_LOG, `${url}\n`)
  return nextLoad(url, context)
}
