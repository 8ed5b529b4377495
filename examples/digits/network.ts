// One network of the main job: loads the file that Keras saved, shows what the compiler does to it, checks every figure.

import { readFile } from 'node:fs/promises'
import { type Executable, type Graph, loadModel, type NDArray } from '../../lib/index.js'
import { splitPrepare } from '../../passes/index.js'
import { accuracyOf, differentClasses, largestDifference } from './check.js'
import type { Images } from './images.js'
import { type Latency, timeInterleaved } from './latency.js'
import { dim, heading, paragraph, table } from './report.js'
import { tfjsLayersTwin } from './tfjsTwin.js'

export interface Network {
  readonly title: string
  /** Of the files beside this one: the model, Keras' predictions, and what Keras says of them. */
  readonly files: { readonly model: string; readonly predictions: string; readonly facts: string }
  /** The accuracy that is asked for, whatever Keras' own is. */
  readonly accuracy: number
  /** The passes that find nothing to do in this network, in the order in which they run. */
  readonly quiet: readonly string[]
}

export interface Check {
  readonly what: string
  readonly ok: boolean
}

interface Facts {
  readonly keras: string
  readonly accuracy: number
}

const here = (name: string) => new URL(name, import.meta.url)

/** The nodes of a graph that compute something. */
const computed = (graph: Graph) =>
  Object.values(graph.nodes).filter(({ op }) => op !== 'input' && op !== 'variable' && op !== 'constant').length

/** Prints all there is to see, and gives what was checked. */
export async function checkNetwork({ title, files, accuracy, quiet }: Network, images: Images): Promise<readonly Check[]> {
  const facts = JSON.parse(await readFile(here(files.facts), 'utf8')) as Facts
  const keras = await readFloats(files.predictions)
  heading(title)
  const net = await loadModel<NDArray>(here(files.model))
  net.summary({ lineLength: 80 })

  const exe = await net.lower()
  const checks = [...showPasses(exe, quiet)]
  const predictions = (await net.predict(images.pixels)).data as Float32Array
  checks.push(...comparePredictions(predictions, keras, facts, accuracy, images))

  const plain = await net.lower({ passes: 'none' })
  const peer = await tfjsLayersTwin(net)
  const image = images.pixels.slice(0, images.size)
  const first = predictions.subarray(0, images.classes)
  checks.push({ what: 'tfjs-layers computes the same', ok: largestDifference(peer.predict(image), first) <= 1e-5 })
  heading('Latency of one image (medians, interleaved in one run)')
  const run = (program: Executable) => () => void program.run(image)
  const [optimised, unoptimised, tfjs] = timeInterleaved([run(exe), run(plain), () => void peer.predict(image)])
  const row = (name: string, { us, ratio }: Latency) => [name, `${us.toFixed(1)} µs`, `${ratio.toFixed(1)}×`]
  table(
    ['', 'per image', ''],
    [
      row(`Kerafold, optimised (${exe.backend})`, optimised),
      row(`Kerafold, passes off (${plain.backend})`, unoptimised),
      row('tfjs-layers on WASM', tfjs),
    ],
  )
  // a quarter is left for the noise of a shared machine
  checks.push({ what: 'the passes do not make it slower', ok: unoptimised.ratio > 0.8 })
  checks.push({ what: 'faster than tfjs-layers', ok: tfjs.ratio > 1 })
  for (const disposable of [exe, plain, peer]) disposable.dispose()
  return checks
}

function showPasses(exe: Executable, quiet: readonly string[]): Check[] {
  heading('What the passes did')
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
  const idle = [...new Set(exe.steps.map(step => step.pass))].filter(pass => !fired.has(pass))
  const { prepare, run: everyRun } = splitPrepare(exe.graph)
  paragraph(
    `splitPrepare: ${computed(prepare)} nodes depend on weights alone and are computed once; every run computes ${computed(everyRun)}.`,
  )
  heading('The backend')
  paragraph(exe.why)
  return [
    { what: `every pass but ${quiet.join(', ')} found work`, ok: idle.join() === quiet.join() },
    { what: 'splitPrepare found what weights alone decide', ok: computed(prepare) > 0 },
  ]
}

function comparePredictions(ours: Float32Array, keras: Float32Array, facts: Facts, wanted: number, { labels, classes }: Images): Check[] {
  const accuracy = accuracyOf(ours, labels, classes)
  const difference = largestDifference(ours, keras)
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`
  heading('Predictions against Keras')
  console.log(`accuracy            ${percent(accuracy)}   ${dim(`Keras ${facts.keras}: ${percent(facts.accuracy)}`)}`)
  console.log(`largest difference  ${difference.toExponential(1)}  ${dim('from Keras, over all probabilities')}`)
  return [
    {
      what: `accuracy ≥ Keras' ${percent(facts.accuracy)} and ≥ ${percent(wanted)}`,
      ok: accuracy >= facts.accuracy && accuracy >= wanted,
    },
    { what: "Keras' class for every image", ok: differentClasses(ours, keras, classes) === 0 },
    { what: 'largest difference from Keras ≤ 1e-5', ok: difference <= 1e-5 },
  ]
}

async function readFloats(name: string): Promise<Float32Array> {
  const bytes = await readFile(here(name))
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
}
