// Run by the build: writes the private tfjs bundles to the folder named on the command line, and the module that imports them.
import { build } from 'esbuild'
import { bundleNames, recipe } from './recipes.js'

const folder = process.argv[2]
if (!folder) {
  throw new Error('usage: writeBundles <dist/backends/tfjs>')
}
await Promise.all([
  ...bundleNames.map(name => build({ ...recipe(name), outfile: `${folder}/bundles/${name}.js` })),
  build({
    stdin: {
      contents: `export const importBundle = {\n${bundleNames.map(name => `  ${name}: () => import('./bundles/${name}.js'),\n`).join('')}}\n`,
    },
    outfile: `${folder}/bundles.js`,
  }),
])
