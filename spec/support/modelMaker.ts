// ModelMaker: grows a legal model step by step, where each step picks its operands among the tensors that exist.

import { NDArray } from '../../lib/ir/ndarray.js'
import type { DType } from '../../lib/ir/types.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { KerasTensor } from '../../lib/layers/kerasTensor.js'
import type { KerasShape, Layer } from '../../lib/layers/layer.js'
import { type Model, model } from '../../lib/models/model.js'
import { uniform } from './feeds.js'
import type { Picks } from './graphMaker.js'

/** What a step needs of a tensor. */
export type Fits = (x: KerasTensor) => boolean

/** A layer that may be called again on tensors like the one it was built on. */
interface Shareable {
  readonly layer: Layer
  readonly like: KerasTensor
}

export const featuresOf = (x: KerasTensor): number | null => x.shape.at(-1) ?? null
export const isFloat: Fits = x => x.dtype === 'float32'
export const isUnmasked: Fits = x => x.mask === null
export const hasRank =
  (...ranks: readonly number[]): Fits =>
  x =>
    ranks.includes(x.shape.length)

/** A type without what automatic names say: unknown time axes of all inputs are fed with one size. */
export function kindOf(x: KerasTensor): string {
  const shape = x.type.shape.map(size => (typeof size === 'string' ? size.replace(/^in_\d+:/, 'time:') : size))
  return `${x.dtype}[${shape.join(',')}]`
}

export class ModelMaker {
  /** What later steps may read. */
  readonly pool: KerasTensor[] = []
  /** One line per call, for counterexamples. */
  readonly recipe: string[] = []
  readonly shareable: Shareable[] = []
  private readonly inputs: KerasTensor[] = []
  private readonly read = new Set<KerasTensor>()
  private readonly prefix: string
  private named = 0

  constructor(prefix = '') {
    this.prefix = prefix
  }

  /** A name that no other layer of this model has. */
  name(stem: string): string {
    return `${this.prefix}${stem}_${this.named++}`
  }

  input(shape: KerasShape, dtype: DType = 'float32'): KerasTensor {
    const tensor = input({ shape, dtype, name: `${this.prefix}in_${this.inputs.length}` })
    this.inputs.push(tensor)
    this.pool.push(tensor)
    this.recipe.push(`${tensor.name} = input([${shape.join(', ')}], ${dtype})`)
    return tensor
  }

  /** A pooled tensor that fits, or a new input where none does. */
  take(picks: Picks, fits: Fits, fallback: KerasShape, dtype: DType = 'float32'): KerasTensor {
    const candidates = this.pool.filter(fits)
    return candidates.length > 0 ? picks.of(candidates) : this.input(fallback, dtype)
  }

  /** Calls a layer; later steps may read its outputs. */
  apply(layer: Layer, operands: KerasTensor | readonly KerasTensor[]): readonly KerasTensor[] {
    const outputs = layer.applyAll(operands)
    const list = Array.isArray(operands) ? (operands as readonly KerasTensor[]) : [operands as KerasTensor]
    for (const operand of list) this.read.add(operand)
    this.pool.push(...outputs)
    const names = (tensors: readonly KerasTensor[]) => tensors.map(({ name }) => name).join(', ')
    this.recipe.push(`${names(outputs)} = ${layer.title}(${names(list)})`)
    return outputs
  }

  /** As `apply`, for a layer that other steps may share. */
  applyShareable(layer: Layer, operand: KerasTensor): void {
    this.apply(layer, operand)
    this.shareable.push({ layer, like: operand })
  }

  /** The finished model: what nothing reads is an output, and now and then something that is read. */
  finish(picks: Picks, name = 'net'): Model<unknown> {
    const sinks = this.pool.filter(tensor => !this.read.has(tensor))
    const extra = picks.next(4) === 3 ? [picks.of(this.pool)] : []
    const outputs = [...new Set([...sinks, ...extra])]
    return model({ inputs: this.inputs, outputs, name }) as Model<unknown>
  }
}

/** Whole numbers from −2 to 2 for every weight, from 1 to 3 for variances: what a few layers compute of them is exact. */
export function setWholeWeights(net: Layer, seed: number): void {
  const random = uniform(seed)
  const draw = (path: string) => (path.endsWith('variance') ? 1 + Math.floor(random() * 3) : Math.floor(random() * 5) - 2)
  net.setWeights(
    net.weights.map(({ path, shape, size, dtype }) => {
      const values = Array.from({ length: size }, () => draw(path))
      return new NDArray(dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values), shape)
    }),
  )
}
