// What a page downloads of an entry point: the chunks of esbuild's bundle, minified, that its code loads when it runs.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

export interface Bundled {
  /** Bytes after gzip of the chunks that load at once, or once `use` asks for them: what is behind import() and not needed never comes. */
  readonly gzipped: number
  readonly chunks: number
  /** Their sources by path from the root of the project; minified bytes of each. */
  readonly sources: Readonly<Record<string, number>>
}

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** An entry point, and code that runs in a process of its own with the entry's exports as `page`. */
export type Entry = ({ readonly entryPoints: string[] } | { readonly stdin: { contents: string; resolveDir: string } }) & {
  readonly use?: string
}

/** The page of the example as a user meets it: weights set, compiled, one picture classified. */
export const exampleEntry = {
  entryPoints: [join(root, 'examples/browser/mlp.ts')],
  use: `
    const sizes = [784, 512, 256, 10]
    const weights = sizes.slice(1).flatMap((size, k) => [new Float32Array(sizes[k] * size).fill(0.01), new Float32Array(size)])
    const classify = await page.classifier(weights)
    const sum = classify(new Float32Array(784).fill(1)).reduce((total, p) => total + p, 0)
    if (!(Math.abs(sum - 1) < 1e-3)) throw new Error('the probabilities add up to ' + sum)`,
} satisfies Entry

export async function bundle({ use, ...entry }: Entry): Promise<Bundled> {
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
  const [entryPath = ''] = Object.keys(outputs).filter(isEntry)
  const loaded = new Set([entryPath])
  if (use !== undefined) for (const name of chunksLoadedBy(use, entryPath, files)) loaded.add(join('out', name))
  for (const path of loaded)
    for (const { path: next, kind } of outputs[path]?.imports ?? []) if (kind === 'import-statement') loaded.add(next)
  const sources: Record<string, number> = {}
  let gzipped = 0
  for (const path of loaded) {
    gzipped += gzipSync(files.get(join(root, path)) ?? new Uint8Array(), { level: 9 }).length
    for (const [source, { bytesInOutput }] of Object.entries(outputs[path]?.inputs ?? {}))
      if (bytesInOutput > 0) sources[source] = bytesInOutput
  }
  return { gzipped, chunks: loaded.size, sources }
}

/** The names of the chunks that Node loads when it imports the entry and runs the code. */
function chunksLoadedBy(use: string, entryPath: string, files: ReadonlyMap<string, Uint8Array>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'))
  try {
    const chunks = join(folder, 'out')
    mkdirSync(chunks)
    writeFileSync(join(chunks, 'package.json'), '{ "type": "module" }')
    for (const [path, contents] of files) writeFileSync(join(chunks, basename(path)), contents)
    const log = join(folder, 'log')
    const page = pathToFileURL(join(chunks, basename(entryPath))).href
    const options = [`--import=${pathToFileURL(join(root, 'bench/loadLog.mjs')).href}`, '--input-type=module']
    execFileSync(process.execPath, [...options, '--eval', `const page = await import(${JSON.stringify(page)})\n${use}`], {
      stdio: 'pipe',
      env: { ...process.env, LOAD_LOG: log, NODE_OPTIONS: '' },
    })
    const prefix = pathToFileURL(`${chunks}/`).href
    const urls = readFileSync(log, 'utf8').split('\n')
    return urls.flatMap(url => (url.startsWith(prefix) ? [url.slice(prefix.length)] : []))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
