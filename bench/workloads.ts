// The workloads: chains of layers as plain data, with seeded weights and inputs, the same for every peer.

export type Step =
  | {
      readonly kind: 'dense'
      readonly inputs: number
      readonly units: number
      readonly activation: 'relu' | 'softmax' | null
      /** [inputs, units], row by row. */
      readonly kernel: Float32Array
      /** [units], or null for a layer without one. */
      readonly bias: Float32Array | null
    }
  | { readonly kind: 'softmax' }
  | { readonly kind: 'gelu' }
  /** `shape` is without the batch, as for all of these. */
  | { readonly kind: 'reshape'; readonly shape: readonly number[] }
  /** `dims` as Keras has them: 1 is the first axis after the batch. */
  | { readonly kind: 'permute'; readonly dims: readonly number[] }
  | { readonly kind: 'flatten' }
  | { readonly kind: 'repeat'; readonly times: number }

export interface Workload {
  readonly name: string
  readonly batch: number
  /** The shape of one row of the input. */
  readonly shape: readonly number[]
  readonly x: Float32Array
  readonly steps: readonly Step[]
}

const defaultSeed = 0x2545f491

/** Uniform in [−1, 1); xorshift32, because Math.random has no seed. */
export function uniform(size: number, seed = defaultSeed): Float32Array {
  let state = seed | 0
  return Float32Array.from({ length: size }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state / 2 ** 31
  })
}

/** A layer with weights of Glorot's size, so that values keep their magnitude from layer to layer. */
function dense(inputs: number, units: number, activation: 'relu' | 'softmax' | null, useBias = true): Step {
  const limit = Math.sqrt(6 / (inputs + units))
  const scaled = (size: number, seed: number) => uniform(size, seed).map(value => value * limit)
  const bias = useBias ? scaled(units, inputs * 31 + units) : null
  return { kind: 'dense', inputs, units, activation, kernel: scaled(inputs * units, inputs * 17 + units), bias }
}

function workload(name: string, batch: number, shape: readonly number[], steps: readonly Step[], scale = 1): Workload {
  const x = uniform(batch * shape.reduce((product, size) => product * size, 1)).map(value => value * scale)
  return { name, batch, shape, x, steps }
}

const mlp784 = () => [dense(784, 512, 'relu'), dense(512, 256, 'relu'), dense(256, 10, 'softmax')]

/** Made when asked for: a run of one row needs the weights of one. */
export const workloads = {
  mlp16: name => workload(name, 1, [16], [dense(16, 32, 'relu'), dense(32, 4, 'softmax')]),
  'mlp784-b1': name => workload(name, 1, [784], mlp784()),
  'mlp784-b32': name => workload(name, 32, [784], mlp784()),
  matmul512: name => workload(name, 512, [512], [dense(512, 512, null, false)]),
  softmax64x1000: name => workload(name, 64, [1000], [{ kind: 'softmax' }], 8),
  gelu64k: name => workload(name, 64, [1024], [{ kind: 'gelu' }], 4),
  shapes: name =>
    workload(
      name,
      16,
      [1024],
      [
        { kind: 'reshape', shape: [16, 64] },
        { kind: 'permute', dims: [2, 1] },
        { kind: 'flatten' },
        { kind: 'repeat', times: 4 },
        { kind: 'reshape', shape: [64, 64] },
        { kind: 'flatten' },
      ],
    ),
} as const satisfies Record<string, (name: string) => Workload>

export type WorkloadName = keyof typeof workloads

/** Floating-point operations of the matrix products. */
export function productFlops({ batch, steps }: Workload): number {
  return steps.reduce((sum, step) => sum + (step.kind === 'dense' ? 2 * batch * step.inputs * step.units : 0), 0)
}
