// Where the weights of a model lie in model.weights.h5: paths follow classes and positions, never names.

import { snakeClassName } from '../layers/schema.js'

/** A layer or model as Keras' saving sees it. */
export interface Saveable<V> {
  readonly name: string
  readonly className: string
  /** Its own variables, trainable ones first. */
  readonly variables: readonly V[]
  /** What it contains, by attribute. `layers` is the list of a Sequential or Functional model. */
  readonly parts: readonly Part<V>[]
}

export interface Part<V> {
  readonly attribute: string
  /** One object, or a list of them in a group of its own. */
  readonly content: Saveable<V> | readonly Saveable<V>[]
}

/** The group that holds the variables "0", "1", … of one layer or model. */
export interface VariableGroup<V> {
  /** `layers/dense_1/vars` */
  readonly path: string
  readonly owner: Saveable<V>
  readonly variables: readonly V[]
  /** The names that may stand beside `vars` in the owner's group. */
  readonly siblings: readonly string[]
}

/** Names under which files hold the layers of a Sequential or Functional model: Keras 3's, and that of 2.12 and 2.13. */
export const containerNames = ['layers', '_layer_checkpoint_dependencies'] as const

export type ContainerName = (typeof containerNames)[number]

/**
 * Every group of a model, in the order of its layers. A layer's group is the snake-case name of its class, numbered
 * within its container from the second on. Source: keras/src/saving/saving_lib.py, _save_container_state.
 */
export function variableGroups<V>(root: Saveable<V>, container: ContainerName): VariableGroup<V>[] {
  const groups: VariableGroup<V>[] = []
  const visited = new Set<Saveable<V>>()
  const visit = (owner: Saveable<V>, path: string): void => {
    if (visited.has(owner)) return
    visited.add(owner)
    const names = owner.parts.map(({ attribute }) => (attribute === 'layers' ? container : attribute))
    groups.push({ path: join(path, 'vars'), owner, variables: owner.variables, siblings: names })
    for (const [k, { content }] of owner.parts.entries()) {
      const inner = join(path, names[k] as string)
      const count = counter()
      if (isList(content)) for (const item of content) visit(item, join(inner, count(snakeClassName(item.className))))
      else visit(content, inner)
    }
  }
  visit(root, '')
  return groups
}

/** dense, dense_1, dense_2, … per name. */
function counter(): (name: string) => string {
  const used = new Map<string, number>()
  return name => {
    const times = used.get(name) ?? 0
    used.set(name, times + 1)
    return times === 0 ? name : `${name}_${times}`
  }
}

function isList<V>(content: Part<V>['content']): content is readonly Saveable<V>[] {
  return Array.isArray(content)
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`
}
