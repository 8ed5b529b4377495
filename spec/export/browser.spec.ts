// Exported modules in Chromium: on the page, in a worker, and as a page of their own that asks nobody for anything.

import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { exportModel, input, layers, loadModel, model } from '../../lib/index.js'
import type { BaseModel } from '../../lib/models/baseModel.js'
import { openBrowser, type Site, serve } from '../support/browser.js'
import { drawDigit } from '../support/drawDigit.js'
import { assertSameBits, type ExportCase, sampleCases } from './cases.js'

const digits = () => loadModel(new URL('../../examples/digits/digits.keras', import.meta.url))

/** Runs in the page, or as a worker's module: gives the outputs of each case as lists of 32-bit words. */
const runCases = `
import { load } from '/model.js'
export async function run(cases) {
  const results = []
  for (const { path, inputs } of cases) {
    const model = await load({ url: path })
    const outputs = Object.entries(model.run(inputs)).map(([name, data]) => [name, [...new Int32Array(data.buffer)]])
    results.push(Object.fromEntries(outputs))
  }
  return results
}`
const worker = `
import { run } from '/run.js'
onmessage = async ({ data }) => postMessage(await run(data))`

describe('exported modules in Chromium', function () {
  this.timeout(120_000)
  let browser: Browser | undefined
  let folder = ''

  before(async function () {
    browser = await openBrowser(this)
    folder = await mkdtemp(join(tmpdir(), 'kerafold-page-'))
  })
  after(async () => {
    await browser?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const newPage = async (size = { width: 800, height: 600 }): Promise<Page> => (browser as Browser).newPage({ viewport: size })

  describe("give the jit's bits", () => {
    let cases: ExportCase[] = []
    let site: Site | undefined
    before(async () => {
      cases = await sampleCases(15)
      const { files } = await exportModel(await digits())
      const wasm = cases.map((made, k) => [`${k}.wasm`, made.wasm])
      site = await serve({ ...files, 'run.js': runCases, 'worker.js': worker, ...Object.fromEntries(wasm) })
    })
    after(() => site?.close())

    const check = (results: readonly Record<string, number[]>[]): void => {
      assert.equal(results.length, cases.length)
      for (const [k, made] of cases.entries()) {
        const outputs = made.description.outputs.map(({ name, dtype }) => {
          const words = Int32Array.from(results[k]?.[name] ?? [])
          return [name, dtype === 'float32' ? new Float32Array(words.buffer) : words]
        })
        assertSameBits(Object.fromEntries(outputs), made)
      }
    }
    const given = () =>
      cases.map(({ inputs }, k) => ({
        path: `/${k}.wasm`,
        inputs: Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, [...data]])),
      }))

    it('on the page', async () => {
      const page = await newPage()
      await page.goto(site?.url ?? '')
      check(await page.evaluate(async list => (await import(String('/run.js'))).run(list), given()))
      await page.close()
    })

    it('in a worker', async () => {
      const page = await newPage()
      await page.goto(site?.url ?? '')
      const inWorker = (list: ReturnType<typeof given>): Promise<Record<string, number[]>[]> =>
        new Promise((resolve, reject) => {
          const made = new Worker('/worker.js', { type: 'module' })
          made.onmessage = ({ data }) => resolve(data)
          made.onerror = ({ message }) => reject(new Error(message))
          made.postMessage(list)
        })
      check(await page.evaluate(inWorker, given()))
      await page.close()
    })
  })

  describe('the page', () => {
    /** Opens a model's page from a file, and notes what it asks for and complains of. */
    const open = async (net: BaseModel<unknown>, size?: { width: number; height: number }) => {
      const { files } = await exportModel(net, { html: true })
      const file = join(folder, `${net.name}.html`)
      await writeFile(file, files['model.html'] ?? '')
      const page = await newPage(size)
      const [requests, problems]: [string[], string[]] = [[], []]
      page.on('request', request => requests.push(request.url()))
      page.on('pageerror', error => problems.push(error.message))
      page.on('console', message => problems.push(message.text()))
      await page.goto(pathToFileURL(file).href)
      await page.locator('main').waitFor()
      return { page, requests, problems }
    }

    it('recognises digits that are drawn, and asks no network', async () => {
      const { page, requests, problems } = await open(await digits())
      const seen: (string | null)[] = []
      for (let digit = 0; digit < 10; digit++) {
        await drawDigit(page, digit)
        seen.push(await page.locator('.best').textContent())
        assert.match((await page.locator('.time').textContent()) ?? '', /^[\d.]+ µs per inference$/)
      }
      const right = seen.filter((best, digit) => best === String(digit)).length
      assert.ok(right >= 9, `seen as ${seen.join(' ')}`)
      assert.equal(requests.length, 1, requests.join(' '))
      assert.deepEqual(problems, [])
      await page.close()
    })

    it('is cleared by keyboard', async () => {
      const { page } = await open(await digits())
      const best = page.locator('.best')
      await drawDigit(page, 1)
      assert.notEqual(await best.textContent(), '–')
      await page.keyboard.press('Escape')
      await page.waitForFunction(() => document.querySelector('.best')?.textContent === '–')
      await drawDigit(page, 2)
      await page.getByRole('button', { name: 'Clear' }).focus()
      await page.keyboard.press('Enter')
      await page.waitForFunction(() => document.querySelector('.best')?.textContent === '–')
      await page.close()
    })

    it('fits a phone, and takes a finger', async () => {
      const { page } = await open(await digits(), { width: 360, height: 640 })
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth))
      assert.equal(await page.locator('.pad').evaluate(pad => getComputedStyle(pad).touchAction), 'none')
      await page.close()
    })

    it('takes numbers for any other model, and says what is wrong with them', async () => {
      const [x, y] = [input({ shape: [2], name: 'x' }), input({ shape: [2], name: 'y' })]
      const { page, problems } = await open(model({ inputs: [x, y], outputs: layers.add().apply([x, y]), name: 'sum<b>' }))
      await page.getByLabel('x').fill('[[1, 2]]')
      await page.getByLabel('y').fill('[10, 20.5]')
      await page.getByRole('button', { name: 'Run' }).click()
      assert.deepEqual(await page.locator('.number').allTextContents(), ['11', '22.5'])
      await page.getByLabel('x').fill('[1, 2, 3]')
      await page.getByRole('button', { name: 'Run' }).click()
      assert.match((await page.locator('.problem').textContent()) ?? '', /x takes 2 values, not 3/)
      assert.match((await page.locator('h1').textContent()) ?? '', /^sum<b>/)
      assert.deepEqual(problems, [])
      await page.close()
    })
  })
})
