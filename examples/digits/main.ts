// The main job: loads a model that real Keras trained, shows what the compiler does to it, and checks every figure.

import { readFile } from 'node:fs/promises'
import { type Executable, type Graph, loadModel, type NDArray } from '../../lib/index.js'
import { splitPrepare } from '../../passes/index.js'
import { accuracyOf, largestDifference } from './check.js'
import { timeInterleaved } from './latency.js'
import { dim, heading, paragraph, table, verdict } from './report.js'
import { tfjsLayersTwin } from './tfjsTwin.js'

interface Facts {
  readonly keras: string
  readonly images: number
  readonly pixels: number
  readonly classes: number
  readonly scale: number
  readonly accuracy: number
  readonly credit: string
}

const here = (name: string) => new URL(name, import.meta.url)
const facts = JSON.parse(await readFile(here('digits.json'), 'utf8')) as Facts
const pixels = Float32Array.from(await readFile(here('images.bin')), value => value / facts.scale)
const labels = new Uint8Array(await readFile(here('labels.bin')))
const kerasBytes = await readFile(here('predictions.bin'))
const keras = new Float32Array(kerasBytes.buffer.slice(kerasBytes.byteOffset, kerasBytes.byteOffset + kerasBytes.byteLength))
/** The nodes of a graph that compute something. */
const computed = (graph: Graph) =>
  Object.values(graph.nodes).filter(({ op }) => op !== 'input' && op !== 'variable' && op !== 'constant').length
const checks: { readonly what: string; readonly ok: boolean }[] = []

heading('A digit classifier, trained in Keras, compiled by Kerafold')
paragraph(`${facts.images} held-out images of 8×8 pixels. ${facts.credit}`, dim)

heading('The model, as Keras saved it')
const net = await loadModel<NDArray>(here('digits.keras'))
net.summary({ lineLength: 80 })

heading('What the passes did')
const exe = await net.lower()
table(
  ['pass', 'nodes', 'ms', 'rules fired'],
  exe.steps.map(({ pass, nodesBefore, nodesAfter, ms, rules }) => [
    pass,
    nodesBefore === nodesAfter ? String(nodesAfter) : `${nodesBefore} → ${nodesAfter}`,
    ms.toFixed(1),
    Object.entries(rules)
      .map(([rule, count]) => (count === 1 ? rule : `${rule} ×${count}`))
      .join(', '),
  ]),
)
const fired = new Set(exe.steps.filter(step => Object.keys(step.rules).length > 0).map(step => step.pass))
const quiet = [...new Set(exe.steps.map(step => step.pass))].filter(pass => !fired.has(pass) && pass !== 'cse' && pass !== 'foldConstants')
checks.push({ what: 'every pass but cse and foldConstants found work', ok: quiet.length === 0 })

const { prepare, run: everyRun } = splitPrepare(exe.graph)
paragraph(
  `splitPrepare: ${computed(prepare)} nodes depend on weights alone and are computed once; every run computes ${computed(everyRun)}.`,
)
checks.push({ what: 'splitPrepare found what weights alone decide', ok: computed(prepare) > 0 })

heading('The backend')
paragraph(exe.why)

heading('Predictions against Keras')
const predictions = await net.predict(pixels)
const ours = predictions.data as Float32Array
const accuracy = accuracyOf(ours, labels, facts.classes)
const difference = largestDifference(ours, keras)
console.log(`accuracy            ${(100 * accuracy).toFixed(2)} %   ${dim(`Keras ${facts.keras}: ${(100 * facts.accuracy).toFixed(2)} %`)}`)
console.log(`largest difference  ${difference.toExponential(1)}  ${dim('from Keras, over all probabilities')}`)
checks.push({
  what: `accuracy ≥ Keras' ${(100 * facts.accuracy).toFixed(2)} % and ≥ 96.5 %`,
  ok: accuracy >= facts.accuracy && accuracy >= 0.965,
})
checks.push({ what: 'largest difference from Keras ≤ 1e-5', ok: difference <= 1e-5 })

heading('Latency of one image (medians, interleaved in one run)')
const plain = await net.lower({ passes: 'none' })
const peer = await tfjsLayersTwin(net)
const image = pixels.slice(0, facts.pixels)
checks.push({ what: 'tfjs-layers computes the same', ok: largestDifference(peer.predict(image), ours.subarray(0, facts.classes)) <= 1e-5 })
const run = (program: Executable) => () => void program.run(image)
const [optimised, unoptimised, tfjs] = timeInterleaved([run(exe), run(plain), () => void peer.predict(image)])
const row = (name: string, us: number) => [name, `${us.toFixed(1)} µs`, `${(us / optimised).toFixed(1)}×`]
table(
  ['', 'per image', ''],
  [
    row(`Kerafold, optimised (${exe.backend})`, optimised),
    row(`Kerafold, passes off (${plain.backend})`, unoptimised),
    row('tfjs-layers on WASM', tfjs),
  ],
)
// a quarter is left for the noise of a shared machine
checks.push({ what: 'the passes do not make it slower', ok: optimised < 1.25 * unoptimised })
checks.push({ what: 'faster than tfjs-layers', ok: optimised < tfjs })

heading('Checks')
for (const { what, ok } of checks) console.log(verdict(ok, what))
exe.dispose()
plain.dispose()
peer.dispose()
if (checks.some(({ ok }) => !ok)) process.exitCode = 1
