// Writes docs/passes.md from the passes and their rules.

import { writeFileSync } from 'node:fs'
import { exampleOf } from '../passes/examples/index.js'
import { allPasses, type Pass, pipelines } from '../passes/index.js'

type Rule = Pass['rules'][number]

const effects = {
  exact: 'results stay the same to the bit',
  rounding: 'the last bits, or the sign of a zero, may change',
} satisfies Record<Pass['numerics'], string>

function fenced(title: string, text: string): string {
  return `${title}:\n\n\`\`\`\n${text.trimEnd()}\n\`\`\`\n`
}

function ruleSection(rule: Rule): string {
  const { before, after, nearMiss } = exampleOf(rule)
  return [
    `### ${rule.name}\n`,
    `\`${rule.formula}\`\n`,
    `${rule.why[0]?.toUpperCase()}${rule.why.slice(1)}. Numerics: ${rule.numerics}.\n`,
    fenced('Before', before),
    fenced('After', after),
    fenced('Near miss, left as it is', nearMiss),
  ].join('\n')
}

function passSection(pass: Pass): string {
  return [
    `## ${pass.name}\n`,
    `To ${pass.description}. Numerics: ${pass.numerics}; ${effects[pass.numerics]}.\n`,
    ...pass.rules.map(ruleSection),
  ].join('\n')
}

function pipelineTable(): string {
  const names = (passes: readonly Pass[]) => passes.map(pass => pass.name).join(', ') || 'nothing'
  const rows = Object.entries(pipelines).map(
    ([name, { beforeSpecialise, afterSpecialise }]) => `| ${name} | ${names(beforeSpecialise)} | ${names(afterSpecialise)} |`,
  )
  return ['| pipeline | before sizes are bound | after |', '| --- | --- | --- |', ...rows].join('\n')
}

/** The whole page. */
export function passesPage(): string {
  return [
    '# Passes\n',
    'Written by `npm run docs` from the rules in `passes/`; the suite runs every example below.\n',
    `${pipelineTable()}\n`,
    'Numerics:\n',
    ...Object.entries(effects).map(([name, effect]) => `- ${name}: ${effect}`),
    '',
    ...allPasses.map(passSection),
  ].join('\n')
}

export const page = new URL('../docs/passes.md', import.meta.url)

if (process.argv[1] !== undefined && import.meta.url.endsWith('/passesDoc.ts') && process.argv[1].endsWith('passesDoc.ts')) {
  writeFileSync(page, passesPage())
}
