// Weights by name, as Keras 2 and TensorFlow.js write them: `dense_1/kernel:0`, `outer/lstm/lstm_cell/bias`.

import type { Variable } from '../layers/variable.js'
import type { WeightOwner } from '../layers/weightOwner.js'

/** A variable with the layers around it, from the outside in. */
export interface NamedVariable {
  readonly variable: Variable
  readonly owners: readonly WeightOwner[]
}

/** Names that Keras 3 changed. */
const renamed: Readonly<Record<string, string>> = { depthwise_kernel: 'kernel' }

/** Every weight below an owner, once, in the order of `weights`. */
export function namedVariables(root: WeightOwner): NamedVariable[] {
  const found = new Map<Variable, NamedVariable>()
  const visit = (owner: WeightOwner, above: readonly WeightOwner[]): void => {
    const owners = [...above, owner]
    const own = owner.ownVariables.filter(({ kind }) => kind !== 'counter' && kind !== 'bound')
    const ordered = [...own.filter(({ trainable }) => trainable), ...own.filter(({ trainable }) => !trainable)]
    for (const variable of ordered) if (!found.has(variable)) found.set(variable, { variable, owners })
    for (const layer of owner.sublayers) visit(layer, owners)
  }
  visit(root, [])
  return [...found.values()]
}

/** Whether the last part of a stored name is what the variable is called. */
export function sameLastName(stored: string, { name }: Variable): boolean {
  const last = partsOf(stored).at(-1) as string
  return last === name || (Object.hasOwn(renamed, last) && renamed[last] === name)
}

/**
 * The variable that each name means, or undefined: the last part is the variable's own name, the rest contains the name
 * of its layer, or of a layer around that. Parts that mean nothing, such as the model's name, do not count. Of several
 * weights with one name, the k-th in the file is the k-th in the model.
 */
export function matchNames(variables: readonly NamedVariable[], names: readonly string[]): (NamedVariable | undefined)[] {
  const byName = new Map<string, NamedVariable[]>()
  for (const item of variables) {
    for (const name of new Set(item.owners.map(owner => `${owner.name}/${item.variable.name}`))) {
      const known = byName.get(name)
      if (known) known.push(item)
      else byName.set(name, [item])
    }
  }
  const taken = new Set<NamedVariable>()
  return names.map(name => {
    const parts = partsOf(name)
    const last = parts.pop() as string
    const lasts = [last, ...(Object.hasOwn(renamed, last) ? [renamed[last] as string] : [])]
    for (const own of lasts) {
      const candidates = parts.flatMap(part => byName.get(`${part}/${own}`) ?? []).filter(item => !taken.has(item))
      const best = nearest(new Set(candidates), new Set(parts))
      if (best) {
        taken.add(best)
        return best
      }
    }
    return undefined
  })
}

/** The candidate whose own layer is named, or the nearest layer around it; then the one of whose layers most are named. */
function nearest(candidates: ReadonlySet<NamedVariable>, parts: ReadonlySet<string>): NamedVariable | undefined {
  let best: NamedVariable | undefined
  let bestRank = -Infinity
  for (const candidate of candidates) {
    const named = candidate.owners.map(({ name }) => parts.has(name))
    const distance = named.toReversed().indexOf(true)
    const rank = -distance * 1000 + named.filter(Boolean).length
    if (rank > bestRank) {
      best = candidate
      bestRank = rank
    }
  }
  return best
}

function partsOf(name: string): string[] {
  return name.replace(/:\d+$/, '').split('/')
}
