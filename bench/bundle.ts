// What a page downloads of an entry point: esbuild's bundle, minified, and the sources that are in it.

import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

export interface Bundled {
  /** Bytes after gzip of the chunks that load at once: what is behind import() and not needed never comes. */
  readonly gzipped: number
  /** Their sources by path from the root of the project; minified bytes of each. */
  readonly sources: Readonly<Record<string, number>>
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** The page of the example, which needs only one chunk: its network has no op from a family that is loaded on demand. */
export const exampleEntry = { entryPoints: [join(root, 'examples/browser/mlp.ts')] }

export async function bundle(entry: { entryPoints: string[] } | { stdin: { contents: string; resolveDir: string } }): Promise<Bundled> {
  const { outputFiles, metafile } = await build({
    ...entry,
    absWorkingDir: root,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: ['esbuild'], // the sources make the tfjs bundles with it, behind import()
    conditions: ['kerafold-source'],
    outdir: 'out',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const files = new Map(outputFiles.map(({ path, contents }) => [path, contents]))
  const { outputs } = metafile
  const isEntry = (path: string): boolean => {
    const { entryPoint } = outputs[path] ?? {}
    return entryPoint === '<stdin>' || ('entryPoints' in entry && entry.entryPoints.includes(join(root, entryPoint ?? '')))
  }
  const loaded = new Set(Object.keys(outputs).filter(isEntry))
  for (const path of loaded)
    for (const { path: next, kind } of outputs[path]?.imports ?? []) if (kind === 'import-statement') loaded.add(next)
  const sources: Record<string, number> = {}
  let gzipped = 0
  for (const path of loaded) {
    gzipped += gzipSync(files.get(join(root, path)) ?? new Uint8Array(), { level: 9 }).length
    for (const [source, { bytesInOutput }] of Object.entries(outputs[path]?.inputs ?? {}))
      if (bytesInOutput > 0) sources[source] = bytesInOutput
  }
  return { gzipped, sources }
}
