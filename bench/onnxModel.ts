// A workload as an ONNX model, from "x" to "y", with every size fixed; images lie channels first, as ONNX has them.

import { channelsFirst } from './layout.js'
import { type Attribute, type OnnxNode, type OnnxTensor, writeModel } from './onnx.js'
import { cellsAround, type Step, type StepKind, type StepOf, type Weights } from './steps.js'
import type { Workload } from './workloads.js'

/** Collects nodes and constants while it follows the one value that flows through the chain. */
class Chain {
  readonly nodes: OnnxNode[] = []
  readonly initializers: OnnxTensor[] = []
  readonly batch: number
  value = 'x'
  /** Of the value as Keras has it: channels last, without the batch. */
  shape: readonly number[]
  /** Whether the value lies channels first. */
  first: boolean

  constructor({ batch, shape }: Pick<Workload, 'batch' | 'shape'>, first: boolean) {
    this.batch = batch
    this.shape = shape
    this.first = first
  }

  /** Applies an operator to the value, followed by these. */
  apply(op: string, others: readonly string[] = [], attributes: Readonly<Record<string, Attribute>> = {}): void {
    const output = `v${this.nodes.length}`
    this.nodes.push({ op, inputs: [this.value, ...others], output, attributes })
    this.value = output
  }

  constant(data: Float32Array | BigInt64Array, dims: readonly number[]): string {
    const name = `c${this.initializers.length}`
    this.initializers.push({ name, dims, data })
    return name
  }

  weights({ data, shape }: Weights): string {
    return this.constant(data, shape)
  }

  number(value: number): string {
    return this.constant(Float32Array.of(value), [])
  }

  /** Brings the channels of an image to the end, as an exporter does where layouts meet. */
  channelsLast(): void {
    const rank = this.shape.length + 1
    if (this.first) this.apply('Transpose', [], { perm: [0, ...Array.from({ length: rank - 2 }, (_, k) => k + 2), 1] })
    this.first = false
  }

  /** The other way, for what comes from a reshape. */
  channelsFirst(): void {
    const rank = this.shape.length + 1
    if (!this.first) this.apply('Transpose', [], { perm: [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, k) => k + 1)] })
    this.first = true
  }

  /** Reshape or Expand to rows of this shape. */
  to(op: 'Reshape' | 'Expand', shape: readonly number[]): void {
    this.channelsLast()
    this.apply(op, [this.constant(BigInt64Array.from([this.batch, ...shape], BigInt), [shape.length + 1])])
    this.shape = shape
  }
}

const operators = { relu: 'Relu', softmax: 'Softmax' } as const

type Windows = { readonly size: readonly number[]; readonly strides: number; readonly padding: 'same' | 'valid' }

/** A convolution by weights that lie [filters, channels / groups, ...size]; the value's shape becomes the result's. */
function convolve(
  chain: Chain,
  { size, strides, padding }: Windows,
  kernel: Weights,
  filters: number,
  group: number,
  bias: Weights | undefined,
): void {
  chain.channelsFirst()
  const spatial = chain.shape.slice(0, -1)
  const around = spatial.map((cells, axis) => cellsAround(padding, cells, size[axis] as number, strides))
  chain.apply('Conv', [chain.weights(kernel), ...(bias ? [chain.weights(bias)] : [])], {
    kernel_shape: size,
    strides: size.map(() => strides),
    pads: [...around.map(([low]) => low), ...around.map(([, high]) => high)],
    group,
  })
  const positions = spatial.map((cells, axis) => {
    const [low, high] = around[axis] as readonly [number, number]
    return Math.floor((cells + low + high - (size[axis] as number)) / strides) + 1
  })
  chain.shape = [...positions, filters]
}

