// kerafold verify: compares what a model gives with what it should give, beside the references.

import { type Deviation, deviationOf, toleranceOf } from '../debug/deviation.js'
import { caseOf, evaluateCase } from '../debug/reference.js'
import { showNumber, textTable } from '../debug/textTable.js'
import { ShapeError } from '../ir/errors.js'
import { NDArray } from '../ir/ndarray.js'
import { sizeOf } from '../ir/types.js'
import type { BaseModel } from '../models/baseModel.js'
import { predictBatches } from '../models/predict.js'
import type { Arguments } from './arguments.js'
import type { Command } from './command.js'
import { byName, dataOptions, readArray, readInputs } from './data.js'
import { type Io, progressLine, styled, widthOf } from './io.js'
import { backendOption, loadGiven, modelDetails } from './model.js'
import { toJson } from './text.js'

export const verify: Command = {
  summary: 'compare what a model gives with what it should give',
  positionals: ['MODEL'],
  options: {
    ...dataOptions,
    expect: {
      value: 'FILE',
      repeats: true,
      help: 'a .npy file with what should come out: ref64 if not given; NAME=FILE for one of several outputs',
    },
    tolerance: { value: 'X', above: 0, help: 'the largest error that is allowed; what rounding explains if not given' },
    'batch-size': { value: 'N', whole: 1, help: 'rows per run: 32 if not given' },
    json: { help: 'print JSON' },
    ...backendOption,
  },
  details: [
    modelDetails,
    'Errors are absolute. ref64 is the model by its definition in double precision, ref32 the same rounded after each operation; ' +
      'rounding explains 16 times the distance of the two and 2^-20 of the largest value.',
  ],
  examples: ['verify digits.keras --input pixels.npy --expect keras_predictions.npy', 'verify digits.keras --random 1 --batch 100'],
  run,
}

interface OutputReport {
  readonly name: string
  readonly tolerance: number
  readonly ok: boolean
  /** How far each is from what was expected. */
  readonly errors: Readonly<Record<'backend' | 'ref32' | 'ref64', Deviation>>
}

async function run(given: Arguments, io: Io): Promise<number> {
  const model = await loadGiven(given)
  const files = byName(given.list('expect'), model.outputNames, 'expect')
  const inputs = await readInputs(given, model, io)
  const batchSize = given.number('batch-size') ?? 32
  const exe = await model.lower({ backend: given.text('backend') ?? 'auto' })
  const got = await predictBatches(exe, inputs, { batchSize }, model.title)
  exe.dispose()
  const expected = new Map<string, ArrayLike<number>>()
  for (const [name, file] of files) expected.set(name, await expectedFrom(file, name, got[model.outputNames.indexOf(name)] as NDArray, io))
  const references = referenceRows(model, inputs, batchSize, io)
  const compared = files.size > 0 ? expected : references.float64
  const reports = [...compared].map(([name, data]): OutputReport => {
    const [ref64, ref32] = [references.float64.get(name) ?? [], references.float32.get(name) ?? []]
    const tolerance = given.number('tolerance') ?? toleranceOf(ref32, ref64)
    const backend = deviationOf((got[model.outputNames.indexOf(name)] as NDArray).data, data)
    const errors = { backend, ref32: deviationOf(ref32, data), ref64: deviationOf(ref64, data) }
    return { name, tolerance, ok: backend.largest <= tolerance, errors }
  })
  const ok = reports.every(report => report.ok)
  io.out(given.flag('json') ? toJson({ backend: exe.backend, ok, outputs: reports }) : show(reports, exe.backend, io))
  return ok ? 0 : 1
}

/** @throws ShapeError when what is in the file cannot be compared with an output. */
async function expectedFrom(file: string, name: string, output: NDArray, io: Io): Promise<ArrayLike<number>> {
  const { data, shape } = await readArray(file, io)
  if (shape.join() === output.shape.join()) return data
  throw new ShapeError(`${file} has shape (${shape.join(', ')}), but output "${name}" has (${output.shape.join(', ')})`)
}

function show(reports: readonly OutputReport[], backend: string, io: Io): string {
  const columns = [
    { title: 'output' },
    { title: 'error' },
    ...[backend, 'ref32', 'ref64', 'allowed'].map(title => ({ title, align: 'right' as const })),
  ]
  const rows = reports.flatMap(({ name, tolerance, errors: { backend: own, ref32, ref64 } }) => [
    [name, 'largest', ...[own, ref32, ref64].map(({ largest }) => showNumber(largest)), showNumber(tolerance)],
    ['', 'mean', ...[own, ref32, ref64].map(({ mean }) => showNumber(mean)), ''],
  ])
  const wrong = reports.filter(({ ok }) => !ok)
  const verdict =
    wrong.length === 0
      ? styled(io, 'green', 'as expected')
      : `${styled(io, 'red', 'not as expected')}: ${wrong
          .map(
            ({
              name,
              errors: {
                backend: { at },
              },
            }) => `${name}, most at value ${at}`,
          )
          .join('; ')}`
  return `${[...textTable(columns, rows, widthOf(io)), verdict].join('\n')}\n`
}

/** Both references of each output, batch after batch as `predict` goes: all rows at once may not fit into memory. */
function referenceRows(model: BaseModel<unknown>, inputs: Readonly<Record<string, NDArray>>, batchSize: number, io: Io) {
  const traced = model.trace()
  const rows = Object.values(inputs)[0]?.shape[0] ?? 1
  const found = { float64: new Map<string, number[]>(), float32: new Map<string, number[]>() }
  const progress = progressLine(io)
  for (let start = 0; start === 0 || start < rows; start += batchSize) {
    progress.show(`reference: row ${start} of ${rows}`)
    const batch = Object.entries(inputs).map(([name, array]) => [name, rowsOf(array, start, Math.min(rows, start + batchSize))] as const)
    const given = caseOf(traced, Object.fromEntries(batch))
    for (const precision of ['float64', 'float32'] as const)
      for (const [name, { data }] of Object.entries(evaluateCase(given, precision))) {
        const values = found[precision].get(name) ?? []
        for (const value of data) values.push(value)
        found[precision].set(name, values)
      }
  }
  progress.done()
  return found
}

function rowsOf({ data, shape }: NDArray, start: number, end: number): NDArray {
  const row = sizeOf(shape.slice(1))
  return new NDArray(data.subarray(start * row, end * row), [end - start, ...shape.slice(1)])
}
