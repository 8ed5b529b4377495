// Moved: a tensor as a chain of movements reads it: loops over its elements in order, each a step through the memory of another.

import type { Node, NodeOf } from '../../../lib/ir/graph.js'
import type { OpAttrs } from '../../../lib/ir/vocabulary.js'
import { broadcastStrides, collapse, sizeOf } from '../common.js'
import type { Walk } from '../kernels/walks.js'

/** A loop of the walk, the outermost first. */
export interface Loop {
  readonly size: number
  /** Elements between its steps, in the memory that is read. */
  readonly stride: number
}

/** `shape` says what the elements mean, `loops` where they are: both count the same elements, in the same order. */
export interface Moved {
  readonly shape: readonly number[]
  readonly loops: readonly Loop[]
  readonly offset: number
}

/** What a movement makes of elements that lie in order: always a walk. */
export function moveInOrder(given: readonly number[], movement: Movement, shape: readonly number[]): Moved {
  const moved = move(inOrder(given), movement, shape)
  if (!moved) throw new Error(`internal: ${movement.op} of [${given.join(',')}] is no walk`)
  return moved
}

/** Elements as they lie. */
export function inOrder(shape: readonly number[]): Moved {
  return { shape, loops: [{ size: sizeOf(shape), stride: 1 }], offset: 0 }
}

type MovementName = 'reshape' | 'transpose' | 'broadcast' | 'reverse' | 'slice'
export type MovementNode = { readonly [K in MovementName]: NodeOf<K> }[MovementName]
export type Movement = { readonly [K in MovementName]: { readonly op: K; readonly attrs: OpAttrs[K] } }[MovementName]

export function isMovement(node: Node): node is MovementNode {
  return ['reshape', 'transpose', 'broadcast', 'reverse', 'slice'].includes(node.op)
}

/**
 * What a movement whose result has this shape makes of its operand; undefined where that is no walk: where it cuts what
 * only a reshape put together.
 */
export function move(moved: Moved, movement: Movement, shape: readonly number[]): Moved | undefined {
  if (movement.op === 'reshape') return { ...moved, shape }
  if (sizeOf(shape) === 0) return inOrder(shape) // no element has a place
  const axes = axesOf(moved)
  if (!axes) return undefined
  switch (movement.op) {
    case 'transpose':
      return { ...moved, shape, loops: movement.attrs.perm.flatMap(axis => axes[axis] as Loop[]) }
    case 'broadcast':
      return broadcast(moved, axes, shape)
    case 'reverse':
      return reverse(moved, axes, movement.attrs.axes)
    case 'slice':
      return slice(moved, axes, movement.attrs, shape)
  }
}

type Axes = readonly (readonly Loop[])[]

function broadcast(moved: Moved, axes: Axes, shape: readonly number[]): Moved {
  const strides = broadcastStrides(moved.shape, shape)
  const added = shape.length - moved.shape.length
  return { ...moved, shape, loops: shape.flatMap((size, k) => (strides[k] === 0 ? [{ size, stride: 0 }] : (axes[k - added] as Loop[]))) }
}

function reverse(moved: Moved, axes: Axes, turned: readonly number[]): Moved {
  let { offset } = moved
  const loops = axes.flatMap((axis, k) => {
    if (!turned.includes(k)) return axis
    return axis.map(({ size, stride }) => {
      offset += (size - 1) * stride
      return { size, stride: -stride }
    })
  })
  return { ...moved, loops, offset }
}

function slice(moved: Moved, axes: Axes, { begin, strides }: OpAttrs['slice'], shape: readonly number[]): Moved | undefined {
  let { offset } = moved
  const loops: Loop[] = []
  for (const [k, axis] of axes.entries()) {
    const [from, step, whole, size] = [begin[k] as number, strides[k] as number, moved.shape[k] as number, shape[k] as number]
    const start = Math.max(0, Math.min(whole, from < 0 ? from + whole : from))
    const [only, ...others] = axis
    if (start === 0 && size === whole) loops.push(...axis)
    else if (only && others.length === 0) {
      offset += start * only.stride
      loops.push({ size, stride: only.stride * step })
    } else return undefined
  }
  return { shape, loops, offset }
}

/** The loops of each axis of the shape, as few as there can be; undefined where a loop goes over the end of an axis. */
function axesOf({ shape, loops, offset }: Moved): Axes | undefined {
  const rest = [...loops]
  const axes = shape.map((): Loop[] => [])
  for (let k = shape.length - 1; k >= 0; k--) {
    let missing = shape[k] as number
    const axis: Loop[] = []
    while (missing > 1) {
      const loop = rest.pop()
      if (!loop) return undefined
      const { size, stride } = loop
      const taken = missing % size === 0 ? size : missing
      if (size % taken !== 0) return undefined
      if (size > taken) rest.push({ size: size / taken, stride: stride * taken })
      missing /= taken
      axis.unshift({ size: taken, stride })
    }
    axes[k] = axis.length > 0 ? merged(axis, offset) : [{ size: 1, stride: 0 }]
  }
  return axes
}

function merged(axis: readonly Loop[], offset: number): Loop[] {
  const { shape, walks } = collapse(
    axis.map(({ size }) => size),
    [walkOf(axis, offset)],
  )
  return shape.map((size, k) => ({ size, stride: walks[0]?.strides[k] as number }))
}

/** How the loops read. */
export function walkOf(loops: readonly Loop[], offset: number): Walk {
  return { offset, strides: loops.map(({ stride }) => stride) }
}
