// Steps: what a workload's network is made of, as plain data that every peer builds its own model from.

/** Weights are float32, in Keras' layouts and order. */
export interface Weights {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

export type Step =
  | {
      readonly kind: 'dense'
      readonly units: number
      readonly activation: 'relu' | 'softmax' | null
      /** [inputs, units], then [units] if there is a bias. */
      readonly weights: readonly Weights[]
    }
  /** A convolution over one or two axes. */
  | {
      readonly kind: 'conv'
      readonly size: readonly number[]
      readonly strides: number
      readonly padding: 'same' | 'valid'
      readonly filters: number
      readonly activation: 'relu' | null
      /** [...size, channels, filters], then [filters] if there is a bias. */
      readonly weights: readonly Weights[]
    }
  /** One filter for each channel of an image. */
  | {
      readonly kind: 'depthwise'
      readonly size: number
      readonly strides: number
      readonly padding: 'same' | 'valid'
      /** [size, size, channels, 1]. */
      readonly weights: readonly Weights[]
    }
  | {
      readonly kind: 'batchNorm'
      readonly epsilon: number
      /** Gamma, beta, moving mean, moving variance. */
      readonly weights: readonly Weights[]
    }
  | { readonly kind: 'softmax' }
  | { readonly kind: 'gelu' }
  /** max(x, 0), at most `most` where that is given. */
  | { readonly kind: 'relu'; readonly most: number | null }
  /** Zeros around an image, as [before, after] of both axes. */
  | { readonly kind: 'zeroPad'; readonly cells: readonly [number, number] }
  | { readonly kind: 'maxPool'; readonly size: number }
  | { readonly kind: 'globalAverage' }
  /** `shape` is without the batch, as for all of these. */
  | { readonly kind: 'reshape'; readonly shape: readonly number[] }
  /** `dims` as Keras has them: 1 is the first axis after the batch. */
  | { readonly kind: 'permute'; readonly dims: readonly number[] }
  | { readonly kind: 'flatten' }
  | { readonly kind: 'repeat'; readonly times: number }
  /** x + steps(x). */
  | { readonly kind: 'residual'; readonly steps: readonly Step[] }

export type StepKind = Step['kind']
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>

/** Every step but the sum of two branches is one layer. */
type LayerStep = Exclude<Step, StepOf<'residual'>>
type LayerKind = LayerStep['kind']

/** What a peer makes of each kind of step that is one of its layers. */
export type LayerBuilders<Layer> = { readonly [K in LayerKind]: (step: Extract<LayerStep, { kind: K }>) => Layer }

/** A layer and the weights it is to have. */
export interface Built<Layer> {
  readonly layer: Layer
  readonly weights: readonly Weights[]
}

/** Calls layers one after the other, a residual's sum by `add`. */
export function buildChain<Layer, Tensor>(
  steps: readonly Step[],
  x: Tensor,
  builders: LayerBuilders<Layer>,
  call: (layer: Layer, x: Tensor) => Tensor,
  add: (x: Tensor, y: Tensor) => Tensor,
): { readonly y: Tensor; readonly built: readonly Built<Layer>[] } {
  const built: Built<Layer>[] = []
  const chain = (list: readonly Step[], start: Tensor): Tensor =>
    list.reduce((value, step) => {
      if (step.kind === 'residual') return add(value, chain(step.steps, value))
      const layer = buildOne(builders, step)
      built.push({ layer, weights: 'weights' in step ? step.weights : [] })
      return call(layer, value)
    }, start)
  return { y: chain(steps, x), built }
}

function buildOne<Layer, K extends LayerKind>(builders: LayerBuilders<Layer>, step: Extract<LayerStep, { kind: K }>): Layer {
  const build: (step: Extract<LayerStep, { kind: K }>) => Layer = builders[step.kind as K]
  return build(step)
}

/** Cells before and after an axis, with TensorFlow's `same`. */
export function cellsAround(padding: 'same' | 'valid', cells: number, size: number, strides: number): readonly [number, number] {
  if (padding === 'valid') return [0, 0]
  const total = Math.max((Math.ceil(cells / strides) - 1) * strides + size - cells, 0)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}
