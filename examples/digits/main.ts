// The main job: two networks that real Keras trained, dense and convolutional, compiled, compared with Keras and timed.

import { readImages } from './images.js'
import { type Check, checkNetwork, type Network } from './network.js'
import { dim, heading, paragraph, verdict } from './report.js'

const networks: readonly Network[] = [
  {
    title: 'A dense network, as Keras saved it',
    files: { model: 'digits.keras', predictions: 'predictions.bin', facts: 'digits.json' },
    accuracy: 0.965,
    quiet: ['sinkTransposes', 'foldConstants', 'absorbPadding'],
  },
  {
    title: 'A convolutional network, as Keras saved it',
    files: { model: 'cnn.keras', predictions: 'cnn_predictions.bin', facts: 'cnn.json' },
    accuracy: 0.985,
    quiet: ['sinkTransposes', 'simplify', 'foldConstants'],
  },
]

const images = await readImages()
heading('Digit classifiers, trained in Keras, compiled by Kerafold')
paragraph(`${images.count} held-out images of 8×8 pixels. ${images.credit}`, dim)
const results: { readonly title: string; readonly checks: readonly Check[] }[] = []
for (const network of networks) results.push({ title: network.title, checks: await checkNetwork(network, images) })
for (const { title, checks } of results) {
  heading(`Checks: ${title.charAt(0).toLowerCase()}${title.slice(1)}`)
  for (const { what, ok } of checks) console.log(verdict(ok, what))
}
if (results.some(({ checks }) => checks.some(({ ok }) => !ok))) process.exitCode = 1
