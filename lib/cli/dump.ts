// kerafold dump: the graph after each pass, as text, drawing or data.

import { allPasses, countNodes } from '../../passes/index.js'
import { graphToDot } from '../debug/graphDot.js'
import { dotToSvg } from '../debug/svg.js'
import type { Graph } from '../ir/graph.js'
import { graphToText } from '../ir/printer.js'
import type { Arguments } from './arguments.js'
import { type Command, UsageError } from './command.js'
import type { Io } from './io.js'
import { backendOption, loadGiven, modelDetails } from './model.js'
import { toJson } from './text.js'

const formats = ['text', 'dot', 'svg', 'json'] as const
type Format = (typeof formats)[number]
/** How files of each format are called. */
const endings: Readonly<Record<Format, string>> = { text: 'txt', dot: 'dot', svg: 'svg', json: 'json' }
const moments = ['all', 'change', 'trace', ...new Set(allPasses.map(({ name }) => name))]

export const dump: Command = {
  summary: 'the tensor graph of a model after each pass of the compiler',
  positionals: ['MODEL'],
  options: {
    after: { value: 'WHEN', choices: moments, help: 'after which passes: change if not given' },
    format: { value: 'FORMAT', choices: formats, help: 'text if not given' },
    output: { short: 'o', value: 'FOLDER', help: 'write one file for each graph, as 003_simplify.txt' },
    batch: { value: 'N', whole: 1, help: 'bind the number of rows first' },
    training: { help: 'the graph of training, not of prediction' },
    ...backendOption,
  },
  details: [
    modelDetails,
    'all is every pass, change those that changed something, trace the graph before any; a name stands for each run of that pass.',
    'Text reads back with parseGraphText(); JSON also tells which rule changed what.',
  ],
  examples: ['dump digits.keras', 'dump digits.keras --after fuse', 'dump digits.keras --after all --format svg --output pictures'],
  run,
}

/** A graph, and how it came about. */
interface Moment {
  readonly pass: string
  readonly nodesBefore: number
  readonly nodesAfter: number
  readonly rules: Readonly<Record<string, number>>
  readonly rewrites: readonly unknown[]
  readonly graph: Graph
}

async function run(given: Arguments, io: Io): Promise<number> {
  const format = formats.find(name => name === given.text('format')) ?? 'text'
  const folder = given.text('output')
  const chosen = choose(await momentsOf(given), given.text('after') ?? 'change')
  if (folder === undefined) {
    if (format === 'svg' && chosen.length > 1) throw new UsageError('several pictures need --output FOLDER, or choose one with --after')
    if (format === 'json') io.out(toJson(chosen.map(([position, moment]) => ({ position, ...moment }))))
    else for (const moment of chosen) io.out(await show(moment, format))
    return 0
  }
  for (const moment of chosen) {
    const [position, { pass }] = moment
    await io.writeFile(`${folder}/${String(position).padStart(3, '0')}_${pass}.${endings[format]}`, await show(moment, format))
  }
  return 0
}

/** The traced graph, then each step of the passes. */
async function momentsOf(given: Arguments): Promise<Moment[]> {
  const model = await loadGiven(given)
  const batch = given.number('batch')
  const exe = await model.lower({
    backend: given.text('backend') ?? 'auto',
    training: given.flag('training'),
    ...(batch === undefined ? {} : { sizes: { batch } }),
  })
  const steps = exe.steps.map(({ edit: { rewrites, graph }, pass, nodesBefore, nodesAfter, rules }) => ({
    ...{ pass, nodesBefore, nodesAfter, rules },
    ...{ rewrites, graph },
  }))
  exe.dispose()
  const { graph } = model.trace()
  const nodes = countNodes(graph)
  return [{ pass: 'trace', nodesBefore: nodes, nodesAfter: nodes, rules: {}, rewrites: [], graph }, ...steps]
}

function choose(all: readonly Moment[], when: string): (readonly [number, Moment])[] {
  const numbered = all.map((moment, position) => [position, moment] as const)
  if (when === 'all') return numbered
  return numbered.filter(([, { pass, rewrites }]) => (when === 'change' ? pass === 'trace' || rewrites.length > 0 : pass === when))
}

async function show([position, moment]: readonly [number, Moment], format: Format): Promise<string> {
  const { pass, nodesBefore, nodesAfter, rules, graph } = moment
  const fired = Object.entries(rules).map(([rule, count]) => (count === 1 ? rule : `${rule} ×${count}`))
  const title = `${position} ${pass}: ${nodesBefore} → ${nodesAfter} nodes${fired.length > 0 ? `; ${fired.join(', ')}` : ''}`
  if (format === 'json') return toJson({ position, ...moment })
  if (format === 'text') return `// ${title}\n${graphToText(graph)}`
  const dot = graphToDot(graph, { title })
  return format === 'dot' ? dot : dotToSvg(dot)
}
