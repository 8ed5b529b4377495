// InputLayer and input(): where a model begins; a placeholder, a sparse placeholder or a bound constant.

import { ArgumentError } from '../ir/errors.js'
import { NDArray, type Nested, ndarray, storage } from '../ir/ndarray.js'
import { anything, checkOptions, type OptionKind, showGiven } from '../ir/options.js'
import type { DType, TensorType } from '../ir/types.js'
import type { TracedTensor } from '../ops/builder.js'
import { type Call, KerasTensor } from './kerasTensor.js'
import { type CallContext, Layer, nameSizes } from './layer.js'
import { boolean, codeOnly, isRecord, type Json, only, optional } from './schema.js'
import type { Variable } from './variable.js'

export interface InputOptions {
  /** The shape of one sample, without the batch axis; null where unknown. */
  readonly shape?: readonly (number | null)[]
  /** The shape with the batch axis. */
  readonly batchShape?: readonly (number | null)[]
  /** Keras 2's spelling of batchShape. */
  readonly batchInputShape?: readonly (number | null)[]
  readonly batchSize?: number | null
  readonly name?: string
  /** float32 by default; float64 is taken as float32. */
  readonly dtype?: DType | 'float64'
  /** Data comes as coordinates (COO) and is made dense where it enters. */
  readonly sparse?: boolean
  /** Binds a constant, an NDArray or nested arrays: the input takes no data. */
  readonly tensor?: NDArray | Nested | null
}

const isArray = (value: unknown): value is NDArray => value instanceof NDArray

const schema = {
  sparse: optional(boolean(), () => false),
  tensor: codeOnly(isArray, 'an NDArray'),
  ragged: only(false, 'ragged tensors are not supported'),
  optional: only(false, 'inputs that may be missing are not supported'),
}

/** Each is checked further on; here only misspelt ones are found. */
const optionKinds = {
  shape: anything,
  batchShape: anything,
  batchInputShape: anything,
  batchSize: anything,
  name: anything,
  dtype: anything,
  sparse: anything,
  tensor: anything,
  ragged: anything,
  optional: anything,
  trainable: anything,
} as const satisfies Record<keyof InputOptions, OptionKind> & Record<'ragged' | 'optional' | 'trainable', OptionKind>

export class InputLayer extends Layer {
  static override readonly className = 'InputLayer'
  static override readonly schema = schema
  override readonly supportsMasking = true
  /** The batch shape; null where unknown. */
  readonly batchShape: readonly (number | null)[]
  private readonly options = this.parse(schema)
  private readonly bound: Variable | undefined

  /** @throws ArgumentError unless exactly one of shape, batchShape and tensor says the shape. */
  constructor(options: InputOptions) {
    checkOptions('input', options, optionKinds)
    const { shape, batchShape, batchInputShape, batchSize, tensor: given, ...rest } = options
    const tensor = given === undefined || given === null ? null : boundArray(given, rest.dtype)
    if (batchShape && batchInputShape) throw new ArgumentError('input: batchInputShape and batchShape mean the same; give one of them')
    const fullShape = shapeFrom({ ...options, tensor, ...(batchInputShape ? { batchShape: batchInputShape } : {}) })
    super({ ...rest, ...(tensor ? { tensor, dtype: rest.dtype ?? tensor.dtype } : {}) } as object)
    this.batchShape = fullShape
    if (tensor) {
      if (tensor.dtype !== this.dtype)
        throw new ArgumentError(`input: the bound tensor is ${tensor.dtype}, but the dtype given is ${this.dtype}`)
      const values = tensor.data.slice()
      const constant = { draw: () => values.slice() }
      this.bound = this.addWeight('value', {
        shape: tensor.shape,
        dtype: tensor.dtype,
        initializer: constant,
        trainable: false,
        kind: 'bound',
      })
    }
    const type: TensorType = { dtype: this.dtype, shape: nameSizes(this.batchShape, this.name) }
    const outputs: KerasTensor[] = []
    const call: Call = { layer: this, index: 0, inputs: [], inputsAsList: false, masks: [], masksGiven: false, outputs, dropsMask: false }
    outputs.push(new KerasTensor(type, call, 0, null))
    this.calls.push(call)
  }

