// Short spellings for the example graphs of rules.

/**
 * Graph text from its inputs and nodes: `sketch('x float32[batch,4]', '%y = relu(%x) : float32[batch,4]')`. Inputs are
 * parted by `;`; `var` and other lines stand as they are; unless an `output` line says otherwise, the last node is
 * the output "y", or the first input where there are no nodes.
 */
export function sketch(inputs: string, ...lines: readonly string[]): string {
  const parts = inputs
    .split(';')
    .map(part => part.trim())
    .filter(part => part !== '')
  const heads = parts.map(part => {
    const [name, type] = part.split(/\s+/)
    return `%${name} = input() {name: "${name}"} : ${type}`
  })
  const ids = [...heads.slice(0, 1), ...lines].map(line => /^%\S+/.exec(line)?.[0]).filter(id => id !== undefined)
  const declared = lines.some(line => /^(output|loss|update) /.test(line))
  const all = [...heads, ...lines, ...(declared ? [] : [`output "y" = ${ids.at(-1)}`])]
  return `graph {\n${all.map(line => `  ${line}`).join('\n')}\n}\n`
}