const writers: { readonly [K in StepKind]: (chain: Chain, step: StepOf<K>) => void } = {
  dense(chain, { units, activation, weights: [kernel, bias] }) {
    const weight = chain.weights(kernel as Weights)
    if (bias) chain.apply('Gemm', [weight, chain.weights(bias)])
    else chain.apply('MatMul', [weight])
    if (activation) chain.apply(operators[activation], [], activation === 'softmax' ? { axis: -1 } : {})
    chain.shape = [units]
  },
  conv(chain, step) {
    const [kernel, bias] = step.weights as readonly [Weights, Weights?]
    const rank = kernel.shape.length
    const perm = [rank - 1, rank - 2, ...Array.from({ length: rank - 2 }, (_, axis) => axis)]
    convolve(chain, step, transposed(kernel, perm), step.filters, 1, bias)
    if (step.activation) chain.apply(operators[step.activation])
  },
  depthwise(chain, step) {
    const [kernel] = step.weights as readonly [Weights]
    const channels = kernel.shape[2] as number
    convolve(chain, { ...step, size: [step.size, step.size] }, transposed(kernel, [2, 3, 0, 1]), channels, channels, undefined)
  },
  batchNorm(chain, { epsilon, weights }) {
    chain.channelsFirst()
    chain.apply(
      'BatchNormalization',
      weights.map(vector => chain.weights(vector)),
      { epsilon: { float: epsilon } },
    )
  },
  softmax: chain => chain.apply('Softmax', [], { axis: -1 }),
  // x · ½ · (1 + erf(x / √2)), as exporters write it; ONNX Runtime fuses it into one kernel
  gelu(chain) {
    const x = chain.value
    chain.apply('Div', [chain.number(Math.SQRT2)])
    chain.apply('Erf')
    chain.apply('Add', [chain.number(1)])
    chain.apply('Mul', [x])
    chain.apply('Mul', [chain.number(0.5)])
  },
  relu: (chain, { most }) => (most === null ? chain.apply('Relu') : chain.apply('Clip', [chain.number(0), chain.number(most)])),
  zeroPad(chain, { cells: [low, high] }) {
    chain.channelsFirst()
    chain.apply('Pad', [chain.constant(BigInt64Array.from([0, 0, low, low, 0, 0, high, high], BigInt), [8])])
    chain.shape = chain.shape.map((size, axis) => (axis < 2 ? size + low + high : size))
  },
  maxPool(chain, { size }) {
    chain.channelsFirst()
    chain.apply('MaxPool', [], { kernel_shape: [size, size], strides: [size, size] })
    chain.shape = chain.shape.map((cells, axis) => (axis < 2 ? Math.floor(cells / size) : cells))
  },
  globalAverage(chain) {
    chain.channelsFirst()
    chain.apply('GlobalAveragePool')
    chain.shape = [1, 1, chain.shape.at(-1) as number]
    chain.to('Reshape', chain.shape.slice(-1))
  },
  reshape: (chain, { shape }) => chain.to('Reshape', shape),
  permute(chain, { dims }) {
    chain.apply('Transpose', [], { perm: [0, ...dims] })
    chain.shape = dims.map(axis => chain.shape[axis - 1] as number)
  },
  flatten: chain => chain.to('Reshape', [sizeOf(chain.shape)]),
  repeat(chain, { times }) {
    const [features = 1] = chain.shape
    chain.to('Reshape', [1, features])
    chain.to('Expand', [times, features])
  },
  residual(chain, { steps }) {
    const shortcut = chain.value
    for (const step of steps) write(chain, step)
    chain.apply('Add', [shortcut])
  },
}

/** Whether the input and the output of the ONNX model lie channels first, and the output's shape as Keras has it. */
export interface OnnxLayout {
  readonly bytes: Uint8Array
  readonly inputFirst: boolean
  readonly outputFirst: boolean
  readonly outputShape: readonly number[]
}

/** The .onnx file: what begins with an image or a sequence of vectors that a convolution reads takes it channels first. */
export function onnxModel(workload: Pick<Workload, 'batch' | 'shape' | 'steps'>): OnnxLayout {
  const inputFirst = readsChannelsFirst(workload.steps)
  const chain = new Chain(workload, inputFirst)
  for (const step of workload.steps) write(chain, step)
  const { nodes, initializers, batch, value, shape, first } = chain
  const dims = (sizes: readonly number[], lies: boolean) => [batch, ...(lies ? channelsFirst(sizes) : sizes)]
  const bytes = writeModel({
    nodes: nodes.map(node => (node.output === value ? { ...node, output: 'y' } : node)),
    initializers,
    input: { name: 'x', dims: dims(workload.shape, inputFirst) },
    output: { name: 'y', dims: dims(shape, first) },
  })
  return { bytes, inputFirst, outputFirst: first, outputShape: shape }
}

function readsChannelsFirst([step]: readonly Step[]): boolean {
  if (step?.kind === 'residual') return readsChannelsFirst(step.steps)
  return step?.kind === 'conv' || step?.kind === 'depthwise'
}

function write<K extends StepKind>(chain: Chain, step: StepOf<K>): void {
  const writer: (chain: Chain, step: StepOf<K>) => void = writers[step.kind as K]
  writer(chain, step)
}

/** NumPy's transpose. */
function transposed({ data, shape }: Weights, perm: readonly number[]): Weights {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
  const sizes = perm.map(axis => shape[axis] as number)
  const steps = perm.map(axis => strides[axis] as number)
  const index = sizes.map(() => 0)
  const out = new Float32Array(data.length)
  for (let at = 0; at < out.length; at++) {
    out[at] = data[index.reduce((sum, k, axis) => sum + k * (steps[axis] as number), 0)] as number
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      index[axis] = ((index[axis] as number) + 1) % (sizes[axis] as number)
      if (index[axis] !== 0) break
    }
  }
  return { data: out, shape: sizes }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
