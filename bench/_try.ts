import { peerTable } from '/work/main/bench/peers/table.js'
import { workloads } from '/work/main/bench/workloads.js'
import { compare, inOrder, runRow } from '/work/main/bench/row.js'
for (const [name, make] of Object.entries(workloads)) {
  const t = performance.now()
  const c = await compare(make(name), inOrder(peerTable(process.argv[2] ?? 'wasm')))
  console.log(name, c.candidates.map(c => c.name).join(), c.maxAbsDiff, c.unavailable, c.mismatches, (performance.now()-t).toFixed())
}
