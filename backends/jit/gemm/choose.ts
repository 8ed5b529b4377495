// Which tile computes a product: a short table from measurements.

export interface TileChoice {
  readonly rows: number
  /** A multiple of 8, the columns of a panel. */
  readonly columns: number
  readonly unroll: number
  readonly ways: number
  /** Blocks of rows that stay in the second cache while the columns go by. */
  readonly slab: number
}

export function chooseTile(m: number, _k: number, _n: number, _fma: boolean): TileChoice {
  if (m === 1) return { rows: 1, columns: 16, unroll: 1, ways: 1, slab: 1 << 20 }
  return { rows: 4, columns: 8, unroll: 1, ways: 1, slab: 1 << 20 }
}
