// From strokes to the 8×8 images that digit models learn: a 32×32 bitmap, and in each 4×4 block the number of pixels set.

export interface Point {
  readonly x: number
  readonly y: number
}

export type Strokes = readonly (readonly Point[])[]

const side = 32
const block = 4
/** Half the width of a pen in the bitmaps that the UCI digits were made from, about. */
const pen = 1.9

/**
 * Counts of 0…16, row by row. The drawing is scaled to fill the bitmap's height (or width) and centred, as the NIST
 * programs do that made the UCI digits. Source: E. Alpaydin, C. Kaynak, Cascading Classifiers, Kybernetika 34 (1998).
 */
export function blockCounts(strokes: Strokes): Float32Array<ArrayBuffer> {
  const counts = new Float32Array((side / block) ** 2)
  const fitted = scaled(strokes)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const set = fitted.some(stroke => touches(stroke, { x: x + 0.5, y: y + 0.5 }))
      const at = Math.floor(y / block) * (side / block) + Math.floor(x / block)
      if (set) counts[at] = (counts[at] as number) + 1
    }
  }
  return counts
}

/** The strokes in the bitmap's coordinates. */
function scaled(strokes: Strokes): Strokes {
  const points = strokes.flat()
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)]
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const extent = Math.max(right - left, bottom - top)
  const scale = extent > 0 ? (side - 2 * pen) / extent : 1
  const move = ({ x, y }: Point): Point => ({
    x: side / 2 + (x - (left + right) / 2) * scale,
    y: side / 2 + (y - (top + bottom) / 2) * scale,
  })
  return strokes.map(stroke => stroke.map(move))
}

/** Whether a pen that follows the stroke covers a point. */
function touches(stroke: readonly Point[], point: Point): boolean {
  return stroke.some((end, k) => distance(point, stroke[Math.max(0, k - 1)] as Point, end) <= pen)
}

/** From a point to a segment. */
function distance({ x, y }: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const along = ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy || 1)
  const t = Math.min(1, Math.max(0, along))
  return Math.hypot(x - from.x - t * dx, y - from.y - t * dy)
}
