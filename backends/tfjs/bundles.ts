// Imports our private copies of tfjs code, bundled in memory; `writeBundles.ts` puts finished ones in this file's place.
import type { CpuBundle } from './cpuEngine.js'
import { type BundleName, recipe } from './recipes.js'
import type { WasmBundle } from './wasmEngine.js'

interface Bundles {
  cpu: CpuBundle
  wasm: WasmBundle
  simd: { readonly binary: Uint8Array<ArrayBuffer> }
  scalar: { readonly binary: Uint8Array<ArrayBuffer> }
}

/** Each bundle is evaluated once per process: a kernel set serves one engine. */
export const importBundle: { readonly [Name in BundleName]: () => Promise<Bundles[Name]> } = {
  cpu: () => bundleInMemory('cpu'),
  wasm: () => bundleInMemory('wasm'),
  simd: () => bundleInMemory('simd'),
  scalar: () => bundleInMemory('scalar'),
}

async function bundleInMemory<Name extends BundleName>(name: Name): Promise<Bundles[Name]> {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({ ...recipe(name), write: false })
  // The name keeps a megabyte of URL out of every stack trace.
  const source = `${outputFiles[0]?.text}\n//# sourceURL=kerafold/tfjs/${name}.js`
  return import(`data:text/javascript;base64,${btoa(source)}`)
}
