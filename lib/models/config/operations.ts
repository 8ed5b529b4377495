// The operations of keras.ops that graphs in files may hold, each by the K function that computes it.

import type { TracedTensor } from '../../ops/builder.js'
import * as K from '../../ops/functional/index.js'
import type { OpArguments } from './opArguments.js'

export interface OperationRule {
  /** Names of the positional arguments, as in keras.ops. */
  readonly params: readonly string[]
  compute(args: OpArguments): TracedTensor | readonly TracedTensor[]
}

function unary(compute: (x: K.Operand) => TracedTensor): OperationRule {
  return { params: ['x'], compute: args => compute(args.operand('x')) }
}

function binary(compute: (x1: K.Operand, x2: K.Operand) => TracedTensor): OperationRule {
  return { params: ['x1', 'x2'], compute: args => compute(args.operand('x1'), args.operand('x2')) }
}

function reduction(
  compute: (x: K.Operand, options: { axis: number | readonly number[] | null; keepdims: boolean }) => TracedTensor,
): OperationRule {
  return { params: ['x'], compute: args => compute(args.operand('x'), { axis: args.axis(), keepdims: args.boolean('keepdims') }) }
}

function argReduction(compute: (x: K.Operand, axis: number | null, keepdims: boolean) => TracedTensor): OperationRule {
  const axisOf = (args: OpArguments) => (args.axis() === null ? null : args.oneAxis())
  return { params: ['x'], compute: args => compute(args.operand('x'), axisOf(args), args.boolean('keepdims')) }
}

const dataFormat = (args: OpArguments) => args.word('data_format', 'channels_last', 'channels_first')

function convOptions(args: OpArguments): Partial<K.ConvOptions> {
  return {
    strides: args.perAxis('strides', 1),
    padding: args.word('padding', 'valid', 'same'),
    dataFormat: dataFormat(args),
    dilationRate: args.perAxis('dilation_rate', 1),
  }
}

function pooling(compute: typeof K.maxPool): OperationRule {
  return {
    params: ['inputs'],
    compute: args =>
      compute(args.operand('inputs'), args.perAxis('pool_size', 2), {
        strides: args.nullablePerAxis('strides'),
        padding: args.word('padding', 'valid', 'same'),
        dataFormat: dataFormat(args),
      }),
  }
}

const convolutions: Readonly<Record<string, OperationRule>> = {
  Conv: {
    params: ['inputs', 'kernel'],
    compute: args => K.conv(args.operand('inputs'), args.operand('kernel'), convOptions(args)),
  },
  DepthwiseConv: {
    params: ['inputs', 'kernel'],
    compute: args => K.depthwiseConv(args.operand('inputs'), args.operand('kernel'), convOptions(args)),
  },
  SeparableConv: {
    params: ['inputs', 'depthwise_kernel', 'pointwise_kernel'],
    compute: args =>
      K.separableConv(args.operand('inputs'), args.operand('depthwise_kernel'), args.operand('pointwise_kernel'), convOptions(args)),
  },
  ConvTranspose: {
    params: ['inputs', 'kernel'],
    compute: args =>
      K.convTranspose(args.operand('inputs'), args.operand('kernel'), {
        strides: args.perAxis('strides', 1),
        padding: args.word('padding', 'valid', 'same'),
        outputPadding: args.nullablePerAxis('output_padding'),
        dataFormat: dataFormat(args),
        dilationRate: args.perAxis('dilation_rate', 1),
      }),
  },
  MaxPool: pooling(K.maxPool),
  AveragePool: pooling(K.averagePool),
}

const normalisations: Readonly<Record<string, OperationRule>> = {
  Normalize: {
    params: ['x'],
    compute: args =>
      K.normalize(args.operand('x'), {
        axis: args.axis('axis', -1),
        order: args.number('order', 2),
        epsilon: args.nullableNumber('epsilon'),
      }),
  },
  LayerNorm: {
    params: ['x', 'gamma', 'beta'],
    compute: args =>
      K.layerNormalization(args.operand('x'), args.nullableOperand('gamma'), args.nullableOperand('beta'), {
        axis: args.perAxis('axis', -1),
        epsilon: args.nullableNumber('epsilon'),
      }),
  },
  RMSNorm: {
    params: ['x', 'scale'],
    compute: args =>
      K.rmsNormalization(args.operand('x'), args.nullableOperand('scale'), {
        axis: args.perAxis('axis', -1),
        epsilon: args.nullableNumber('epsilon'),
      }),
  },
}

