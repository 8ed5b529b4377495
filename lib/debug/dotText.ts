// dotText: the pieces of Graphviz' DOT language: quoting for both kinds of label, attributes, nested blocks.

/** A label in Graphviz' HTML subset; its texts have gone through `escapeHtml`. */
export interface Html {
  readonly html: string
}

/** Values of attributes; a list is a label of several lines. */
export type Attributes = Readonly<Record<string, string | number | boolean | Html | readonly string[]>>

/** A line, or a block of lines under a head such as `subgraph "cluster_3"`. */
export type Statement = string | { readonly head: string; readonly body: readonly Statement[] }

/** Prints a statement and what is in it, two spaces per level. */
export function printDot(statement: Statement, indent = ''): string {
  if (typeof statement === 'string') return `${indent}${statement}\n`
  const body = statement.body.map(inner => printDot(inner, `${indent}  `)).join('')
  return `${indent}${statement.head} {\n${body}${indent}}\n`
}

/** A node, or an edge such as `"a" -> "b"`, with its attributes. */
export function withAttributes(subject: string, attributes: Attributes): string {
  const list = Object.entries(attributes).map(([key, value]) => `${key}=${showValue(value)}`)
  return list.length > 0 ? `${subject} [${list.join(', ')}]` : subject
}

function showValue(value: Attributes[string]): string {
  if (typeof value === 'string') return quote(value)
  if (typeof value !== 'object') return String(value)
  return 'html' in value ? `<${value.html}>` : `"${value.map(escapeQuoted).join('\\n')}"`
}

/** A quoted string of one line. */
export function quote(text: string): string {
  return `"${escapeQuoted(text)}"`
}

/** Labels read backslashes and entities in quoted strings, so both are defused. */
function escapeQuoted(text: string): string {
  return drawable(text).replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}

/** Text inside an HTML label, which reads backslashes too. */
export function escapeHtml(text: string): string {
  return drawable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\\', '&#92;')
}

/** Graphviz reads C strings and writes XML, and breaks on labels that begin with a line break: such characters become U+FFFD. */
function drawable(text: string): string {
  return text.replace(/[\p{Surrogate}\p{Control}\ufffe\uffff]/gu, '\ufffd')
}
