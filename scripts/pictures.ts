// Draws the pictures of the README: the page of the digits model with a digit on it. Needs a Chromium (CHROMIUM may name it).

import { writeFile } from 'node:fs/promises'
import { chromium } from 'playwright-core'
import { exportModel, loadModel } from '../lib/index.js'
import { drawDigit } from '../spec/support/drawDigit.js'

const { files } = await exportModel(await loadModel(new URL('../examples/digits/digits.keras', import.meta.url)), { html: true })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const page = await browser.newPage({ viewport: { width: 760, height: 540 } })
await page.setContent(new TextDecoder().decode(files['model.html']))
await drawDigit(page, 3)
await writeFile(new URL('../docs/images/digits.png', import.meta.url), await page.screenshot())
await browser.close()
