// Weights by object path, as Keras 3 keeps them in .keras and .weights.h5: `layers/dense_1/vars/0`.

import type { Variable } from '../layers/variable.js'
import type { WeightOwner } from '../layers/weightOwner.js'
import type { WeightsFile } from './hdf5.js'
import type { Mismatch, Pair, Pairing } from './pairing.js'
import { type ContainerName, containerNames, type Saveable, type VariableGroup, variableGroups } from './weightPaths.js'

type Unused = Pairing['unused'][number]

/** Pairs every weight of a layer or model with its dataset, and tells what the file holds beyond. */
export function pairObjects(root: WeightOwner, file: WeightsFile): Pairing {
  const groups = variableGroups(saveable(root), containerOf(file))
  const pairs: Pair[] = []
  const mismatches: Mismatch[] = []
  const unused: Unused[] = []
  for (const group of groups) {
    const { path, owner, variables } = group
    const title = titleOf(owner)
    const names = file.names(path)
    if (!names && variables.length > 0)
      mismatches.push({ variables, reason: `the weights of ${title} are missing: there is no group /${path}` })
    else
      variables.forEach((variable, k) => {
        const at = `${path}/${k}`
        if (names?.includes(String(k))) pairs.push({ variable, owner: title, stored: file.stored(at) })
        else mismatches.push({ variables: [variable], reason: `weight "${variable.path}" of ${title} is missing: there is no /${at}` })
      })
    unused.push(...extrasOf(group, groups, file))
  }
  return { pairs, mismatches, unused }
}

function containerOf(file: WeightsFile): ContainerName {
  const names = file.names('') ?? []
  return containerNames.find(name => names.includes(name)) ?? 'layers'
}

/** What a file may hold beside the weights of layers. */
const companions = new Set(['vars', 'optimizer', 'seed_generator'])

function extrasOf(group: VariableGroup<Variable>, groups: readonly VariableGroup<Variable>[], file: WeightsFile): Unused[] {
  const { path, owner, variables, siblings } = group
  const tooMany = (file.names(path) ?? [])
    .filter(name => !isIndex(name, variables.length))
    .map(name => ({
      path: `/${path}/${name}`,
      reason: `/${path}/${name} is a weight too many: ${titleOf(owner)} has ${variables.length}`,
    }))
  const parent = path.slice(0, -'/vars'.length)
  const inner = siblings.flatMap(sibling => {
    const place = path === 'vars' ? sibling : `${parent}/${sibling}`
    const expected = groups.filter(other => other.path.startsWith(`${place}/`))
    return strangers(place, new Set(expected.map(other => other.path.slice(place.length + 1).split('/')[0] as string)), file)
  })
  return [...tooMany, ...strangers(path === 'vars' ? '' : parent, new Set([...companions, ...siblings]), file), ...inner]
}

function isIndex(name: string, count: number): boolean {
  return /^(0|[1-9]\d*)$/.test(name) && Number(name) < count
}

function strangers(group: string, known: ReadonlySet<string>, file: WeightsFile): Unused[] {
  return (file.names(group) ?? [])
    .filter(name => !known.has(name))
    .map(name => {
      const path = `${group === '' ? '' : `/${group}`}/${name}`
      return { path, reason: `${path} belongs to no layer of the model` }
    })
}

function titleOf({ name, className }: Saveable<Variable>): string {
  return `layer "${name}" (${className})`
}

/** A layer with what it contains, as Keras' saving walks it; a layer that stands in two places is one object. */
export function saveable(layer: WeightOwner, seen: Map<WeightOwner, Saveable<Variable>> = new Map()): Saveable<Variable> {
  const known = seen.get(layer)
  if (known) return known
  const kept = layer.ownVariables.filter(({ kind }) => kind !== 'counter' && kind !== 'bound')
  const variables = [...kept.filter(({ trainable }) => trainable), ...kept.filter(({ trainable }) => !trainable)]
  const parts = Object.entries(layer.savedParts).map(([attribute, content]) => ({
    attribute,
    content: isList(content) ? content.map(inner => saveable(inner, seen)) : saveable(content, seen),
  }))
  const made = { name: layer.name, className: layer.className, variables, parts }
  seen.set(layer, made)
  return made
}

function isList(content: WeightOwner | readonly WeightOwner[]): content is readonly WeightOwner[] {
  return Array.isArray(content)
}
