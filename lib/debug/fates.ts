// Fates: what became of each layer of a model, found in what the passes left of its work and in why they changed it.

import { InputLayer } from '../layers/inputLayer.js'
import type { Layer } from '../layers/layer.js'
import { BaseModel } from '../models/baseModel.js'
import { type ReportedModel, shownClass, verticesOf } from '../models/vertices.js'
import { leadsOf, type Piece, type WorkOfLayers } from './work.js'

/**
 * - `input`, `model`: data enter here; a model whose layers follow.
 * - `kernel`: it has work of its own. `epilogue`: its work is done at the end of another layer's kernel.
 * - `folded`: it became part of another layer's numbers. `merged`: computed once, with an equal layer.
 * - `view`: its output is its input's memory. `prepared`: weights alone decide it.
 * - `removed`: a pass found it to change nothing. `nothing`: it never did anything.
 */
export type Fate = 'input' | 'model' | 'kernel' | 'epilogue' | 'folded' | 'merged' | 'view' | 'prepared' | 'removed' | 'nothing'

/** A layer where it stands in a model. */
export interface Place {
  /** The names of the models around it and its own, as in `base/dense_1`. */
  readonly path: string
  readonly depth: number
  readonly layer: Layer
}

export interface LayerFate {
  readonly fate: Fate
  /** The layers whose kernels do its work. */
  readonly into: readonly string[]
  /** The pass that decided it, and those of its rules that touched the layer. */
  readonly pass: string | undefined
  readonly rules: readonly string[]
  /** In words, as in "folded into dense by foldAffine". */
  readonly text: string
}

/** Every layer of a model, those of the models in it behind each. */
export function placesOf(model: ReportedModel, around = '', depth = 0): Place[] {
  return verticesOf(model).flatMap(layer => {
    const path = around + layer.name
    return [{ path, depth, layer }, ...(layer instanceof BaseModel ? placesOf(layer, `${path}/`, depth + 1) : [])]
  })
}

/** The class of a layer, as reports show it. */
export const classOf = ({ layer }: Place): string => shownClass(layer)

export function fateOf({ layer, path }: Place, work: WorkOfLayers): LayerFate {
  if (layer instanceof InputLayer) return told('input', layer.constant ? 'a constant' : 'an input')
  if (layer instanceof BaseModel) return told('model', `a model of ${verticesOf(layer).length} layers`)
  const mentions = (pieces: readonly Piece[]) => pieces.filter(({ layers }) => layers.includes(path))
  const owned = (pieces: readonly Piece[]) => mentions(pieces).filter(piece => work.ownerOf(piece) === path)
  const mentioned = mentions(work.final)
  if (mentioned.length === 0) {
    const when = settled(work, pieces => mentions(pieces).length === 0)
    if (mentions(work.prepared).length > 0) return told('prepared', 'computed from weights alone, once')
    return when === 0 ? told('nothing', 'adds nothing: gives its input as it is') : decided('removed', work, when, path, [])
  }
  const own = owned(work.final)
  const leads = leadsOf(work.final)
  const leadOf = ({ kernel }: Piece): Piece => leads.get(kernel.id) as Piece
  if (own.length > 0 && own.every(({ node }) => node.op === 'reshape')) return told('view', 'a view of its input: no work')
  if (own.some(piece => leadOf(piece) === piece && piece.node.op !== 'reshape')) return told('kernel', '')
  const into = [...new Set(mentioned.map(piece => work.ownerOf(leadOf(piece)) ?? ''))].filter(other => other !== path && other !== '')
  const inLead = mentioned.some(piece => leadOf(piece) === piece && piece.node.op !== 'reshape')
  if (own.length > 0 && !inLead) {
    return decided(
      'epilogue',
      work,
      settled(work, pieces => owned(pieces).every(piece => leadsOf(pieces).get(piece.kernel.id) !== piece)),
      path,
      into,
    )
  }
  const owners = inLead ? into : [...new Set(mentioned.map(piece => work.ownerOf(piece) ?? ''))].filter(other => other !== path)
  const foreign = (pieces: readonly Piece[]) => mentions(pieces).some(piece => work.ownerOf(piece) !== path)
  const when = settled(work, pieces => foreign(pieces) && owned(pieces).length <= own.length)
  return decided('folded', work, when, path, owners)
}

/** The first stage from which on something holds. */
function settled(work: WorkOfLayers, holds: (pieces: readonly Piece[]) => boolean): number {
  let first = work.stages.length
  while (first > 0 && holds(work.stages[first - 1]?.pieces ?? [])) first--
  return first
}

function told(fate: Fate, text: string): LayerFate {
  return { fate, into: [], pass: undefined, rules: [], text }
}

/** A fate that the pass of a stage decided. */
function decided(
  fate: 'removed' | 'epilogue' | 'folded',
  work: WorkOfLayers,
  stage: number,
  path: string,
  into: readonly string[],
): LayerFate {
  const step = work.stages[stage]?.step
  const pass = step?.pass
  const fired = step?.edit.rewrites.filter(({ origin }) => work.layersOf(origin).includes(path)) ?? []
  const rules = [...new Set(fired.map(({ rule }) => rule))]
  const others = into.join(', ')
  const by = pass === undefined ? '' : ` by ${pass}`
  if (fate === 'folded' && pass === 'cse') return { fate: 'merged', into, pass, rules, text: `computed once, with ${others}` }
  const text = {
    removed: `removed${by}`,
    epilogue: `${rules.includes('fuseAnchor') ? 'epilogue of' : 'fused with'} ${others}`,
    folded: `folded into ${others}${by}`,
  }
  return { fate, into, pass, rules, text: text[fate] }
}
