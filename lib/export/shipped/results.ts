// What a run gave, as bars and numbers, and how long it took.

import { element } from './dom.js'
import type { Model } from './model.js'

/** At most so many values of an output are shown. */
const shown = 100
/** Long enough for the coarse clocks of browsers. */
const measureMs = 4

export interface Results {
  readonly node: HTMLElement
  /** Runs on what lies in the model's inputs. */
  run(): void
  /** As before the first run. */
  reset(): void
}

export function results({ description, outputs, call }: Model): Results {
  const time = element('p', { className: 'time' })
  const best = element('p', { className: 'best', ariaLive: 'polite' })
  const lists = description.outputs.map(({ name, dtype, shape }) => {
    const view = outputs[name] as Float32Array | Int32Array
    const rows = Array.from(view.subarray(0, shown), (_, k) => bar(String(k)))
    const rest = view.length > shown ? [`first ${shown} of ${view.length}`] : []
    const title = element('h2', {}, name, element('small', {}, ` ${dtype}[${shape.join(', ')}]`))
    return { view, dtype, rows, node: element('section', {}, title, element('ol', {}, ...rows.map(row => row.node)), ...rest) }
  })
  return {
    node: element('div', { className: 'results' }, best, time, ...lists.map(list => list.node)),
    run() {
      time.textContent = `${showTime(microseconds(call))} per inference`
      for (const { view, dtype, rows } of lists) {
        const probabilities = dtype === 'float32' && view.every(value => value >= 0 && value <= 1)
        rows.forEach((row, k) => {
          row.show(dtype === 'bool' ? -(view[k] as number) : (view[k] as number), probabilities)
        })
      }
      const [first] = lists
      if (lists.length === 1 && first && first.view.length > 1) best.textContent = String(first.view.indexOf(Math.max(...first.view)))
    },
    reset() {
      best.textContent = '–'
      time.textContent = ''
      for (const { rows } of lists) for (const row of rows) row.reset()
    },
  }
}

function bar(label: string): { node: HTMLElement; show(value: number, fraction: boolean): void; reset(): void } {
  const fill = element('span', { className: 'fill' })
  const number = element('span', { className: 'number' })
  const width = (part: number): void => fill.style.setProperty('width', `${100 * part}%`)
  return {
    node: element('li', {}, element('span', { className: 'label' }, label), element('span', { className: 'bar' }, fill), number),
    show(value, fraction) {
      width(fraction ? value : 0)
      number.textContent = fraction ? `${(100 * value).toFixed(1)} %` : String(Number(value.toPrecision(6)))
    },
    reset() {
      width(0)
      number.textContent = ''
    },
  }
}

/** Of one call, over as many as take a few milliseconds. */
function microseconds(call: () => void): number {
  for (let runs = 1; ; runs *= 4) {
    const start = performance.now()
    for (let k = 0; k < runs; k++) call()
    const ms = performance.now() - start
    if (ms >= measureMs) return (1000 * ms) / runs
  }
}

/** In two digits, in the unit that people would say. */
export function showTime(us: number): string {
  const [value, unit] = us < 1000 ? [us, 'µs'] : [us / 1000, 'ms']
  return `${Number(value.toPrecision(2))} ${unit}`
}
