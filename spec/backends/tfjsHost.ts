// A host application that uses tfjs itself, and what of it a second user of tfjs could disturb.
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import '@tensorflow/tfjs-backend-wasm'

export { tf }

/** Everything that must be the same before and after our engines are loaded and used. */
export function hostState() {
  const { state, registry, registryFactory } = tf.engine()
  return {
    backend: tf.getBackend(),
    memory: tf.memory(),
    tensors: state.numTensors,
    backends: Object.keys(registry),
    factories: Object.entries(registryFactory).map(([name, { factory, priority }]) => ({ name, factory, priority })),
    kernels: ['cpu', 'wasm'].flatMap(name => tf.getKernelsForBackend(name).map(config => config.kernelFunc)),
    flags: tf.env().getFlags(),
    platform: tf.env().platformName,
    globals: Reflect.ownKeys(globalThis),
    listeners: process.eventNames().map(event => [event, process.listenerCount(event)]),
  }
}
