// Writes lib/export/texts.ts: what ships with exported models, bundled and minified from lib/export/shipped.

import { writeFileSync } from 'node:fs'
import { build } from 'esbuild'

/** Each text by name, and the source that it is made from. */
const sources = { modelText: 'model.ts', pageText: 'page.ts' } as const

async function bundle(file: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL(`../lib/export/shipped/${file}`, import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    write: false,
    logLevel: 'silent',
  })
  return (outputFiles[0]?.text ?? '').trimEnd()
}

/** The whole module. */
export async function textsModule(): Promise<string> {
  const texts = await Promise.all(
    Object.entries(sources).map(async ([name, file]) => `export const ${name} =\n  ${JSON.stringify(await bundle(file))}\n`),
  )
  return ['// Written by `npm run shipped` from lib/export/shipped, minified; the suite compares.\n', ...texts].join('\n')
}

export const target = new URL('../lib/export/texts.ts', import.meta.url)

if (process.argv[1]?.endsWith('shippedTexts.ts')) writeFileSync(target, await textsModule())
