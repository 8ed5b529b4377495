// Run by the build: the package for Node, its modules in few files. Node takes longer to find hundreds than to run them.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** tfjs' kernels stay where `writeBundles.ts` has put them: megabytes behind `import()`. */
const tfjsBundles: Plugin = {
  name: 'tfjs bundles',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/bundles\// }, ({ path }) => ({ path: `../backends/tfjs/${path.slice(2)}`, external: true }))
  },
}

/**
 * Bundles the entries that the build has put into `dist`, in `dist/node`. What comes by `import()` has chunks of its own, and
 * nothing is renamed, so that stacks can be read. Bundlers for browsers take the modules one by one.
 */
export async function bundleForNode(dist: string): Promise<void> {
  const outdir = join(dist, 'node')
  await rm(outdir, { recursive: true, force: true }) // names of chunks tell their contents
  await build({
    absWorkingDir: dist,
    entryPoints: { index: 'lib/index.js', passes: 'passes/index.js', backends: 'backends/index.js', cli: 'lib/cli.js' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    plugins: [tfjsBundles],
    logLevel: 'warning',
  })
}

if (process.argv[1]?.endsWith('nodeBundle.ts')) await bundleForNode(fileURLToPath(new URL('../dist', import.meta.url)))