/** By Keras' class name. Source of names and arguments: keras/src/ops/{numpy,nn,math,core}.py. */
export const operations: Readonly<Record<string, OperationRule>> = {
  ...convolutions,
  ...normalisations,
  Absolute: unary(K.abs),
  Abs: unary(K.abs),
  Negative: unary(K.negative),
  Sign: unary(K.sign),
  Square: unary(K.square),
  Reciprocal: unary(K.reciprocal),
  Exp: unary(K.exp),
  Expm1: unary(K.expm1),
  Log: unary(K.log),
  Log1p: unary(K.log1p),
  Sqrt: unary(K.sqrt),
  Rsqrt: unary(K.rsqrt),
  Sin: unary(K.sin),
  Cos: unary(K.cos),
  Tan: unary(K.tan),
  Tanh: unary(K.tanh),
  Sigmoid: unary(K.sigmoid),
  Erf: unary(K.erf),
  Floor: unary(K.floor),
  Ceil: unary(K.ceil),
  Isnan: unary(K.isnan),
  Isfinite: unary(K.isfinite),
  Isinf: unary(K.isinf),
  LogicalNot: unary(K.logicalNot),
  Relu: unary(x => K.relu(x)),
  Relu6: unary(K.relu6),
  Selu: unary(K.selu),
  Silu: unary(K.silu),
  Softplus: unary(K.softplus),
  Softsign: unary(K.softsign),
  HardSigmoid: unary(K.hardSigmoid),
  HardSilu: unary(K.hardSilu),
  HardTanh: unary(K.hardTanh),
  LogSigmoid: unary(K.logSigmoid),
  TanhShrink: unary(K.tanhShrink),
  SparsePlus: unary(K.sparsePlus),
  SparseSigmoid: unary(K.sparseSigmoid),
  Ravel: unary(K.ravel),
  ZerosLike: unary(x => K.zerosLike(x)),
  OnesLike: unary(x => K.onesLike(x)),
  Celu: { params: ['x'], compute: args => K.celu(args.operand('x'), args.number('alpha', 1)) },
  Glu: { params: ['x'], compute: args => K.glu(args.operand('x'), args.oneAxis()) },
  HardShrink: { params: ['x'], compute: args => K.hardShrink(args.operand('x'), args.number('threshold', 0.5)) },
  SoftShrink: { params: ['x'], compute: args => K.softShrink(args.operand('x'), args.number('threshold', 0.5)) },
  Squareplus: { params: ['x'], compute: args => K.squareplus(args.operand('x'), args.number('b', 4)) },
  Threshold: {
    params: ['x'],
    compute: args => K.threshold(args.operand('x'), args.number('threshold'), args.number('default_value')),
  },
  Round: { params: ['x'], compute: args => K.round(args.operand('x'), args.number('decimals', 0)) },
  Clip: {
    params: ['x', 'x_min', 'x_max'],
    compute: args => K.clip(args.operand('x'), args.nullableOperand('x_min'), args.nullableOperand('x_max')),
  },
  Cast: { params: ['x', 'dtype'], compute: args => K.cast(args.operand('x'), args.dtype('dtype')) },
  LeakyRelu: { params: ['x'], compute: args => K.leakyRelu(args.operand('x'), args.number('negative_slope', 0.2)) },
  Elu: { params: ['x'], compute: args => K.elu(args.operand('x'), args.number('alpha', 1)) },
  Gelu: { params: ['x'], compute: args => K.gelu(args.operand('x'), args.boolean('approximate', true)) },
  Softmax: { params: ['x'], compute: args => K.softmax(args.operand('x'), args.axis('axis', -1)) },
  LogSoftmax: { params: ['x'], compute: args => K.logSoftmax(args.operand('x'), args.axis('axis', -1)) },
  Add: binary(K.add),
  Subtract: binary(K.subtract),
  Multiply: binary(K.multiply),
  Divide: binary(K.divide),
  TrueDivide: binary(K.divide),
  FloorDivide: binary(K.floorDivide),
  Mod: binary(K.mod),
  Power: binary(K.power),
  Maximum: binary(K.maximum),
  Minimum: binary(K.minimum),
  Equal: binary(K.equal),
  NotEqual: binary(K.notEqual),
  Greater: binary(K.greater),
  GreaterEqual: binary(K.greaterEqual),
  Less: binary(K.less),
  LessEqual: binary(K.lessEqual),
  LogicalAnd: binary(K.logicalAnd),
  LogicalOr: binary(K.logicalOr),
  LogicalXor: binary(K.logicalXor),
  Matmul: binary(K.matmul),
  Sum: reduction(K.sum),
  Prod: reduction(K.prod),
  Max: reduction(K.max),
  Min: reduction(K.min),
  Mean: reduction(K.mean),
  Std: reduction(K.std),
  Var: reduction(K.variance),
  Any: reduction(K.any),
  All: reduction(K.all),
  Logsumexp: reduction(K.logsumexp),
  Argmax: argReduction(K.argmax),
  Argmin: argReduction(K.argmin),
  Where: { params: ['condition', 'x1', 'x2'], compute: args => K.where(args.operand('condition'), args.operand('x1'), args.operand('x2')) },
  GetItem: { params: ['x', 'key'], compute: args => K.getItem(args.operand('x'), args.index('key')) },
  Reshape: { params: ['x', 'newshape'], compute: args => K.reshape(args.operand('x'), args.numbers('newshape')) },
  Transpose: { params: ['x'], compute: args => K.transpose(args.operand('x'), args.axis('axes') === null ? null : args.numbers('axes')) },
  ExpandDims: { params: ['x', 'axis'], compute: args => K.expandDims(args.operand('x'), args.oneAxis()) },
  Squeeze: { params: ['x'], compute: args => K.squeeze(args.operand('x'), args.axis()) },
  Swapaxes: { params: ['x'], compute: args => K.swapaxes(args.operand('x'), args.number('axis1'), args.number('axis2')) },
  Flip: { params: ['x'], compute: args => K.flip(args.operand('x'), args.axis()) },
  Concatenate: { params: ['xs'], compute: args => K.concatenate(args.operands('xs'), args.oneAxis()) },
  Moveaxis: { params: ['x'], compute: args => K.moveaxis(args.operand('x'), args.number('source'), args.number('destination')) },
  BroadcastTo: { params: ['x'], compute: args => K.broadcastTo(args.operand('x'), args.numbers('shape')) },
  Repeat: { params: ['x'], compute: args => K.repeat(args.operand('x'), args.number('repeats'), args.nullableNumber('axis')) },
  Tile: { params: ['x'], compute: args => K.tile(args.operand('x'), args.perAxis('repeats', 1)) },
  Take: {
    params: ['x', 'indices'],
    compute: args => K.take(args.operand('x'), args.operand('indices'), args.nullableNumber('axis')),
  },
  OneHot: {
    params: ['x'],
    compute: args => K.oneHot(args.operand('x'), args.number('num_classes'), { axis: args.oneAxis(), dtype: args.dtype('dtype') }),
  },
  Pad: {
    params: ['x', 'constant_values'],
    compute: args => {
      const mode = args.word('mode', 'constant', 'reflect', 'symmetric')
      return K.pad(args.operand('x'), args.widths('pad_width'), { mode, constantValues: args.nullableNumber('constant_values') })
    },
  },
  Split: {
    params: ['x'],
    compute: args => K.split(args.operand('x'), args.perAxis('indices_or_sections', 1), args.oneAxis('axis', 0)),
  },
  Unstack: {
    params: ['x'],
    compute: args => {
      args.nullableNumber('num') // says what the axis' size says
      return K.unstack(args.operand('x'), args.oneAxis('axis', 0))
    },
  },
  Dot: binary(K.dot),
  Stack: { params: ['xs'], compute: args => K.stack(args.operands('xs'), args.oneAxis('axis', 0)) },
}
