// jax-js on its WASM backend, for chains of dense layers: one jitted function, through dataSync.

import type { Peer } from '../peer.js'

/** What is used of its API; the package is not there when the sources are type-checked. */
interface JaxArray {
  /** One more owner: functions consume their arguments. */
  readonly ref: JaxArray
  dataSync(): Float32Array
}
interface Jax {
  init(device: 'wasm'): Promise<unknown>
  defaultDevice(device: 'wasm'): unknown
  jit(f: (x: JaxArray, weights: readonly JaxArray[]) => JaxArray): (x: JaxArray, weights: readonly JaxArray[]) => JaxArray
  readonly numpy: {
    array(values: Float32Array, options: { readonly shape: readonly number[] }): JaxArray
    matmul(x: JaxArray, y: JaxArray): JaxArray
    add(x: JaxArray, y: JaxArray): JaxArray
  }
  readonly nn: { relu(x: JaxArray): JaxArray; softmax(x: JaxArray): JaxArray }
}

const packageName: string = '@jax-js/jax'

export const jaxjsPeer: Peer = {
  name: 'jaxjs',
  async model({ batch, shape: row, steps, x }) {
    const dense = steps.flatMap(step => (step.kind === 'dense' ? [step] : []))
    if (dense.length < steps.length) return { unavailable: 'measured on dense rows only' }
    const jax: Jax = await import(packageName)
    const { numpy, nn } = jax
    return async () => {
      await jax.init('wasm')
      jax.defaultDevice('wasm')
      const weights = dense.flatMap(step => step.weights.map(({ data, shape }) => numpy.array(data, { shape })))
      const forward = jax.jit((input, given) => {
        const rest = [...given]
        return dense.reduce((value, { activation, weights: { length } }) => {
          const product = numpy.matmul(value, rest.shift() as JaxArray)
          const sum = length > 1 ? numpy.add(product, rest.shift() as JaxArray) : product
          return activation ? nn[activation](sum) : sum
        }, input)
      })
      return () =>
        forward(
          numpy.array(x, { shape: [batch, ...row] }),
          weights.map(weight => weight.ref),
        ).dataSync()
    }
  },
}
