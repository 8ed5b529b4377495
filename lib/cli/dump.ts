// kerafold dump: every stage of the compiler: the graph after each pass, then schedule, memory map and module.

import { allPasses, countNodes } from '../../passes/index.js'
import { graphToDot } from '../debug/graphDot.js'
import { dotToSvg } from '../debug/svg.js'
import { KerafoldError } from '../ir/errors.js'
import type { Graph } from '../ir/graph.js'
import { graphToText } from '../ir/printer.js'
import type { BaseModel } from '../models/baseModel.js'
import type { Arguments } from './arguments.js'
import { type Command, UsageError } from './command.js'
import { compileStages, type StageName, stageNames } from './dumpStages.js'
import type { Io } from './io.js'
import { backendOption, loadGiven, modelDetails } from './model.js'
import { sizesGiven } from './sizes.js'
import { toJson } from './text.js'

const formats = ['text', 'dot', 'svg', 'json'] as const
type Format = (typeof formats)[number]
/** How files of each format are called. */
const endings: Readonly<Record<Format, string>> = { text: 'txt', dot: 'dot', svg: 'svg', json: 'json' }
const moments = ['all', 'change', 'trace', ...new Set(allPasses.map(({ name }) => name))]

export const dump: Command = {
  summary: 'the graph after each pass, then schedule, memory map and module',
  positionals: ['MODEL'],
  options: {
    stage: { value: 'STAGE', choices: stageNames, help: 'what to show: graphs if not given' },
    after: { value: 'WHEN', choices: moments, help: 'graphs after which passes: change if not given' },
    format: { value: 'FORMAT', choices: formats, help: 'of graphs: text if not given' },
    output: { short: 'o', value: 'FOLDER', help: 'write files: every stage, if nothing above says which' },
    batch: { value: 'N', whole: 1, help: 'bind the number of rows first; 1 behind the graphs if not given' },
    size: { value: 'NAME=N', repeats: true, help: 'bind another size that the model leaves unknown' },
    training: { help: 'the program of training, not of prediction' },
    ...backendOption,
  },
  details: [
    modelDetails,
    'all is every pass, change those that changed something, trace the graph before any; a name stands for each run of that pass.',
    'Text reads back with parseGraphText(); JSON also tells which rule changed what.',
    'Behind the graphs the jit has a schedule (the kernel calls in order), a map of the whole memory and a WebAssembly module, ' +
      'shown as text: schedule.txt, memory.txt, run.wat and run.wasm, and prepare.wat and prepare.wasm if there is work to do ' +
      'when weights change.',
  ],
  examples: [
    'dump digits.keras --output stages',
    'dump digits.keras --after fuse',
    'dump digits.keras --stage memory --batch 32',
    'dump digits.keras --after all --format svg --output pictures',
  ],
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
  const folder = given.text('output')
  const aboutGraphs = ['after', 'format'].find(option => given.text(option) !== undefined)
  const stage = stageNames.find(name => name === given.text('stage'))
  if (stage !== undefined && stage !== 'graphs' && aboutGraphs)
    throw new UsageError(`--stage ${stage} and --${aboutGraphs} exclude each other`)
  const model = await loadGiven(given)
  const sizes = sizesGiven(given, model.trace())
  if (stage === undefined || stage === 'graphs') await dumpModelGraphs(model, sizes, given, io)
  if (stage === 'graphs' || (stage === undefined && (aboutGraphs || folder === undefined))) return 0
  try {
    await dumpCompiled(model, sizes, given, io, stage)
  } catch (error) {
    if (stage !== undefined || !(error instanceof KerafoldError || error instanceof UsageError)) throw error
    io.err(`graphs alone: ${error.message.split('\n')[0]}\n`)
  }
  return 0
}

async function dumpModelGraphs(model: BaseModel<unknown>, sizes: Record<string, number>, given: Arguments, io: Io): Promise<void> {
  const format = formats.find(name => name === given.text('format')) ?? 'text'
  const folder = given.text('output')
  const chosen = choose(await momentsOf(model, sizes, given), given.text('after') ?? 'change')
  if (folder === undefined) {
    if (format === 'svg' && chosen.length > 1) throw new UsageError('several pictures need --output FOLDER, or choose one with --after')
    if (format === 'json') io.out(toJson(chosen.map(([position, moment]) => ({ position, ...moment }))))
    else for (const moment of chosen) io.out(await show(moment, format))
    return
  }
  for (const moment of chosen) {
    const [position, { pass }] = moment
    await io.writeFile(`${folder}/${String(position).padStart(3, '0')}_${pass}.${endings[format]}`, await show(moment, format))
  }
}

/** One stage behind the graphs, or all of them; what is no text is written to files only. */
async function dumpCompiled(
  model: BaseModel<unknown>,
  sizes: Record<string, number>,
  given: Arguments,
  io: Io,
  stage: Exclude<StageName, 'graphs'> | undefined,
): Promise<void> {
  const folder = given.text('output')
  const made = await compileStages(model, given, sizes)
  const files = stage === undefined ? { ...made.schedule, ...made.memory, ...made.module } : made[stage]
  for (const [name, content] of Object.entries(files)) {
    if (folder !== undefined) await io.writeFile(`${folder}/${name}`, content)
    else if (typeof content === 'string') io.out(name.endsWith('.wat') ? `;; ${name}\n${content}` : content)
  }
}

/** The traced graph, then each step of the passes. */
async function momentsOf(model: BaseModel<unknown>, sizes: Record<string, number>, given: Arguments): Promise<Moment[]> {
  const exe = await model.lower({
    backend: given.text('backend') ?? 'auto',
    training: given.flag('training'),
    ...(Object.keys(sizes).length > 0 ? { sizes } : {}),
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
