// model.js: runs an exported module without Kerafold. It is shipped as it stands here, minified; nothing but the ABI is known.

import { checksum } from '../checksum.js'
import type { Description, Exports, Slot } from './abi.js'

type View = Float32Array | Int32Array
type Views = Record<string, View>

/** One of these; the module beside this file by default. */
export interface Source {
  /** Absolute, or relative to this file. */
  readonly url?: string | URL
  readonly bytes?: BufferSource
  readonly module?: WebAssembly.Module
  /** An instance, or its exports: what `import * as wasm from './model.wasm'` gives. */
  readonly instance?: WebAssembly.Instance | object
  /** The contents of model.weights.bin, where weights are not inside the module. */
  readonly weights?: Uint8Array
}

export interface Model {
  readonly description: Description
  /** Views on the module's memory, for `call`. */
  readonly inputs: Views
  readonly outputs: Views
  /** Runs on what lies in `inputs`, into `outputs`. */
  call(): void
  /** Runs on flat values, for one input alone or by name; the results are fresh. */
  run(values: ArrayLike<number> | Record<string, ArrayLike<number | boolean>>): Record<string, View>
}

/** What cannot be used: a damaged or foreign module, other weights, values that are no input. */
export class ModelError extends Error {
  override name = 'ModelError'
}

const fail = (why: string): never => {
  throw new ModelError(why)
}

/** @throws ModelError */
export async function load({ url = 'model.wasm', bytes, module, instance, weights }: Source = {}): Promise<Model> {
  try {
    if (!instance) {
      module ??= await WebAssembly.compile(bytes ?? (await read(url, import.meta.url)))
      instance = await WebAssembly.instantiate(module)
    }
    const exports: Exports = (instance as { readonly exports?: never }).exports ?? (instance as Exports)
    const description = describe(exports, module)
    const { file, offset, bytes: length, checksum: sum } = description.weights
    const words = new Int32Array(exports.memory.buffer, offset, length / 4)
    const wrong = (): boolean => checksum(words) !== sum
    if (file && wrong()) new Uint8Array(words.buffer, offset, length).set(weights ?? (await read(file, new URL(url, import.meta.url))))
    if (wrong()) fail('other weights')
    return bind(exports, description)
  } catch (error) {
    throw error instanceof ModelError ? error : new ModelError(`no model: ${error}`)
  }
}

/** Reads and checks the description: in memory, and equal to the custom section where the module is at hand. */
function describe({ memory: { buffer }, description }: Exports, module: WebAssembly.Module | undefined): Description {
  const at: number = (description as WebAssembly.Global).value ?? description
  const [length, sum] = new Uint32Array(buffer, at, 2)
  const text = new Uint8Array(buffer, at + 8, length)
  const shown =
    module && WebAssembly.Module ? WebAssembly.Module.customSections(module, 'kerafold').map(section => new Uint8Array(section)) : text
  if (checksum(text) !== sum || `${shown}` !== `${text}`) fail('damaged description')
  const described = JSON.parse(new TextDecoder().decode(text))
  if (described.abi !== 1) fail(`ABI ${described.abi}, not 1`)
  return described
}

function bind({ memory, run }: Exports, description: Description): Model {
  const views = (slots: readonly Slot[]): Views =>
    Object.fromEntries(
      slots.map(({ name, dtype, shape, offset }) => {
        const size = shape.reduce((product, axis) => product * axis, 1)
        return [name, new (dtype === 'float32' ? Float32Array : Int32Array)(memory.buffer, offset, size)]
      }),
    )
  const inputs = views(description.inputs)
  const outputs = views(description.outputs)
  const alone = !description.inputs[1]
  return {
    description,
    inputs,
    outputs,
    call: run,
    run(values) {
      const writes = description.inputs.map(({ name, dtype }) => {
        const view = inputs[name] as View
        // an input may be called "length": what is flat has one that is a number; a text has one too
        const flat = alone && +(values?.length as number) === values?.length
        const given = (flat ? values : (values as Record<string, Flat> | undefined)?.[name]) as Flat
        if (given?.trim || given?.length !== view.length) fail(`${name} takes ${view.length} values, not ${given?.length}`)
        const data = dtype === 'float32' ? (given as ArrayLike<number>) : Int32Array.from(given, whole)
        return () => view.set(dtype === 'bool' ? (data as Int32Array).map(value => -!!value) : data)
      })
      for (const write of writes) write()
      run()
      return Object.fromEntries(
        description.outputs.map(({ name, dtype }) => [
          name,
          dtype === 'bool' ? (outputs[name] as View).map(value => -value) : (outputs[name] as View).slice(),
        ]),
      )
    },
  }
}

/** Flat values; nothing that can be trimmed. */
type Flat = ArrayLike<number | boolean> & { readonly trim?: never }

const whole = (value: number | boolean): number => (+value === (+value | 0) ? +value : fail(`${value}: not whole`))

async function read(path: string | URL, base: string | URL): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(path, base)
  const files = url.protocol === 'file:' && globalThis.process?.getBuiltinModule?.('node:fs')
  if (files) return new Uint8Array(files.readFileSync(url))
  const response = await fetch(url)
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : fail(`${url}: ${response.status}`)
}
