// Random numbers for initial values: counter-based, so that a value depends on its seed and its place alone.

import { ArgumentError } from '../../ir/errors.js'
import { threefry2x32 } from '../../ops/primitives/random.js'
import { type Field, isRecord, nullable } from '../schema.js'

/** The two words that a stream of random numbers is made from. */
export type Key = readonly [number, number]

/** Keeps initial values apart from whatever else is drawn from the same seed. */
const domain = 0x696e6974

/** The key of an integer seed; seeds that differ, up to ±2⁵³, have different keys. */
export function keyOf(seed: number): Key {
  return [seed | 0, Math.floor(seed / 2 ** 32) | 0]
}

const seeds = { key: keyOf(Math.floor(Math.random() * 2 ** 53)), drawn: 0 }

/**
 * Makes what comes after repeatable: initializers without a seed take theirs, in order of construction, from this one.
 * @throws ArgumentError unless the seed is a whole number.
 */
export function setRandomSeed(seed: number): void {
  if (!Number.isSafeInteger(seed)) throw new ArgumentError(`setRandomSeed: seed should be a whole number, got ${String(seed)}`)
  seeds.key = keyOf(seed)
  seeds.drawn = 0
}

/** A seed for something that was given none: a whole number from 0 to 2³¹ − 1. */
export function nextSeed(): number {
  const [word] = threefry2x32(seeds.key, [seeds.drawn, 0])
  seeds.drawn++
  return word >>> 1
}

/** A seed that gives other values at each use, where an integer seed repeats them. Keras' keras.random.SeedGenerator. */
export class SeedGenerator {
  /** The seed it was made with, or null. */
  readonly seed: number | null
  private readonly start: number
  private used = 0

  /** @throws ArgumentError unless the seed is a whole number or null. */
  constructor({ seed = null }: { readonly seed?: number | null } = {}) {
    if (seed !== null && !Number.isSafeInteger(seed)) {
      throw new ArgumentError(`SeedGenerator: seed should be a whole number or null, got ${String(seed)}`)
    }
    this.seed = seed
    this.start = seed ?? nextSeed()
  }
  /** The key of the next use. */
  next(): Key {
    return threefry2x32(keyOf(this.start), [this.used++, domain])
  }
}

/** The seed option of Keras: a whole number, a SeedGenerator or its JSON, or null; null by default. */
export function seedField(): Field<number | SeedGenerator | null> {
  return nullable<number | SeedGenerator>({
    parse(value, where) {
      if (typeof value === 'number' && Number.isSafeInteger(value)) return value
      if (value instanceof SeedGenerator) return value
      if (isRecord(value) && value.class_name === 'SeedGenerator' && isRecord(value.config)) {
        return new SeedGenerator({ seed: value.config.seed as number | null })
      }
      throw new ArgumentError(`${where} should be a whole number, a SeedGenerator or null`)
    },
    toJson(value) {
      if (typeof value === 'number') return value
      return {
        module: 'keras.random',
        class_name: 'SeedGenerator',
        config: { seed: value.seed, name: 'seed_generator' },
        registered_name: null,
      }
    },
  })
}

/** Fills `out` with `law(u)` for independent uniforms u in (0, 1) of 32 bits, never 0 or 1. */
export function fillRandom<T extends Float32Array | Float64Array>(out: T, key: Key, law: (u: number) => number): T {
  for (let at = 0; at < out.length; at += 2) {
    const [even, odd] = threefry2x32(key, [at / 2, domain])
    out[at] = law(((even >>> 0) + 0.5) * 2 ** -32)
    if (at + 1 < out.length) out[at + 1] = law(((odd >>> 0) + 0.5) * 2 ** -32)
  }
  return out
}

/** c₀ + c₁·r + c₂·r² + … */
function polynomial(r: number, coefficients: readonly number[]): number {
  return coefficients.reduceRight((sum, coefficient) => sum * r + coefficient, 0)
}

const middle = {
  over: [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087, 33430.57558358813,
    2509.0809287301227,
  ],
  under: [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
    5226.495278852854,
  ],
}
const tail = {
  over: [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
    0.022723844989269184, 7.745450142783414e-4,
  ],
  under: [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457, 5.475938084995345e-4,
    1.0507500716444169e-9,
  ],
}

/**
 * The inverse of the normal distribution function, to about 1e-16, for p and 1 − p ≥ e^−25.
 * Source: Wichura, Algorithm AS 241 (Applied Statistics 37, 1988), PPND16 without its far tail.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q
    return (q * polynomial(r, middle.over)) / polynomial(r, middle.under)
  }
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p)) - 1.6
  return (Math.sign(q) * polynomial(r, tail.over)) / polynomial(r, tail.under)
}

/** Φ(−2): the share of a normal distribution below −2σ. */
const cut = 0.022750131948179209

/** The quantile of a normal distribution cut off at ±2σ. */
export function truncatedNormalQuantile(p: number): number {
  return normalQuantile(cut + (1 - 2 * cut) * p)
}

/** The standard deviation of a standard normal cut off at ±2: Keras divides by it. */
export const truncatedDeviation = 0.8796256610342398
