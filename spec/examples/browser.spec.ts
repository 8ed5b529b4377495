// The browser example: bundled by Vite, given a model that Keras saved, on the page's thread and in a worker.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { openBrowser, type Site, serve } from '../support/browser.js'
import { skipBecause } from '../support/skip.js'

const run = promisify(execFile)
const at = (path: string): string => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url))

describe('the browser example', function () {
  this.timeout(300_000)
  let browser: Browser | undefined
  let site: Site | undefined
  let folder = ''
  let page: Page

  before(async function () {
    browser = await openBrowser(this)
    const options = { cwd: at('browser'), env: { ...process.env, NODE_OPTIONS: '' } }
    if (!existsSync(at('browser/node_modules/vite'))) {
      await run('npm', ['ci', '--no-audit', '--no-fund'], options).catch(() => skipBecause(this, 'Vite cannot be installed'))
    }
    folder = await mkdtemp(join(tmpdir(), 'kerafold-vite-'))
    await run(
      process.execPath,
      ['node_modules/vite/bin/vite.js', 'build', '--outDir', folder, '--emptyOutDir', '--logLevel', 'error'],
      options,
    )
    const files: Record<string, Uint8Array> = {}
    for (const name of await readdir(folder, { recursive: true })) {
      if (/\.(html|js|wasm)$/.test(name)) files[name] = await readFile(join(folder, name))
    }
    site = await serve(files)
    page = await browser.newPage()
  })
  after(async () => {
    await browser?.close()
    site?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** What the page shows of the digits model for one image. */
  const shown = async (where: 'page' | 'worker', give: () => Promise<void>) => {
    await page.goto(site?.url ?? '')
    await page.locator(`input[value=${where}]`).check()
    const image = (await readFile(at('digits/images.bin'))).subarray(0, 64)
    await page.getByRole('textbox').fill(JSON.stringify({ pixels: [Array.from(image, value => value / 16)] }))
    await give()
    await page.waitForFunction(() =>
      /predict|!/.test(`${document.getElementById('status')?.textContent}${document.getElementById('problem')?.textContent && '!'}`),
    )
    const text = (id: string) => page.locator(`#${id}`).textContent()
    assert.equal(await text('problem'), '')
    return { summary: await text('summary'), explained: await text('explained'), predictions: await text('predictions') }
  }
  const choose = () => page.locator('#file').setInputFiles(at('digits/digits.keras'))
  const dropFile = async (): Promise<void> => {
    const bytes = (await readFile(at('digits/digits.keras'))).toString('base64')
    await page.evaluate(text => {
      const transfer = new DataTransfer()
      transfer.items.add(new File([Uint8Array.from(atob(text), character => character.charCodeAt(0))], 'digits.keras'))
      document.getElementById('drop')?.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }))
    }, bytes)
  }

  for (const [where, how, give] of [
    ['page', 'chosen', choose],
    ['worker', 'dropped', dropFile],
  ] as const) {
    it(`shows a ${how} model and predicts as Keras does, ${where === 'page' ? "on the page's thread" : 'in a worker'}`, async () => {
      const { summary, explained, predictions } = await shown(where, give)
      assert.match(summary ?? '', /Total params/)
      assert.match(explained ?? '', /on jit: \d+ nodes as traced, \d+ as optimised/)
      const { digit } = JSON.parse(predictions ?? '') as { digit: number[] }
      const bytes = await readFile(at('digits/predictions.bin'))
      const keras = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 40))
      assert.equal(digit.length, 10)
      for (const [k, value] of digit.entries()) assert.ok(Math.abs(value - (keras[k] as number)) <= 1e-5, `class ${k}`)
    })
  }

  it('says what is wrong with a file that is no model', async () => {
    for (const where of ['page', 'worker']) {
      await page.goto(site?.url ?? '')
      await page.locator(`input[value=${where}]`).check()
      await page.locator('#file').setInputFiles({ name: 'no.keras', mimeType: '', buffer: Buffer.from('no model') })
      await page.waitForFunction(() => document.getElementById('problem')?.textContent !== '')
      assert.match((await page.locator('#problem').textContent()) ?? '', /no\.keras is no \.keras file/)
    }
  })

  it('downloads what it shows, and the HDF5 library when a file needs it', async () => {
    const sizes = new Map<string, number>()
    for (const name of await readdir(join(folder, 'assets')))
      sizes.set(name, gzipSync(await readFile(join(folder, 'assets', name)), { level: 9 }).length)
    const rows = [...sizes].sort(([, a], [, b]) => b - a)
    for (const [name, bytes] of rows.slice(0, 5)) console.log(`      ${name}: ${(bytes / 1000).toFixed(1)} kB gzipped`)
    const entry = rows.find(([name]) => /^index-.*\.js$/.test(name))
    assert.ok(entry && entry[1] <= 150_000, `the page's own script has ${entry?.[1]} bytes gzipped`)
  })
})
