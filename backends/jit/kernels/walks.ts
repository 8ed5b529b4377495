// Walks: how a tensor is read or written along the axes of a loop nest, and how loop nests shrink.

/** Where element [i, j, …] lies: offset + i · strides[0] + j · strides[1] + …, in elements. */
export interface Walk {
  readonly strides: readonly number[]
  readonly offset: number
}

/** The same loops with fewer axes: axes of size 1 dropped, neighbours merged where every walk goes straight through. */
export function collapse(shape: readonly number[], walks: readonly Walk[]): { shape: number[]; walks: Walk[] } {
  const sizes: number[] = []
  const strides: number[][] = walks.map(() => [])
  shape.forEach((size, axis) => {
    if (size === 1) return
    const last = sizes.length - 1
    const straight = last >= 0 && walks.every((walk, k) => strides[k]?.[last] === (walk.strides[axis] as number) * size)
    if (straight) sizes[last] = (sizes[last] as number) * size
    else sizes.push(size)
    walks.forEach((walk, k) => {
      const list = strides[k] as number[]
      if (straight) list[last] = walk.strides[axis] as number
      else list.push(walk.strides[axis] as number)
    })
  })
  return { shape: sizes, walks: walks.map(({ offset }, k) => ({ offset, strides: strides[k] as number[] })) }
}

export function sameWalk(a: Walk, b: Walk): boolean {
  return a.offset === b.offset && a.strides.every((stride, axis) => stride === b.strides[axis])
}

/** `12+[64,1]` */
export function showWalk({ strides, offset }: Walk): string {
  return `${offset ? `${offset}+` : ''}[${strides.join(',')}]`
}
