// Tables and figures as text, for columns of characters.

/** The beginning of a text that is too long, with an ellipsis. */
export function clip(text: string, width: number): string {
  const characters = [...text]
  return characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : text
}

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** A table of at most `width` characters: the widest columns are cut until it fits. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const all = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, k) => Math.max(...all.map(row => [...(row[k] ?? '')].length)))
  const gaps = 2 * (columns.length - 1)
  for (let over = widths.reduce((sum, each) => sum + each, gaps) - width; over > 0; over--) {
    const widest = widths.indexOf(Math.max(...widths))
    widths[widest] = Math.max(1, (widths[widest] as number) - 1)
  }
  return all.map(row =>
    columns
      .map(({ align = 'left' }, k) => {
        const [cell, room] = [clip(row[k] ?? '', widths[k] as number), widths[k] as number]
        const padding = ' '.repeat(room - [...cell].length)
        return align === 'left' ? cell + padding : padding + cell
      })
      .join('  ')
      .trimEnd(),
  )
}

/** A number for people: three digits, and no exponent where none is needed. */
export function showNumber(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(3))) : value.toExponential(1)
}

/** A part of a whole, as in `12.5`. */
export function showPercent(part: number): string {
  return (100 * part).toFixed(1)
}
