// Draws a digit on an exported page, with the mouse.

import type { Page } from 'playwright-core'
import { digitStrokes } from '../export/digitStrokes.js'

/** Clears the field first. Waits until the page shows what it thinks of the drawing. */
export async function drawDigit(page: Page, digit: number): Promise<void> {
  await page.getByRole('button', { name: 'Clear' }).click()
  const box = await page.getByRole('img', { name: 'draw a digit here' }).boundingBox()
  if (!box) throw new Error('the page has no field to draw in')
  for (const stroke of digitStrokes[digit] ?? []) {
    for (const [k, [x, y]] of stroke.entries()) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: k === 0 ? 1 : 2 })
      if (k === 0) await page.mouse.down()
    }
    await page.mouse.up()
  }
  await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))))
}
