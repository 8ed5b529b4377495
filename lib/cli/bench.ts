// kerafold bench: how long a model takes here, from the file to the kernels, and how near each comes to the machine's peak.

import { measure } from '../debug/peak.js'
import { type Share, sharesBy } from '../debug/shares.js'
import { showNumber, showPercent, textTable } from '../debug/textTable.js'
import type { NDArray } from '../ir/ndarray.js'
import type { Executable } from '../runtime/executable.js'
import type { KernelProfile } from '../runtime/profile.js'
import type { Arguments } from './arguments.js'
import type { Command } from './command.js'
import { dataOptions, readInputs } from './data.js'
import { type Io, progressLine, styled, widthOf } from './io.js'
import { backendOption, loadGiven, modelDetails } from './model.js'
import { toJson } from './text.js'

export const bench: Command = {
  summary: 'measure how long a model takes, by layer and by kernel',
  positionals: ['MODEL'],
  options: {
    ...dataOptions,
    runs: { value: 'N', whole: 1, help: 'how often each kernel is measured: 10 if not given' },
    seconds: { value: 'S', above: 0, help: 'how long whole runs are timed: 1 if not given' },
    json: { help: 'print JSON' },
    ...backendOption,
  },
  details: [
    modelDetails,
    'Without --input, random numbers of one row are used. Times are medians of one thread. The peak is the best of matrix products that ' +
      "fit the processor's caches, measured before, between and after the kernels in the same WebAssembly, or the fastest kernel where " +
      "that is faster; a kernel's share is of that.",
  ],
  examples: ['bench digits.keras', 'bench mobilenet.keras --batch 4 --json'],
  run,
}

interface Report {
  readonly backend: string
  /** Milliseconds from the file to the model, from the model to a program, and of the first run. */
  readonly loadMs: number
  readonly lowerMs: number
  readonly firstMs: number
  /** Microseconds of a whole run, copies and checks included: the median, and what one run in ten exceeds. */
  readonly runUs: number
  readonly slowUs: number
  readonly peakGflops: number | null
  readonly layers: readonly Share[]
  readonly kernels: readonly Share[]
}

async function run(given: Arguments, io: Io): Promise<number> {
  const progress = progressLine(io)
  progress.show('loading')
  const [model, loadMs] = await timed(() => loadGiven(given))
  const asked = given.list('input').length > 0 || given.text('random') !== undefined
  const inputs = await readInputs(asked ? given : given.with('random', '1'), model, io)
  progress.show('compiling')
  const [exe, lowerMs] = await timed(() => model.lower({ backend: given.text('backend') ?? 'auto' }))
  const [, firstMs] = await timed(async () => exe.runAll(inputs))
  progress.show('running')
  const { median, slow } = await timeRuns(exe, inputs, (given.number('seconds') ?? 1) * 1000)
  progress.show('measuring the kernels')
  const { profile, peakGflops } = (await measure(exe, inputs, { runs: given.number('runs') })) ?? {}
  progress.done()
  const share = (nameOf: (kernel: KernelProfile) => string): Share[] => sharesBy(profile?.kernels ?? [], nameOf, peakGflops ?? 0)
  const report: Report = {
    ...{ backend: exe.backend, loadMs, lowerMs, firstMs, runUs: median, slowUs: slow, peakGflops: peakGflops ?? null },
    layers: share(({ origin }) => layersOf(origin)),
    kernels: share(({ kernel }) => kernel),
  }
  exe.dispose()
  io.out(given.flag('json') ? toJson(report) : show(model.title, report, io))
  return 0
}

/** The layers that a kernel came from: each once, in order, without the number of the call. */
function layersOf(origin: readonly string[]): string {
  return [...new Set(origin.map(call => call.replace(/#\d+$/, '')))].join(', ') || '–'
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now()
  const result = await work()
  return [result, performance.now() - start]
}

/** Runs for about `ms`, the first tenth unmeasured; short runs are timed several at once. */
async function timeRuns(exe: Executable, inputs: Readonly<Record<string, NDArray>>, ms: number): Promise<{ median: number; slow: number }> {
  const once = () => void exe.runAll(inputs)
  let count = 0
  const warm = performance.now()
  for (; performance.now() - warm < ms / 10; count++) {
    once()
    if (count % 100 === 0) await new Promise(resolve => setTimeout(resolve)) // lets the engine install what it compiled
  }
  const together = Math.max(1, Math.round((count * 10) / ms)) // about a millisecond
  const samples: number[] = []
  const start = performance.now()
  while (samples.length < 3 || performance.now() - start < ms) {
    const before = performance.now()
    for (let k = 0; k < together; k++) once()
    samples.push(((performance.now() - before) * 1000) / together)
  }
  samples.sort((a, b) => a - b)
  const at = (share: number): number => samples[Math.min(samples.length - 1, Math.floor(share * samples.length))] as number
  return { median: at(0.5), slow: at(0.9) }
}

function show(title: string, report: Report, io: Io): string {
  const { backend, loadMs, lowerMs, firstMs, runUs, slowUs, peakGflops: peak, layers, kernels } = report
  const lines = [
    styled(io, 'bold', `${title} on ${backend}`),
    `load ${showNumber(loadMs)} ms, compile ${showNumber(lowerMs)} ms, first run ${showNumber(firstMs)} ms`,
    `run ${showNumber(runUs)} µs (nine of ten under ${showNumber(slowUs)} µs)`,
  ]
  if (peak === null) return `${[...lines, `The backend ${backend} cannot time its kernels; --backend jit can.`].join('\n')}\n`
  const table = (first: string, shares: readonly Share[]) => [
    '',
    ...textTable(
      [first, 'µs', '%', 'GFLOP/s', '% peak'].map((name, k) => ({ title: name, align: k === 0 ? 'left' : 'right' })),
      shares.map(({ name, us, part, gflopPerS, ofPeak }) => [
        name,
        showNumber(us),
        showPercent(part),
        ...(gflopPerS > 0 ? [showNumber(gflopPerS), showPercent(ofPeak)] : ['–', '–']),
      ]),
      widthOf(io),
    ),
  ]
  return `${[...lines, `peak ${showNumber(peak)} GFLOP/s`, ...table('layer', layers), ...table('kernel', kernels)].join('\n')}\n`
}
