// How esbuild makes each private bundle of tfjs code: entry text and options, for the source and for the build alike.
import type { BuildOptions } from 'esbuild'

export type BundleName = 'cpu' | 'wasm' | 'simd' | 'scalar'

/**
 * tfjs keeps one engine, one kernel registry and one set of flags per *global object*, and each WASM kernel keeps its
 * entry point in a module variable that the next `setBackend('wasm')` of the page overwrites. Only a copy of the code
 * that sees another global object is private. These declarations are that object; they also hide `process`, on
 * which Emscripten's start-up code would install handlers, and every way to look for files.
 */
const privateWorld = [
  '/* TensorFlow.js, Copyright Google LLC, Apache License 2.0 (apache.org/licenses/LICENSE-2.0); notices at the end. */',
  'const global = {}',
  'let window, self, process, document, importScripts, require, module, exports, define, __filename, __dirname',
].join('\n')

/** For both kernel sets. The platform stands for Node or the browser; kernels ask it what a typed array is. */
const common = `
  import { env, getKernelsForBackend } from '@tensorflow/tfjs-core'
  env().setPlatform('kerafold', { isTypedArray: value => ArrayBuffer.isView(value) && !(value instanceof DataView) })`

const entries = {
  cpu: `${common}
    import '@tensorflow/tfjs-backend-cpu/dist/register_all_kernels.js'
    export { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu/dist/backend_cpu.js'
    export const kernels = getKernelsForBackend('cpu')`,
  wasm: `${common}
    import '@tensorflow/tfjs-backend-wasm/dist/register_all_kernels.js'
    export { default as wasmFactory } from '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm.js'
    export const kernels = getKernelsForBackend('wasm')`,
  // Base64 text rather than a file beside the module: it needs no path set-up, in Node or in any bundler.
  simd: `export { default as binary } from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm'`,
  scalar: `export { default as binary } from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm'`,
} satisfies Record<BundleName, string>

export const bundleNames = Object.keys(entries) as BundleName[]

/** Options under which esbuild writes bundle `name` as one ES module that imports nothing. */
export function recipe(name: BundleName): BuildOptions {
  return {
    stdin: { contents: entries[name], resolveDir: import.meta.dirname, sourcefile: `tfjs/${name}.js` },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    loader: { '.wasm': 'binary' },
    // The core without what it does to its importer: gradients, chained ops, file readers.
    alias: { '@tensorflow/tfjs-core': '@tensorflow/tfjs-core/dist/base.js' },
    // Named in code that the private world never reaches.
    external: ['fs', 'path', 'crypto'],
    banner: { js: privateWorld },
    legalComments: 'eof',
    logLevel: 'error',
  }
}
