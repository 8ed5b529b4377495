// npm run mutants: applies each mutant of the list to a copy of the sources and runs its specs, which must turn red.

import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mutants } from './mutants/list.js'
import type { Mutant } from './mutants/mutant.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const copied = ['lib', 'passes', 'backends', 'spec', 'bench', 'examples', 'scripts', 'docs', 'README.md', 'package.json', 'tsconfig.json']
const longest = 120_000

const { values: options } = parseArgs({ options: { only: { type: 'string' }, jobs: { type: 'string' }, unchanged: { type: 'boolean' } } })
const jobs = Number(options.jobs ?? Math.min(2, availableParallelism()))

/** What became of a mutant: `killed` by a failing test is what is wanted. */
type Fate = 'killed' | 'survived' | 'timed out' | 'did not start'
interface Outcome {
  readonly mutant: Mutant
  readonly fate: Fate
  /** The spec that noticed. */
  readonly by: string
  readonly seconds: number
}

function makeCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mutants-'))
  for (const name of copied)
    if (existsSync(join(root, name)))
      cpSync(join(root, name), join(folder, name), { recursive: true, filter: path => basename(path) !== 'node_modules' })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Runs one spec until its first failure. */
async function runSpec(folder: string, spec: string): Promise<Fate> {
  const mocha = join(folder, 'node_modules/mocha/bin/mocha.js')
  const flags = ['import=tsx', 'conditions=kerafold-source', 'expose-gc', 'no-experimental-require-module'].flatMap(flag => [
    '--node-option',
    flag,
  ])
  const child = spawn(
    process.execPath,
    [mocha, '--no-config', ...flags, '--require', './spec/support/setup.ts', '--bail', '--timeout', '60000', spec],
    {
      cwd: folder,
      env: { ...process.env, KERAFOLD_DUMP: '' },
      detached: true,
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      output += part.toString()
    })
  }
  let late = false
  const timer = setTimeout(() => {
    late = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }, longest)
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  clearTimeout(timer)
  if (late) return 'timed out'
  if (code === 0) return 'survived'
  return /\d+ failing/.test(output) ? 'killed' : 'did not start'
}

async function tryMutant(folder: string, mutant: Mutant): Promise<Outcome> {
  const start = performance.now()
  const path = join(folder, mutant.file)
  const text = readFileSync(path, 'utf8')
  if (text.split(mutant.find).length !== 2) throw new Error(`${mutant.name}: ${mutant.file} does not hold its text exactly once`)
  writeFileSync(
    path,
    text.replace(mutant.find, () => mutant.replace),
  )
  const seconds = () => (performance.now() - start) / 1000
  try {
    for (const spec of mutant.specs) {
      const fate = await runSpec(folder, spec)
      if (fate !== 'survived') return { mutant, fate, by: spec, seconds: seconds() }
    }
    return { mutant, fate: 'survived', by: '', seconds: seconds() }
  } finally {
    writeFileSync(path, text)
  }
}

/** The specs must be green without mutants, or their red would prove nothing. */
async function checkUnchanged(folders: readonly string[], chosen: readonly Mutant[]): Promise<boolean> {
  const specs = [...new Set(chosen.flatMap(mutant => mutant.specs))]
  const red: string[] = []
  await inParallel(folders, specs, async (folder, spec) => {
    const fate = await runSpec(folder, spec)
    if (fate !== 'survived') red.push(`${spec} (${fate})`)
  })
  console.log(`${specs.length} specs without mutants: ${red.length === 0 ? 'green' : `RED: ${red.join(', ')}`}\n`)
  return red.length === 0
}

async function inParallel<T>(
  folders: readonly string[],
  items: readonly T[],
  work: (folder: string, item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  await Promise.all(
    folders.map(async folder => {
      for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(folder, item)
    }),
  )
}

async function main(): Promise<number> {
  const chosen = mutants.filter(({ name, file }) => !options.only || name.includes(options.only) || file.includes(options.only))
  const folders = Array.from({ length: jobs }, makeCopy)
  try {
    if (!options.unchanged && !(await checkUnchanged(folders, chosen))) return 1
    const outcomes: Outcome[] = []
    await inParallel(folders, chosen, async (folder, mutant) => {
      const outcome = await tryMutant(folder, mutant)
      outcomes.push(outcome)
      const position = `${String(outcomes.length).padStart(3)}/${chosen.length}`
      const mark = outcome.fate === 'killed' ? '✔' : '✘'
      console.log(
        `${position} ${mark} ${outcome.fate.padEnd(9)} ${outcome.seconds.toFixed(1).padStart(5)} s  ${mutant.file}: ${mutant.name}  ${outcome.by}`,
      )
    })
    const alive = outcomes.filter(({ fate }) => fate !== 'killed')
    console.log(`\n${outcomes.length - alive.length} of ${outcomes.length} mutants killed`)
    for (const { mutant, fate } of alive) console.log(`  ${fate}: ${mutant.file}: ${mutant.name}`)
    return alive.length === 0 ? 0 : 1
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true })
  }
}

process.exitCode = await main()
