// explain: one row for each layer of a model: what the compiler made of it, its kernels, and what they cost.

import { BackendError } from '../ir/errors.js'
import { anObject, anything, aString, aWholeNumber, checkOptions, type OptionKind, oneOf } from '../ir/options.js'
import type { BaseModel } from '../models/baseModel.js'
import { bindShapes } from '../ops/specialise.js'
import type { Executable } from '../runtime/executable.js'
import { feedSpecs, type Inputs, toFeeds } from '../runtime/feeds.js'
import type { LowerOptions } from '../runtime/lower.js'
import type { KernelProfile, Profile } from '../runtime/profile.js'
import { type ExplainedLayer, Explanation, type LayerKernel, showKernel } from './explanation.js'
import { classOf, fateOf, placesOf } from './fates.js'
import { leadsOf, WorkOfLayers } from './work.js'

export interface ExplainOptions extends Pick<LowerOptions, 'backend' | 'numerics' | 'sizes'> {
  /** Data to time the kernels on; without them nothing is timed. */
  readonly inputs?: Inputs
  /** How often each kernel is measured, of which the median counts; 10 by default. */
  readonly runs?: number
}

const explainOptions = {
  inputs: anything,
  backend: aString,
  numerics: oneOf('fast', 'strict'),
  sizes: anObject,
  runs: aWholeNumber(1),
} as const satisfies Record<keyof ExplainOptions, OptionKind>

/**
 * Says what became of each layer of a model for prediction. Lowers the model anew, and times it on `inputs` where the
 * backend can time kernels: the jit can.
 * @throws ArgumentError, ShapeError or DTypeError for options or inputs that do not fit.
 */
export async function explain(model: BaseModel<unknown>, options: ExplainOptions = {}): Promise<Explanation> {
  checkOptions(`${model.title}: explain()`, options, explainOptions)
  const { inputs, runs, ...lowering } = options
  const traced = model.trace()
  const sizes = { ...(inputs === undefined ? {} : sizesOf(model, inputs)), ...lowering.sizes }
  const exe = await model.lower({ ...lowering, sizes })
  try {
    const profile = inputs === undefined ? undefined : await profileOf(exe, inputs, runs)
    const { steps } = exe
    const places = placesOf(model)
    const paths = places.map(({ path }) => path)
    const work = new WorkOfLayers(paths, traced.graph, steps)
    const kernels = kernelsOf(work, profile?.kernels)
    const layers = places.map((place): ExplainedLayer => {
      const own = kernels.get(place.path) ?? []
      const us = profile && sum(own.map(kernel => kernel.us ?? 0))
      const { text, ...fate } = fateOf(place, work)
      return {
        ...{ layer: place.path, className: classOf(place), depth: place.depth, ...fate, kernels: own, us },
        share: us !== undefined && profile && profile.kernelsUs > 0 ? us / profile.kernelsUs : undefined,
        text: text || own.map(showKernel).join('; '),
      }
    })
    const count = (nodes: object) => Object.keys(nodes).length
    const nodes = { traced: count(traced.graph.nodes), optimised: count(exe.graph.nodes) }
    return new Explanation({ title: model.title, backend: exe.backend, why: exe.why, layers, nodes, profile })
  } finally {
    exe.dispose()
  }
}

/** The sizes that data have where the model leaves them open. */
function sizesOf(model: BaseModel<unknown>, inputs: Inputs): Record<string, number> {
  const { graph, sparseInputs, title } = model.trace()
  const specs = feedSpecs(graph, sparseInputs)
  const feeds = toFeeds(inputs, specs, title)
  return bindShapes(graph, Object.fromEntries(specs.map(({ name }, k) => [name, feeds[k]?.shape ?? []])))
}

/** Undefined where the backend cannot time kernels. */
async function profileOf(exe: Executable, inputs: Inputs, runs: number | undefined): Promise<Profile | undefined> {
  try {
    return await exe.profile(inputs, runs === undefined ? {} : { runs })
  } catch (error) {
    if (error instanceof BackendError) return undefined
    throw error
  }
}

/** The kernels by the layer that owns the first piece of each: as they were timed, or else as the graph has them. */
function kernelsOf(work: WorkOfLayers, timed: readonly KernelProfile[] | undefined): Map<string, LayerKernel[]> {
  const leads = leadsOf(work.final)
  const found = new Map<string, LayerKernel[]>()
  const add = (owner: string | undefined, kernel: LayerKernel): void => {
    if (owner !== undefined) found.set(owner, [...(found.get(owner) ?? []), kernel])
  }
  if (!timed) {
    for (const [id, lead] of leads) {
      if (lead.kernel.op !== 'reshape') add(work.ownerOf(lead), { node: id, ops: opsOf(lead.kernel), kernel: undefined, us: undefined })
    }
    return found
  }
  for (const { node, origin, kernel, us } of timed) {
    // a composite is expanded into kernels whose ids begin with its own
    const lead = [...leads.values()].filter(({ kernel: { id } }) => node === id || node.startsWith(`${id}/`)).at(-1)
    const owner = lead ? work.ownerOf(lead) : work.layersOf(origin)[0]
    add(owner, { node, ops: lead ? opsOf(lead.kernel) : 'copy', kernel, us })
  }
  return found
}

function opsOf(node: { readonly op: string; readonly attrs: object }): string {
  return node.op === 'fused' && 'kind' in node.attrs ? String(node.attrs.kind) : node.op
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
