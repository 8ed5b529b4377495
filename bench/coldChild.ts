// A cold process: times from a workload's model object, or from a file, to the first result. Prints { us, values } as JSON.

import { type PeerName, peerNames } from './peer.js'
import { kerafoldFilePeer } from './peers/kerafold.js'
import { peerTable } from './peers/table.js'
import { arranged } from './row.js'
import { type WorkloadName, workloads } from './workloads.js'

const [name, backend = 'auto', row = '', file] = process.argv.slice(2)
if (!Object.hasOwn(workloads, row)) throw new Error(`there is no workload ${row}`)
const known = peerNames.find(peer => peer === name)
if (!known) throw new Error(`there is no peer ${String(name)}`)
console.log(JSON.stringify(await firstResult(known)))

async function firstResult(peer: PeerName): Promise<object> {
  const chosen = file === undefined ? peerTable(backend)[peer] : kerafoldFilePeer(backend, file)
  const model = await chosen.model(workloads[row as WorkloadName](row))
  if (typeof model !== 'function') return model
  const start = performance.now()
  const run = await model()
  const values = await run()
  const us = (performance.now() - start) * 1000
  return { us, values: [...arranged(run, values)] }
}
