// Which tile computes a product, and how the work is cut: a short table from measurements.

/** Columns of a packed panel: two vectors. */
export const panelColumns = 8

export interface TileChoice {
  readonly rows: number
  /** A multiple of `panelColumns`. */
  readonly columns: number
  /** Blocks of rows whose parts of A and C stay in the second cache while the columns go by. */
  readonly slab: number
}

/** Bytes of a slab: half of a small second cache. */
const slabBytes = 1 << 18

/**
 * Measured on x64 (Zen 4, Node 20), GFLOP/s, packed B, k = 256…512: 4×8 45, 2×16 43, 3×8 36, 2×8 34; 5×8 and 6×8 22–32
 * (spilled); of one row 1×16 by two steps 28, 1×24 28, 1×8 19, 1×32 18. Splitting k for the first cache, or summing it
 * several ways, won nothing; slabs by A alone are 2 to 6 % slower. With fused multiply-add 4×8 is the best as well (52): eight sums are all that two units of
 * latency four can take.
 */
export function chooseTile(m: number, k: number, n: number): TileChoice {
  const [rows, columns] = m === 1 ? [1, 16] : m === 2 ? [2, 16] : m === 3 ? [3, 8] : [4, 8]
  return { rows, columns, slab: Math.max(1, Math.floor(slabBytes / (4 * rows * Math.max(1, k + n)))) }
}

/**
 * Whether packing a right operand in front of its product pays, where it changes with every run: measured, at 64×512×512
 * packing included is 1.2 times as fast as row-major, at 16×512×512 and 128×64×128 it is level.
 */
export function worthPacking(m: number, k: number, n: number): boolean {
  return m >= 32 && k * n > 8192
}
