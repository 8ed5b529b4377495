// explain: one row for each layer of a model: what the compiler made of it, its kernels, and what they cost.

import { anObject, anything, aString, aWholeNumber, checkOptions, type OptionKind, oneOf } from '../ir/options.js'
import type { BaseModel } from '../models/baseModel.js'
import { bindShapes } from '../ops/specialise.js'
import { feedSpecs, type Inputs, toFeeds } from '../runtime/feeds.js'
import type { LowerOptions } from '../runtime/lower.js'
import { type ExplainedLayer, Explanation, type LayerKernel, showKernel } from './explanation.js'
import { classOf, fateOf, placesOf } from './fates.js'
import { type Measured, measure } from './peak.js'
import { rateOf } from './shares.js'
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
    const { numerics } = lowering
    const measured = inputs === undefined ? undefined : await measure(exe, inputs, { runs, ...(numerics ? { numerics } : {}) })
    const { steps } = exe
    const places = placesOf(model)
    const paths = places.map(({ path }) => path)
    const work = new WorkOfLayers(paths, traced.graph, steps)
    const kernels = kernelsOf(work, measured)
    const layers = places.map((place): ExplainedLayer => {
      const own = kernels.get(place.path) ?? []
      const rate = measured && rateOf(own, measured.peakGflops)
      const { text, ...fate } = fateOf(place, work)
      return {
        ...{ layer: place.path, className: classOf(place), depth: place.depth, ...fate, kernels: own },
        ...{ us: rate?.us, gflopPerS: rate?.gflopPerS, ofPeak: rate?.ofPeak },
        share: rate && measured.profile.kernelsUs > 0 ? rate.us / measured.profile.kernelsUs : undefined,
        text: text || own.map(showKernel).join('; '),
      }
    })
    const count = (nodes: object) => Object.keys(nodes).length
    const nodes = { traced: count(traced.graph.nodes), optimised: count(exe.graph.nodes) }
    const { profile, peakGflops } = measured ?? { profile: undefined, peakGflops: undefined }
    return new Explanation({ title: model.title, backend: exe.backend, why: exe.why, layers, nodes, profile, peakGflops })
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

/** The kernels by the layer that owns the first piece of each: as they were timed, or else as the graph has them. */
function kernelsOf(work: WorkOfLayers, measured: Measured | undefined): Map<string, LayerKernel[]> {
  const leads = leadsOf(work.final)
  const found = new Map<string, LayerKernel[]>()
  const add = (owner: string | undefined, kernel: LayerKernel): void => {
    if (owner !== undefined) found.set(owner, [...(found.get(owner) ?? []), kernel])
  }
  if (!measured) {
    for (const [id, lead] of leads) {
      if (lead.kernel.op !== 'reshape') add(work.ownerOf(lead), { node: id, ops: opsOf(lead.kernel), ...untimed })
    }
    return found
  }
  for (const timed of measured.profile.kernels) {
    const { node, origin, kernel, flops } = timed
    // a composite is expanded into kernels whose ids begin with its own
    const lead = [...leads.values()].filter(({ kernel: { id } }) => node === id || node.startsWith(`${id}/`)).at(-1)
    const owner = lead ? work.ownerOf(lead) : work.layersOf(origin)[0]
    add(owner, { node, ops: lead ? opsOf(lead.kernel) : 'copy', kernel, flops, ...rateOf([timed], measured.peakGflops) })
  }
  return found
}

function opsOf(node: { readonly op: string; readonly attrs: object }): string {
  return node.op === 'fused' && 'kind' in node.attrs ? String(node.attrs.kind) : node.op
}

const untimed = { kernel: undefined, us: undefined, flops: undefined, gflopPerS: undefined, ofPeak: undefined } as const
