// WeightOwner: what has weights of its own and of the layers inside it: reading, setting, freezing, counting.

import { ArgumentError, ShapeError } from '../ir/errors.js'
import type { VariableKind } from '../ir/graph.js'
import { NDArray, type Nested, ndarray, type TypedData } from '../ir/ndarray.js'
import { type DType, type Size, showKerasShape, type TensorType } from '../ir/types.js'
import { onUndo } from './undo.js'
import { type Draw, Variable, type VariableOptions } from './variable.js'

/** What weights can be given as. */
export type WeightValue = NDArray | TypedData | Nested

export interface WeightOptions {
  readonly shape: readonly number[]
  readonly initializer: Draw
  readonly dtype?: DType
  readonly trainable?: boolean
  readonly regularizer?: VariableOptions['regularizer']
  readonly constraint?: VariableOptions['constraint']
  readonly kind?: VariableKind
}

export abstract class WeightOwner {
  abstract readonly name: string
  /** `Layer "dense_1" (Dense)`. */
  abstract get title(): string
  abstract get className(): string
  private readonly owned: Variable[] = []
  private isTrainable: boolean

  constructor(trainable: boolean) {
    this.isTrainable = trainable
  }

  /** Makes a variable under this owner's name; trainable ones are weights, others statistics, unless `kind` says more. */
  protected addWeight(name: string, options: WeightOptions): Variable {
    const { dtype = 'float32', trainable = true, kind = trainable ? 'weight' : 'statistic' } = options
    const { regularizer = null, constraint = null, shape, initializer } = options
    const variable = new Variable({ path: `${this.name}/${name}`, shape, dtype, kind, initializer, trainable, regularizer, constraint })
    this.owned.push(variable)
    onUndo(() => this.owned.pop())
    return variable
  }

  /** A size that a weight's shape depends on. @throws ShapeError when it is unknown. */
  protected knownSize(size: Size | undefined, axis: number, type: TensorType): number {
    if (typeof size === 'number') return size
    throw new ShapeError(`axis ${axis} of the input must be known to make the weights, got ${showKerasShape(type.shape)}`, { input: type })
  }

  /** This owner's own variables, counters of random streams included. */
  get ownVariables(): readonly Variable[] {
    return this.owned
  }

  /** Layers inside this one, whose weights count as its own. */
  get sublayers(): readonly WeightOwner[] {
    return []
  }

  /** What is inside this one by the attribute under which Keras' files keep it. */
  get savedParts(): Readonly<Record<string, WeightOwner | readonly WeightOwner[]>> {
    return this.sublayers.length > 0 ? { layers: this.sublayers } : {}
  }

  /** All weights in Keras 3's order: layer by layer, trainable before non-trainable within each. */
  get weights(): readonly Variable[] {
    const own = this.owned.filter(variable => variable.kind !== 'counter' && variable.kind !== 'bound')
    const [first, last] = [own.filter(variable => variable.trainable), own.filter(variable => !variable.trainable)]
    return unique([...first, ...last, ...this.sublayers.flatMap(layer => layer.weights)])
  }

  get trainableWeights(): readonly Variable[] {
    if (!this.isTrainable) return []
    const own = this.owned.filter(variable => variable.kind === 'weight' && variable.trainable)
    return unique([...own, ...this.sublayers.flatMap(layer => layer.trainableWeights)])
  }

  get nonTrainableWeights(): readonly Variable[] {
    const trainable = new Set(this.trainableWeights)
    return this.weights.filter(variable => !trainable.has(variable))
  }

  get trainable(): boolean {
    return this.isTrainable
  }

  /** Freezes or thaws the owner and every layer inside it. */
  set trainable(value: boolean) {
    if (typeof value !== 'boolean') throw new ArgumentError(`${this.title}: trainable should be true or false, got ${String(value)}`)
    this.isTrainable = value
    for (const layer of this.sublayers) layer.trainable = value
  }

  countParams(): number {
    return this.weights.reduce((sum, variable) => sum + variable.size, 0)
  }

  /** Copies of all weights, in Keras 3's order. */
  getWeights(): NDArray[] {
    return this.weights.map(variable => variable.read())
  }

  /**
   * Replaces all weights; NDArrays, typed arrays or nested arrays in the order of `getWeights`.
   * @throws ArgumentError naming the weight that does not fit; none is changed then.
   */
  setWeights(values: readonly WeightValue[]): void {
    const { weights } = this
    if (!Array.isArray(values)) throw new ArgumentError(`${this.title}: setWeights() takes a list of weights, got ${String(values)}`)
    if (values.length !== weights.length) {
      throw new ArgumentError(
        `${this.title} has ${weights.length} weights, got ${values.length}`,
        weights.length > 0 ? `they are ${weights.map(showVariable).join(', ')}` : 'it has none until its first call',
      )
    }
    const checked = weights.map((variable, k) => this.checkWeight(variable, values[k] as WeightValue))
    weights.forEach((variable, k) => {
      variable.assign(checked[k] as TypedData)
    })
  }

  /** Typed arrays are taken flat; anything else must have the weight's shape. */
  private checkWeight(variable: Variable, value: WeightValue): TypedData {
    const flat = ArrayBuffer.isView(value)
    const array = this.arrayOf(variable, value)
    const sameShape = array.shape.length === variable.shape.length && array.shape.every((size, axis) => size === variable.shape[axis])
    if (array.dtype !== variable.dtype || !(flat ? array.data.length === variable.size : sameShape)) {
      throw new ArgumentError(`${this.title}: weight ${showVariable(variable)} cannot be set to ${array.dtype}[${array.shape.join(', ')}]`)
    }
    return array.data
  }

  private arrayOf(variable: Variable, value: WeightValue): NDArray {
    try {
      if (value instanceof NDArray) return value
      return ArrayBuffer.isView(value) ? new NDArray(value, [value.length]) : ndarray(value, variable.dtype)
    } catch (error) {
      if (error instanceof ArgumentError) error.message = `${this.title}: weight ${showVariable(variable)}: ${error.message}`
      throw error
    }
  }
}

function showVariable({ path, dtype, shape }: Variable): string {
  return `${path} (${dtype}[${shape.join(', ')}])`
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Set(list)]
}
