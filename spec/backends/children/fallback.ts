// Runs a small CNN where something is missing; prints the backend, why it was chosen, and the predictions, as JSON.

import { register } from 'node:module'

/** What a platform can lack. */
const absences: Readonly<Record<string, () => void>> = {
  WebAssembly() {
    Reflect.deleteProperty(globalThis, 'WebAssembly')
  },
  SIMD() {
    const { validate } = WebAssembly
    WebAssembly.validate = bytes => new Uint8Array(bytes as ArrayBuffer).length <= 8 && validate(bytes)
  },
  /** A content security policy without 'wasm-unsafe-eval'. */
  compiling() {
    const refuse = (): never => {
      throw new WebAssembly.CompileError('refused to compile: the content security policy does not allow it')
    }
    Object.assign(WebAssembly, {
      Module: function Module() {
        refuse()
      },
      compile: async () => refuse(),
      instantiate: async () => refuse(),
    })
  },
  /** As if the files of the tfjs backends were not there. */
  tfjs() {
    const hook = `export async function load(url, context, next) {
      if (/backends\\/tfjs\\/bundles/.test(url)) throw new Error("Cannot find package '@tensorflow'")
      return next(url, context)
    }`
    register(`data:text/javascript,${encodeURIComponent(hook)}`)
  },
}

for (const name of process.argv.slice(2)) absences[name]?.()
const { clearSession, input, layers, sequential, setRandomSeed } = await import('../../../lib/index.js')

clearSession()
setRandomSeed(7)
const net = sequential({
  layers: [
    input({ shape: [9, 7, 3] }),
    layers.conv2d({ filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
    layers.maxPooling2d({ poolSize: 2 }),
    layers.depthwiseConv2d({ kernelSize: 2 }),
    layers.batchNormalization(),
    layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
    layers.flatten(),
    layers.dense({ units: 4, activation: 'softmax' }),
  ],
})
const exe = await net.lower()
const x = Float32Array.from({ length: 2 * 9 * 7 * 3 }, (_, k) => Math.sin(k))
const predictions = await net.predict(x)
const y = Array.isArray(predictions) ? predictions[0] : predictions
process.stdout.write(JSON.stringify({ backend: exe.backend, why: exe.why, y: [...y.data] }))
