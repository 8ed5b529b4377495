// Window functions of scipy.signal.windows that need no argument. Source of every formula: SciPy 1.17 _windows.py.

/** A window of `length` points at k = 0, 1, … */
type Window = (k: number, length: number) => number

/** Σ aᵢ · cos(i · t) over t from −π to π. */
function cosines(...a: readonly number[]): Window {
  return (k, length) => {
    const t = (2 * Math.PI * k) / (length - 1) - Math.PI
    return a.reduce((sum, coefficient, i) => sum + coefficient * Math.cos(i * t), 0)
  }
}

/** The distance from the middle: −1 at the first point, 1 at the last. */
function place(k: number, length: number): number {
  return (2 * k) / (length - 1) - 1
}

const byName = {
  barthann: (k, length) => {
    const x = Math.abs(place(k, length)) / 2
    return 0.62 - 0.48 * x + 0.38 * Math.cos(2 * Math.PI * x)
  },
  bartlett: (k, length) => 1 - Math.abs(place(k, length)),
  blackman: cosines(0.42, 0.5, 0.08),
  blackmanharris: cosines(0.35875, 0.48829, 0.14128, 0.01168),
  bohman: (k, length) => {
    if (k === 0 || k === length - 1) return 0
    const x = Math.abs(place(k, length))
    return (1 - x) * Math.cos(Math.PI * x) + Math.sin(Math.PI * x) / Math.PI
  },
  boxcar: () => 1,
  cosine: (k, length) => Math.sin((Math.PI / length) * (k + 0.5)),
  exponential: (k, length) => Math.exp(-Math.abs(k - (length - 1) / 2)),
  flattop: cosines(0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
  hamming: cosines(0.54, 0.46),
  hann: cosines(0.5, 0.5),
  lanczos: (k, length) => {
    const x = Math.PI * place(k, length)
    return x === 0 ? 1 : Math.sin(x) / x
  },
  nuttall: cosines(0.3635819, 0.4891775, 0.1365995, 0.0106411),
  parzen: (k, length) => {
    const n = Math.abs(k - (length - 1) / 2)
    const x = (2 * n) / length
    return n <= (length - 1) / 4 ? 1 - 6 * x ** 2 + 6 * x ** 3 : 2 * (1 - x) ** 3
  },
  triang: (k, length) => {
    const n = Math.min(k, length - 1 - k) + 1
    return length % 2 === 0 ? (2 * n - 1) / length : (2 * n) / (length + 1)
  },
  tukey: (k, length) => {
    const edge = Math.min(k, length - 1 - k)
    const width = Math.floor((length - 1) / 4)
    return edge > width ? 1 : (1 + Math.cos(Math.PI * ((4 * edge) / (length - 1) - 1))) / 2
  },
} as const satisfies Record<string, Window>

export type WindowName = keyof typeof byName
export const windowNames = Object.keys(byName) as readonly WindowName[]

/** The values of a window; a periodic one is a longer symmetric one without its last point. */
export function windowValues(name: WindowName, length: number, periodic: boolean): Float64Array {
  if (length <= 1) return new Float64Array(length).fill(1)
  return Float64Array.from({ length }, (_, k) => byName[name](k, periodic ? length + 1 : length))
}
