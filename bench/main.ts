// The bench: Kerafold beside its peers, in one run, on the same weights. Fails when outputs differ.

import { type Selection, selectBackend } from '../backends/select.js'
import { platform } from '../lib/platform/node.js'
import { measureBytes, measureModule, measurePage } from './bytes.js'
import { coldFileRow, coldRow } from './coldStart.js'
import { clocks, defaultOptions } from './harness.js'
import { installPeers } from './install.js'
import { type Options, readOptions, usage } from './options.js'
import { firstLine } from './peer.js'
import { peerTable } from './peers/table.js'
import { runRelaxed } from './relaxed.js'
import { printHead, printRow, type SizedRow, toJson } from './report.js'
import { emptyRow, inOrder, runRow, withGflops } from './row.js'
import { productFlops, type WorkloadName, workloads } from './workloads.js'

const timedRow = async (name: WorkloadName, { backend, rounds, clock }: Options) =>
  runRow(workloads[name](name), inOrder(peerTable(backend)), { ...defaultOptions, rounds, now: clocks[clock] })

/** Every row by name, in the order of the table. */
const rows: Readonly<Record<string, (name: string, options: Options) => Promise<SizedRow>>> = {
  ...Object.fromEntries(
    Object.keys(workloads).map(key => [key, (name: string, options: Options) => timedRow(name as WorkloadName, options)]),
  ),
  mlp16: async (_name, options) => ({ ...(await timedRow('mlp16', options)), page: await measurePage('mlp16') }),
  matmul512: async (name, options) => withGflops(await timedRow('matmul512', options), productFlops(workloads.matmul512(name))),
  'first-result-mlp': (name, { backend, rounds }) => coldRow(name, 'mlp784-b1', backend, Math.min(rounds, 5)),
  'first-result-mobilenetv1': (name, { backend, rounds }) => coldRow(name, 'mobilenetv1-b1', backend, Math.min(rounds, 3)),
  'first-result-mobilenetv1-file': (name, { backend, rounds }) => coldFileRow(name, 'mobilenetv1-b1', backend, Math.min(rounds, 5)),
  bytes: async name => ({ ...emptyRow(name), bytes: await measureBytes() }),
  'bytes-mobilenetv1': async name => ({ ...emptyRow(name), bytes: await measureModule('mobilenetv1-b1') }),
}

const help = `${usage}${Object.keys(rows).join(', ')}`

async function main(argv: readonly string[]): Promise<number> {
  let options: Options
  try {
    options = readOptions(argv, Object.keys(rows))
  } catch (error) {
    console.error(`${firstLine(error)}\n\n${help}`)
    return 2
  }
  if (options.help) {
    console.log(help)
    return 0
  }
  if (options.relaxed) return runRelaxed(options)
  let chosen: Selection
  try {
    chosen = await selectBackend(options.backend, { platform: platform() })
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    return 2
  }
  const { backend } = chosen
  installPeers()
  if (!options.json) printHead(backend.name, options.clock)
  let failed = false
  for (const name of options.rows) {
    const row = await rows[name]?.(name, { ...options, backend: backend.name })
    if (!row) continue
    if (options.json) console.log(toJson(row))
    else printRow(row)
    for (const mismatch of options.json ? row.mismatches : []) console.error(`${name}: ${mismatch}`)
    failed ||= row.mismatches.length > 0
  }
  return failed ? 1 : 0
}

process.exitCode = await main(process.argv.slice(2))
