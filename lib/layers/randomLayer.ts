// RandomLayer: what layers with a random stream share: a seed, and a counter that gives every call of every run its own draw.

import type { TracedTensor } from '../ops/builder.js'
import { type CallContext, Layer } from './layer.js'
import { keyOf } from './parts/random.js'
import { type Field, integer, nullable } from './schema.js'
import type { Variable } from './variable.js'

/** A whole number ≥ 0; null picks one when the layer is made. */
export function seed(): Field<number | null> {
  return nullable(integer({ min: 0 }))
}

/** What a random op is keyed by: its operands `key` and `counter`. */
export type Draw = readonly [key: TracedTensor, counter: TracedTensor]

export abstract class RandomLayer extends Layer {
  override readonly supportsMasking = true
  /** The seed given, or one picked when the layer is made. */
  protected abstract readonly streamSeed: number
  private counter: Variable | undefined

  protected override build(): void {
    const zero = { draw: () => new Int32Array(1) }
    this.counter = this.addWeight('seed_counter', { shape: [], dtype: 'int32', initializer: zero, trainable: false, kind: 'counter' })
  }

  /** The next draw. The key depends on the seed alone: two layers with one seed draw the same at their first call, as in Keras. */
  protected nextDraw({ trace }: CallContext): Draw {
    const key = trace.builder.constant(keyOf(this.streamSeed), { dtype: 'int32', shape: [2] })
    return [key, trace.nextCounter(this.counter as Variable)]
  }
}
