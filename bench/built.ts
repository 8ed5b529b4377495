// Kerafold as its users have it: JavaScript, one file for each source, in a package of its own for as long as it is needed.

import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const entryPoints = ['lib/**/*.ts', 'passes/**/*.ts', 'backends/**/*.ts', 'bench/*.ts', 'bench/peers/*.ts']

/**
 * Gives `use` the folder that stands for `dist`, with the bench beside the library. Types are taken out as `npm run build`
 * does it, file by file: a process that starts from sources would spend its time with translating what it imports.
 */
export async function withBuilt<T>(use: (dist: string) => Promise<T>): Promise<T> {
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