  get sparse(): boolean {
    return this.options.sparse
  }

  /** The variable of a bound constant, or undefined for a placeholder. */
  get constant(): Variable | undefined {
    return this.bound
  }

  protected override checkInputs(): void {}

  /** Only a bound constant is ever replayed; placeholders are fed by the model. */
  protected override call(_inputs: readonly TracedTensor[], { weight }: CallContext): TracedTensor {
    if (!this.bound) throw new ArgumentError('an input layer cannot be applied', 'input() gives its tensor')
    return weight(this.bound)
  }

  override getConfig(): Record<string, Json> {
    return { batch_shape: this.batchShape, dtype: this.dtype, sparse: this.sparse, ragged: false, name: this.name, optional: false }
  }
}

/** The constant that `tensor` gives. */
function boundArray(given: NDArray | Nested, dtype: InputOptions['dtype']): NDArray {
  if (given instanceof NDArray) return given
  if (ArrayBuffer.isView(given) || (!Array.isArray(given) && typeof given !== 'number' && typeof given !== 'boolean'))
    throw new ArgumentError(
      `input: tensor should be an NDArray or nested arrays, got ${showGiven(given)}`,
      'a typed array needs a shape: new NDArray(data, shape)',
    )
  try {
    return ndarray(given, dtype && dtype in storage ? (dtype as DType) : 'float32')
  } catch (error) {
    if (error instanceof ArgumentError) error.message = `input: tensor: ${error.message}`
    throw error
  }
}

function shapeFrom({
  shape,
  batchShape,
  batchSize,
  tensor,
}: Omit<InputOptions, 'tensor'> & { readonly tensor: NDArray | null }): readonly (number | null)[] {
  const given = [shape && 'shape', batchShape && 'batchShape', tensor && 'tensor'].filter(Boolean)
  if (given.length > 1 && !(tensor && given.length === 2))
    throw new ArgumentError(`input takes one of shape and batchShape, got ${given.join(' and ')}`)
  if (batchShape && batchSize !== undefined) throw new ArgumentError('input takes batchSize with shape, not with batchShape')
  const sizes = shape
    ? checkSizes(Array.isArray(shape) ? [batchSize ?? null, ...shape] : shape)
    : batchShape
      ? checkSizes(batchShape)
      : tensor?.shape
  if (!sizes) throw new ArgumentError('input needs a shape', 'input({ shape: [32] }) is a batch of vectors of 32')
  if (tensor && (sizes.length !== tensor.shape.length || sizes.some((size, axis) => size !== null && size !== tensor.shape[axis]))) {
    throw new ArgumentError(`input: the bound tensor has shape [${tensor.shape.join(', ')}], but the shape given is [${sizes.join(', ')}]`)
  }
  return tensor ? tensor.shape : sizes
}

function checkSizes(shape: unknown): readonly (number | null)[] {
  if (!Array.isArray(shape))
    throw new ArgumentError(`input: shape should be a list of sizes, got ${String(shape)}`, `write shape: [${String(shape)}]`)
  const bad = shape.find(size => size !== null && (!Number.isSafeInteger(size) || size < 0))
  if (bad !== undefined) throw new ArgumentError(`input: sizes should be whole numbers ≥ 0 or null, got ${String(bad)}`)
  return [...shape]
}

/** A Keras tensor to start a model from: `input({ shape: [32] })` is a batch of vectors of 32. */
export function input(options: InputOptions): KerasTensor {
  if (!isRecord(options)) throw new ArgumentError(`input takes an object of options, got ${String(options)}`, 'input({ shape: [32] })')
  const [tensor] = new InputLayer(options).calls[0]?.outputs ?? []
  if (!tensor) throw new Error('internal: an input layer without an output')
  return tensor
}
