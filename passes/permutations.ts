// Permutations of axes: axis k of a permuted value is axis perm[k] of the value.

import type { Shape } from '../lib/ir/types.js'

export type Perm = readonly number[]

export function identityPerm(rank: number): Perm {
  return Array.from({ length: rank }, (_, axis) => axis)
}

export function isIdentityPerm(perm: Perm): boolean {
  return perm.every((axis, k) => axis === k)
}

/** `first`, then `second`. */
export function composePerms(first: Perm, second: Perm): Perm {
  return second.map(axis => first[axis] as number)
}

export function invertPerm(perm: Perm): Perm {
  const inverse = new Array<number>(perm.length)
  perm.forEach((axis, k) => {
    inverse[axis] = k
  })
  return inverse
}

export function permuted<T>(items: readonly T[], perm: Perm): T[] {
  return perm.map(axis => items[axis] as T)
}

/** Whether the axes that are not of size 1 keep their order, so that a reshape does the same. */
export function movesOnlyUnits(perm: Perm, shape: Shape): boolean {
  const moved = perm.filter(axis => shape[axis] !== 1)
  return moved.every((axis, k) => k === 0 || axis > (moved[k - 1] as number))
}
