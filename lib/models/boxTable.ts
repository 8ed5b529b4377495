// boxTable: draws a table with box characters, wrapping and cutting cells as the Python library rich does for Keras.

export interface Column {
  readonly title: string
  readonly align: 'left' | 'right' | 'center'
  /** Characters for text, before the table takes its borders from all columns evenly. */
  readonly width: number
}

/**
 * Draws a heavy header, then the rows, cells as high as their row needs; titles stand at the bottom. Every character counts as one cell of the terminal.
 * Source of the layout: rich/table.py, rich/text.py, box HEAVY_HEAD with a line after each row.
 */
export function boxTable(columns: readonly Column[], rows: readonly (readonly string[])[], lineLength: number): string {
  const widths = fitWidths(columns, lineLength)
  const rule = (left: string, line: string, cross: string, right: string): string =>
    left + widths.map(width => line.repeat(width)).join(cross) + right
  const draw = (cells: readonly string[], bar: string, toBottom = false): string[] => {
    const blocks = columns.map(({ align }, k) => justify(wrap(cells[k] ?? '', inner(widths[k])), inner(widths[k]), align))
    const height = Math.max(...blocks.map(block => block.length))
    return Array.from({ length: height }, (_, line) => {
      const parts = blocks.map((block, k) => ` ${block[toBottom ? line - height + block.length : line] ?? ' '.repeat(inner(widths[k]))} `)
      return bar + parts.join(bar) + bar
    })
  }
  const header = draw(
    columns.map(({ title }) => title),
    '┃',
    true,
  )
  const body = rows.flatMap((row, k) => (k === 0 ? draw(row, '│') : [rule('├', '─', '┼', '┤'), ...draw(row, '│')]))
  return [rule('┏', '━', '┳', '┓'), ...header, rule('┡', '━', '╇', '┩'), ...body, rule('└', '─', '┴', '┘')].join('\n')
}

/** A column's text without the blank on each side. */
function inner(width: number | undefined): number {
  return Math.max(1, (width ?? 0) - 2)
}

/** rich gives each column two blanks, then takes the excess over the table's width from all of them in turn. */
function fitWidths(columns: readonly Column[], lineLength: number): number[] {
  const wanted = columns.map(({ width }) => width + 2)
  let excess = wanted.reduce((sum, width) => sum + width, 0) - (lineLength - columns.length - 1)
  return wanted.map((width, k) => {
    const share = Math.min(width, Math.round(excess / (wanted.length - k)))
    excess -= share
    return width - share
  })
}

/** Breaks between words only; a word too long for a line of its own is cut with an ellipsis. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.match(/\s*\S+\s*/g) ?? []) {
    const fits = length(line) + length(word.trimEnd()) <= width
    if (line === '' || fits) line += word
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line].map(part => cut(length(part) > width ? part.trimEnd() : part, width))
}

function cut(text: string, width: number): string {
  return length(text) > width ? `${[...text].slice(0, width - 1).join('')}…` : text
}

function justify(lines: readonly string[], width: number, align: Column['align']): string[] {
  return lines.map(line => {
    const text = align === 'left' ? line : line.trimEnd()
    const space = width - length(text)
    const before = align === 'left' ? 0 : align === 'right' ? space : Math.floor(space / 2)
    return ' '.repeat(before) + text + ' '.repeat(space - before)
  })
}

function length(text: string): number {
  return [...text].length
}
