// What the page shows of a model: made on the page's thread or in a worker, in the same way.

import { explain, type InputData, loadModel, NDArray } from '../../../lib/index.js'

export interface Request {
  /** Its name is in what is said of it. */
  readonly file: File
  /** For inputs by name, rows first; those that are not given are 0. */
  readonly values: Readonly<Record<string, InputData>>
}

export interface Report {
  readonly summary: string
  /** A row for each layer, with the microseconds of its kernels. */
  readonly explained: string
  /** By output name, flat. */
  readonly outputs: Readonly<Record<string, readonly number[]>>
  readonly milliseconds: { readonly load: number; readonly explain: number; readonly predict: number }
}

export async function report({ file, values }: Request): Promise<Report> {
  const start = performance.now()
  const model = await loadModel<unknown>(file)
  const loaded = performance.now()
  let summary = ''
  model.summary({
    lineLength: 88,
    printFn: text => {
      summary = text
    },
  })
  const inputs = Object.fromEntries(
    model.inputs.map(({ name, shape }): [string, InputData] => {
      const sizes = shape.map(size => size ?? 1)
      const zeros = new Float32Array(sizes.reduce((product, size) => product * size, 1))
      return [name, values[name] ?? new NDArray(zeros, sizes)]
    }),
  )
  const explanation = await explain(model, { inputs })
  const explained = performance.now()
  const exe = await model.lower()
  const arrays = exe.runAll(inputs)
  const done = performance.now()
  exe.dispose()
  return {
    summary,
    explained: explanation.table(100),
    outputs: Object.fromEntries(model.outputNames.map((name, k) => [name, [...(arrays[k]?.data ?? [])]])),
    milliseconds: { load: loaded - start, explain: explained - loaded, predict: done - explained },
  }
}
