// A field to draw in, by mouse, pen or finger.

import { element } from './dom.js'
import type { Point } from './drawing.js'

export interface SketchPad {
  readonly canvas: HTMLCanvasElement
  readonly strokes: Point[][]
  clear(): void
}

const size = 320

/** `changed` is called at most once a frame. */
export function sketchPad(label: string, changed: () => void): SketchPad {
  const canvas = element('canvas', { width: size, height: size, className: 'pad', ariaLabel: label })
  canvas.setAttribute('role', 'img')
  const strokes: Point[][] = []
  let waiting = false
  const later = (): void => {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
      waiting = false
      draw(canvas, strokes)
      changed()
    })
  }
  const add = (event: PointerEvent): void => {
    const box = canvas.getBoundingClientRect()
    const at = ({ clientX, clientY }: PointerEvent): Point => ({
      x: ((clientX - box.left) / box.width) * size,
      y: ((clientY - box.top) / box.height) * size,
    })
    const all = event.getCoalescedEvents?.() ?? []
    strokes.at(-1)?.push(...(all.length > 0 ? all : [event]).map(at))
    later()
  }
  canvas.addEventListener('pointerdown', event => {
    if (event.button !== 0) return
    event.preventDefault()
    canvas.setPointerCapture(event.pointerId)
    strokes.push([])
    add(event)
  })
  canvas.addEventListener('pointermove', event => {
    if (canvas.hasPointerCapture(event.pointerId)) add(event)
  })
  const clear = (): void => {
    strokes.length = 0
    later()
  }
  return { canvas, strokes, clear }
}

function draw(canvas: HTMLCanvasElement, strokes: readonly (readonly Point[])[]): void {
  const pen = canvas.getContext('2d')
  if (!pen) return
  pen.clearRect(0, 0, size, size)
  pen.lineWidth = size / 14
  pen.lineCap = 'round'
  pen.lineJoin = 'round'
  pen.strokeStyle = getComputedStyle(canvas).color
  for (const [first, ...rest] of strokes) {
    if (!first) continue
    pen.beginPath()
    pen.moveTo(first.x, first.y)
    for (const { x, y } of [first, ...rest]) pen.lineTo(x, y)
    pen.stroke()
  }
}
