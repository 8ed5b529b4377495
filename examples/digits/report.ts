// How the main job looks in a terminal: headings, tables that fit 80 columns, verdicts; NO_COLOR is honoured.

const colour = process.stdout.isTTY === true && !process.env.NO_COLOR
const paint = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)

const bold = paint(1)
export const dim = paint(2)
const green = paint(32)
const red = paint(31)

export function heading(text: string): void {
  console.log(`\n${bold(text)}`)
}

/** Prints text in lines of at most 80 characters. */
export function paragraph(text: string, style: (line: string) => string = line => line): void {
  for (const line of wrap(text, 80)) console.log(style(line))
}

export function verdict(ok: boolean, what: string): string {
  return ok ? `${green('✓')} ${what}` : `${red('✗')} ${what}`
}

/** Prints rows under a head; the last column wraps so that a line stays within 80 characters. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map(row => (row[column] ?? '').length)))
  const indent = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0)
  const line = (row: readonly string[]) => {
    const lead = row.slice(0, -1).map((cell, column) => cell.padEnd(widths[column] as number))
    return wrap(row.at(-1) ?? '', 80 - indent).map((part, k) => (k === 0 ? [...lead, part].join('  ') : ' '.repeat(indent) + part))
  }
  console.log(dim(line(head).join('\n').trimEnd()))
  for (const row of rows) console.log(line(row).join('\n').trimEnd())
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let current = ''
  for (const word of text.split(' ')) {
    if (current && current.length + 1 + word.length > width) {
      lines.push(current)
      current = word
    } else current = current ? `${current} ${word}` : word
  }
  return [...lines, current]
}
