// exportModel: a model as files that run without Kerafold: module, loader and types, page.

import { aBoolean, anObject, aString, checkOptions, type OptionKind, oneOf } from '../ir/options.js'
import type { BaseModel } from '../models/baseModel.js'
import { standalone } from '../runtime/standalone.js'
import { declarations } from './declarations.js'
import { describe, encode, sectionName, weightsFile, withHeader } from './description.js'
import { page } from './page.js'
import type { Description } from './shipped/abi.js'
import { modelText } from './texts.js'

export interface ExportOptions {
  /** The sizes to compile for, such as { batch: 8 }; a batch of 1 by default, or the one the model's inputs fix. */
  readonly sizes?: Readonly<Record<string, number>>
  /** `inside` the module by default, or `beside` it in model.weights.bin. */
  readonly weights?: 'inside' | 'beside'
  /** Also model.html: a page that holds everything and needs no network; false by default. */
  readonly html?: boolean
  /** What the model is called in the description and on the page; its own name by default. */
  readonly name?: string
}

const exportOptions = {
  sizes: anObject,
  weights: oneOf('inside', 'beside'),
  html: aBoolean,
  name: aString,
} as const satisfies Record<keyof ExportOptions, OptionKind>

export interface ExportedModel {
  /** What to write, by file name: model.wasm, model.js, model.d.ts, and model.weights.bin and model.html if asked for. */
  readonly files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>
  /** What the module says of itself. */
  readonly description: Description
}

/**
 * Compiles a model, with the weights it has now, into a WebAssembly module that imports nothing, and a small model.js
 * that runs it: docs/exported-modules.md. Inference in strict numerics; equal models give equal bytes.
 * @throws ArgumentError for options that mean nothing and sizes that are not given; BackendError where the platform
 *   cannot compile WebAssembly.
 */
export async function exportModel(model: BaseModel<unknown>, options: ExportOptions = {}): Promise<ExportedModel> {
  checkOptions(`${model.title}: exportModel()`, options, exportOptions)
  const { weights = 'inside', html = false, name = model.name } = options
  const traced = model.trace()
  const made = await standalone(traced, { batch: model.inputShape[0] ?? 1, ...options.sizes })
  const weightsInside = weights === 'inside'
  const description = await describe(name, traced, made, weightsInside)
  const text = encode(description)
  const emit = (inside: boolean): Uint8Array<ArrayBuffer> =>
    made.emit({ weightsInside: inside, tail: withHeader(text), tailName: 'description', custom: { name: sectionName, data: text } })
  const wasm = emit(weightsInside)
  const encoder = new TextEncoder()
  return {
    description,
    files: {
      'model.wasm': wasm,
      'model.js': encoder.encode(`${modelText}\n`),
      'model.d.ts': encoder.encode(declarations(description)),
      ...(weightsInside ? {} : { [weightsFile]: made.weights.bytes }),
      ...(html ? { 'model.html': encoder.encode(page(description, weightsInside ? wasm : emit(true))) } : {}),
    },
  }
}
