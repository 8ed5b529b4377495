// The script of an exported page: finds the module in the page, and gives it a field to draw in or a form to fill.

import { element } from './dom.js'
import { blockCounts } from './drawing.js'
import { load, type Model } from './model.js'
import { results } from './results.js'
import { sketchPad } from './sketchPad.js'

/** Whether the model reads 8×8 images and tells ten classes apart. */
function readsDigits({ description: { inputs, outputs } }: Model): boolean {
  const size = (shape: readonly number[] = []): number => shape.reduce((product, axis) => product * axis, 1)
  const alone = inputs.length === 1 && outputs.length === 1 && inputs[0]?.dtype === 'float32'
  return alone && size(inputs[0]?.shape) === 64 && size(outputs[0]?.shape) === 10
}

/** Draw a digit; the model sees block counts divided by 16. */
function drawing(model: Model): HTMLElement {
  const shown = results(model)
  const seen = element('canvas', { width: 8, height: 8, className: 'seen', ariaLabel: 'what the model sees: 8 by 8 pixels' })
  const pixels = Object.values(model.inputs)[0] as Float32Array
  const pad = sketchPad('draw a digit here', () => {
    pixels.set(blockCounts(pad.strokes).map(count => count / 16))
    showPixels(seen, pixels)
    if (pad.strokes.length > 0) shown.run()
    else shown.reset()
  })
  const clear = element('button', { type: 'button', onclick: pad.clear }, 'Clear')
  addEventListener('keydown', ({ key }) => key === 'Escape' && pad.clear())
  pad.clear()
  const field = element('div', { className: 'field' }, pad.canvas, element('div', { className: 'tools' }, clear, seen))
  return element(
    'main',
    {},
    element('p', {}, 'Draw a digit with mouse, pen or finger. Escape clears.'),
    element('div', { className: 'columns' }, field, shown.node),
  )
}

function showPixels(canvas: HTMLCanvasElement, pixels: Float32Array): void {
  const image = new ImageData(8, 8)
  for (const [k, value] of pixels.entries()) image.data.set([128, 128, 128, 255 * value], 4 * k)
  canvas.getContext('2d')?.putImageData(image, 0, 0)
}

/** Numbers as JSON for each input. */
function form(model: Model): HTMLElement {
  const shown = results(model)
  const problem = element('p', { className: 'problem', ariaLive: 'polite' })
  const fields = model.description.inputs.map(({ name, dtype, shape }) => {
    const size = model.inputs[name]?.length ?? 0
    const area = element('textarea', {
      value: size <= 64 ? JSON.stringify(new Array(size).fill(0)) : '',
      placeholder: `${size} numbers as JSON; empty is all 0`,
    })
    const label = element('label', {}, element('span', {}, name, element('small', {}, ` ${dtype}[${shape.join(', ')}]`)), area)
    return { name, size, area, label }
  })
  const run = (): void => {
    problem.textContent = ''
    try {
      const values = fields.map(({ name, size, area }) => [
        name,
        area.value.trim() ? [JSON.parse(area.value)].flat(9) : new Array(size).fill(0),
      ])
      model.run(Object.fromEntries(values))
      shown.run()
    } catch (error) {
      problem.textContent = String(error)
    }
  }
  const button = element('button', { type: 'submit' }, 'Run')
  const onsubmit = (event: Event): void => {
    event.preventDefault()
    run()
  }
  run()
  const filled = element('form', { onsubmit }, ...fields.map(({ label }) => label), button, problem)
  return element('main', {}, element('div', { className: 'columns' }, filled, shown.node))
}

const text = document.getElementById('wasm')?.textContent ?? ''
try {
  const model = await load({ bytes: Uint8Array.from(atob(text), character => character.charCodeAt(0)) })
  document.body.append(readsDigits(model) ? drawing(model) : form(model))
} catch (error) {
  document.body.append(element('p', { className: 'problem' }, `This browser cannot run the model: ${error}`))
}
