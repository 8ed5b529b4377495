// Weights of TensorFlow.js: every weight finds its variable by name.

import type { DType } from '../ir/types.js'
import type { WeightOwner } from '../layers/weightOwner.js'
import type { Mismatch, Pair, Pairing } from './pairing.js'
import type { ShardedWeight, Shards } from './tfjsFile.js'
import { matchNames, namedVariables } from './weightNames.js'

/**
 * Pairs the weights of a manifest with those of a model. Names are read from the back (`dense/kernel`), so those of
 * Keras 3 conversions, `sequential/dense/kernel`, fit too.
 */
export function pairTfjs(root: WeightOwner, weights: readonly ShardedWeight[], shards: Shards): Pairing {
  const variables = namedVariables(root)
  const found = matchNames(
    variables,
    weights.map(({ name }) => name),
  )
  const pairs: Pair[] = []
  const unused: Pairing['unused'][number][] = []
  for (const [k, match] of found.entries()) {
    const weight = weights[k] as ShardedWeight
    const { name, shape } = weight
    if (!match) {
      unused.push({ path: name, reason: `weight ${JSON.stringify(name)} belongs to no layer of the model` })
      continue
    }
    const layer = match.owners.at(-1) as WeightOwner
    const stored = { path: name, shape, read: (dtype: DType) => shards.read(weight, dtype) }
    pairs.push({ variable: match.variable, owner: `layer "${layer.name}" (${layer.className})`, stored })
  }
  const taken = new Set(pairs.map(({ variable }) => variable))
  const mismatches = variables.flatMap(({ variable, owners }): Mismatch[] => {
    if (taken.has(variable)) return []
    const layer = owners.at(-1) as WeightOwner
    const reason = `weight "${variable.path}" of layer "${layer.name}" (${layer.className}) is missing`
    return [{ variables: [variable], reason }]
  })
  return { pairs, mismatches, unused }
}
