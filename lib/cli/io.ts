// What a command may touch of the world: two streams, files, and what is known of the terminal. Tests give their own.

export interface Io {
  /** Standard output: what was asked for. */
  out(text: string): void
  /** Standard error: messages and progress. */
  err(text: string): void
  /** The width of the terminal that standard output is; undefined where it is none. */
  readonly columns: number | undefined
  /** Whether standard output shows colours. */
  readonly color: boolean
  /** Whether standard error is a terminal, where a line may be written over. */
  readonly live: boolean
  readFile(path: string): Promise<Uint8Array>
  /** Writes a file, and makes the folders around it. */
  writeFile(path: string, content: string | Uint8Array): Promise<void>
  /** The version of the package. */
  version(): Promise<string>
}

/** Where tables end on what is no terminal. */
const plainWidth = 80
const narrowest = 40

/** How wide tables may be. */
export function widthOf({ columns }: Io): number {
  return Math.max(narrowest, columns ?? plainWidth)
}

export type Style = 'bold' | 'dim' | 'red' | 'green'

const codes = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39] } as const satisfies Record<Style, readonly [number, number]>

/** The text in a style, where there are colours. */
export function styled({ color }: Io, style: Style, text: string): string {
  const [on, off] = codes[style]
  return color ? `\u001b[${on}m${text}\u001b[${off}m` : text
}

/** A line on standard error that is written over, on terminals only; `done` removes it. */
export function progressLine(io: Io): { show(text: string): void; done(): void } {
  let shown = false
  return {
    show(text) {
      if (!io.live) return
      shown = true
      io.err(`\r\u001b[K${text.slice(0, narrowest * 2 - 1)}`)
    },
    done() {
      if (shown) io.err('\r\u001b[K')
      shown = false
    },
  }
}
