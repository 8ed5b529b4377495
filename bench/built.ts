// Kerafold as its users have it: JavaScript, bundled for Node, in a package of its own for as long as it is needed.

import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundleForNode } from '../scripts/nodeBundle.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const entryPoints = ['lib/**/*.ts', 'passes/**/*.ts', 'backends/**/*.ts', 'bench/*.ts', 'bench/peers/*.ts']

/** Gives `use` the folder that stands for `dist`, with the bench beside the library, whose door is that of the bundle. */
export async function withBuilt<T>(use: (dist: string) => Promise<T>): Promise<T> {
  return withModules(async dist => {
    await bundleForNode(dist)
    await writeFile(join(dist, 'lib/index.js'), "export * from '../node/index.js'\n")
    return use(dist)
  })
}

/**
 * Gives `use` a `dist` that is not bundled. Types are taken out as `npm run build` does it, file by file: a process that
 * starts from sources would spend its time with translating what it imports.
 */
export async function withModules<T>(use: (dist: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'kerafold-built-'))
  try {
    const dist = join(folder, 'dist')
    await build({ absWorkingDir: root, entryPoints, outbase: root, outdir: dist, bundle: false, format: 'esm', target: 'es2022' })
    await copyFile(join(root, 'package.json'), join(folder, 'package.json'))
    for (const [at, packages] of [
      [folder, root],
      [join(dist, 'bench'), join(root, 'bench')],
    ] as const)
      await symlink(join(packages, 'node_modules'), join(at, 'node_modules'))
    return await use(dist)
  } finally {
    await rm(folder, { recursive: true })
  }
}
