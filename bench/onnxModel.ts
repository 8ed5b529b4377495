// A workload as an ONNX model, from "x" to "y", with every size fixed.

import { type Attribute, type OnnxNode, type OnnxTensor, writeModel } from './onnx.js'
import type { Step, Workload } from './workloads.js'

/** Collects nodes and constants while it follows the one value that flows through the chain. */
class Chain {
  readonly nodes: OnnxNode[] = []
  readonly initializers: OnnxTensor[] = []
  readonly batch: number
  value = 'x'
  /** Of the value, without the batch. */
  shape: readonly number[]

  constructor({ batch, shape }: Pick<Workload, 'batch' | 'shape'>) {
    this.batch = batch
    this.shape = shape
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

  number(value: number): string {
    return this.constant(Float32Array.of(value), [])
  }

  /** Reshape or Expand to rows of this shape. */
  to(op: 'Reshape' | 'Expand', shape: readonly number[]): void {
    this.apply(op, [this.constant(BigInt64Array.from([this.batch, ...shape], BigInt), [shape.length + 1])])
    this.shape = shape
  }
}

const operators = { relu: 'Relu', softmax: 'Softmax' } as const

const writers: { readonly [K in Step['kind']]: (chain: Chain, step: Extract<Step, { kind: K }>) => void } = {
  dense(chain, { inputs, units, activation, kernel, bias }) {
    const weight = chain.constant(kernel, [inputs, units])
    if (bias) chain.apply('Gemm', [weight, chain.constant(bias, [units])])
    else chain.apply('MatMul', [weight])
    if (activation) chain.apply(operators[activation], [], activation === 'softmax' ? { axis: -1 } : {})
    chain.shape = [units]
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
}

/** The bytes of the .onnx file. */
export function onnxModel(workload: Pick<Workload, 'batch' | 'shape' | 'steps'>): Uint8Array {
  const chain = new Chain(workload)
  for (const step of workload.steps) write(chain, step)
  const { nodes, initializers, batch, value, shape } = chain
  return writeModel({
    nodes: nodes.map(node => (node.output === value ? { ...node, output: 'y' } : node)),
    initializers,
    input: { name: 'x', dims: [batch, ...workload.shape] },
    output: { name: 'y', dims: [batch, ...shape] },
  })
}

function write<K extends Step['kind']>(chain: Chain, step: Extract<Step, { kind: K }>): void {
  const writer: (chain: Chain, step: Extract<Step, { kind: K }>) => void = writers[step.kind as K]
  writer(chain, step)
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1)
}
