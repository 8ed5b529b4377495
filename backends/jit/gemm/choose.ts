// Which tile computes a product: a short table from measurements.

export interface TileChoice {
  readonly rows: number
  /** A multiple of 8, the columns of a panel. */
  readonly columns: number
  /** Steps of k after which sums go to memory, so that panel and rows stay in the first cache. */
  readonly depth: number
  /** Blocks of rows that stay in the second cache while the columns go by. */
  readonly slab: number
}

export function chooseTile(m: number, _k: number, _n: number, _fma: boolean): TileChoice {
  if (m === 1) return { rows: 1, columns: 16, depth: Infinity, slab: 1 }
  return { rows: 4, columns: 8, depth: 512, slab: 32 }
}
