// Sabotaged layers, models and what runs them.

import { type Mutant, mutantsOf } from './mutant.js'

/** What real Keras computed. */
const goldens = ['spec/layers/golden.spec.ts']
const lambdas = ['spec/layers/lambdaGolden.spec.ts', 'spec/layers/lambda.spec.ts', 'spec/layers/lambdaOptions.spec.ts']
const training = ['spec/properties/training.spec.ts']

export const layerMutants: readonly Mutant[] = [
  ...mutantsOf(
    'lib/ir/errors.ts',
    ['spec/models/badLayers.spec.ts'],
    [['stacks as short as by default', "'stackTraceLimit', framesKept", "'stackTraceLimit', limit"]],
  ),
  ...mutantsOf('lib/layers/dense.ts', goldens, [['no bias', 'this.bias ? K.add(product, weight(this.bias)) : product', 'product']]),
  ...mutantsOf('lib/layers/batchNormalization.ts', goldens, [
    ['momentum on the wrong side', 'K.multiply(moment, 1 - momentum)', 'K.multiply(moment, momentum)'],
    [
      'frozen statistics move',
      'if (!this.trainable || context.trace.inferring) return inference',
      'if (context.trace.inferring) return inference',
    ],
    [
      'masks ignored in the count',
      'K.add(K.sum(kept, axis, true), K.epsilon())',
      'K.add(K.sum(K.onesLike(kept), axis, true), K.epsilon())',
    ],
  ]),
  ...mutantsOf('lib/layers/merge.ts', goldens, [
    ['masks joined by AND', '(joined, mask) => K.logicalOr(joined, mask)', '(joined, mask) => K.logicalAnd(joined, mask)'],
    ['masked factors are 0', 'K.where(entries[k], x, K.onesLike(x))', 'K.where(entries[k], x, K.zerosLike(x))'],
    ['the sum for the mean', 'K.divide(folded(inputs, K.add), inputs.length)', 'folded(inputs, K.add)'],
  ]),
  ...mutantsOf('lib/layers/masking.ts', goldens, [
    ['the wrong steps count', 'K.any(K.notEqual(x, this.options.maskValue), -1)', 'K.any(K.equal(x, this.options.maskValue), -1)'],
  ]),
  ...mutantsOf('lib/layers/advancedActivations.ts', goldens, [
    ["PReLU's slope turned", 'K.negative(weight(this.alpha as Variable))', 'weight(this.alpha as Variable)'],
  ]),
  ...mutantsOf('lib/layers/concatenate.ts', goldens, [['a missing mask hides', "K.onesLike(x, 'bool')", "K.zerosLike(x, 'bool')"]]),
  ...mutantsOf('lib/layers/softmax.ts', goldens, [
    [
      'masked entries keep a share',
      "K.multiply(K.softmax(kept, this.options.axis), K.cast(mask, 'float32'))",
      'K.softmax(kept, this.options.axis)',
    ],
  ]),
  ...mutantsOf('lib/layers/reshaping.ts', goldens, [
    ['channels first not moved', 'perm: [0, ...range(2, rank), 1]', 'perm: range(0, rank)'],
  ]),
  ...mutantsOf('lib/layers/convolution.ts', goldens, [
    [
      'causal padding after the last step',
      '[extentOf(taps, dilationRate[axis] as number) - 1, 0]',
      '[0, extentOf(taps, dilationRate[axis] as number) - 1]',
    ],
    ['causal padding without dilation', '[extentOf(taps, dilationRate[axis] as number) - 1, 0]', '[taps - 1, 0]'],
    [
      'the kernel of all channels in every group',
      'shape: [...kernelSize, channels / groups, filters]',
      'shape: [...kernelSize, channels, filters]',
    ],
  ]),
  ...mutantsOf('lib/layers/baseConvolution.ts', goldens, [
    ['a bias along the rows of channels first', "if (this.dataFormat === 'channels_last') return values", 'return values'],
  ]),
  ...mutantsOf('lib/ops/functional/convolution.ts', goldens, [
    [
      'odd padding of a transposed convolution after',
      'Math.min(Math.ceil(total / 2), extent - 1)',
      'Math.min(Math.floor(total / 2), extent - 1)',
    ],
    ['a transposed kernel not turned', "k.builder.emit('reverse', [k], { axes })", 'k'],
    [
      'strides for the distance of taps',
      'inputDilation: steps, kernelDilation: dilation',
      'inputDilation: dilation, kernelDilation: steps',
    ],
    ['one group for all channels', 'convAttrs(op, rank, options, channels)', 'convAttrs(op, rank, options, 1)'],
  ]),
  ...mutantsOf('lib/ops/functional/spatial.ts', goldens, [
    ['rows and columns exchanged', 'perm: [0, x.rank - 1, ...spatial]', 'perm: [0, x.rank - 1, ...spatial.toReversed()]'],
  ]),
  ...mutantsOf('lib/layers/globalPooling.ts', goldens, [
    ['masked steps counted', "K.sum(K.cast(steps, 'float32'), axes, keepdims)", "K.sum(K.onesLike(steps, 'float32'), axes, keepdims)"],
  ]),
  ...mutantsOf(
    'lib/layers/padding.ts',
    [...goldens, 'spec/layers/goldenErrors.spec.ts'],
    [
      ['cropped at the wrong end', 'stop: after === 0 ? null : -after', 'stop: before === 0 ? null : -before'],
      ['the last axis cannot be cropped away', 'before + after >= size', 'before + after > size'],
    ],
  ),
  ...mutantsOf('lib/layers/scaleAndShift.ts', goldens, [
    ['beta where there is no center', "center ? this.addWeight('beta', ofBeta) : undefined", "this.addWeight('beta', ofBeta)"],
  ]),
  ...mutantsOf('lib/layers/groupNormalization.ts', goldens, [
    ['groups interleaved', 'count, channels / count, ...shape.slice(axis + 1)]', 'channels / count, count, ...shape.slice(axis + 1)]'],
  ]),
  ...mutantsOf('lib/ops/functional/standardisation.ts', goldens, [
    ['no epsilon', "'normalize', [a], { axes, epsilon })", "'normalize', [a], { axes, epsilon: 0 })"],
  ]),
  ...mutantsOf('lib/layers/rescaling.ts', goldens, [
    [
      'mean and variance of given numbers exchanged',
      'const option = this.options[name]',
      "const option = this.options[name === 'mean' ? 'variance' : 'mean']",
    ],
    ['the deviation may be 0', 'K.maximum(K.sqrt(variance), K.epsilon())', 'K.sqrt(variance)'],
  ]),
  ...mutantsOf('lib/layers/embedding.ts', goldens, [['0 is never masked', 'this.options.maskZero ? K.notEqual(x, 0) : null', 'null']]),
  ...mutantsOf('lib/layers/dot.ts', goldens, [
    ['normalised along one axis for both', 'K.normalize(y, axes[1])', 'K.normalize(y, axes[0])'],
  ]),
  ...mutantsOf(
    'lib/layers/noise.ts',
    ['spec/layers/noise.spec.ts'],
    [
      ['noise of deviation 1', 'K.multiply(normal(x, draw), this.amount)', 'normal(x, draw)'],
      ['the mean of the dropped shifts', '-scale * saturation * this.amount', '0'],
    ],
  ),
  ...mutantsOf('lib/layers/layer.ts', goldens, [
    ['activity penalties not divided by the batch', 'K.divide(penalty, countOf(output, batch))', 'penalty'],
  ]),
  ...mutantsOf('lib/layers/lambda.ts', lambdas, [
    ['a declared shape believed', "typeof size === 'string' || (declared[axis] ?? size) === size", 'true'],
    ['arguments not passed', 'this.options.arguments', '{}'],
    [
      'a mask goes through a Lambda',
      'this.maskBody.inline(trace.builder, { inputs, masks }) : outputs.map(() => null)',
      'this.maskBody.inline(trace.builder, { inputs, masks }) : masks',
    ],
  ]),
  ...mutantsOf('lib/layers/lambdaBody.ts', lambdas, [
    ['a function of the mode traced for inference only', 'const train = trace(true)', 'const train = trace(false)'],
    ['the modes of a function swapped', '[ofTrain[k] as TracedTensor, output]', '[output, ofTrain[k] as TracedTensor]'],
    ['a body of unknown sizes for known ones', "!this.code || [...sizes.values()].every(size => typeof size === 'string')", 'true'],
  ]),
  ...mutantsOf('lib/layers/trace.ts', training, [
    ['the random stream stands still', "this.builder.emit('add', [here, one], {}, 'next_counter')", 'here'],
  ]),
  ...mutantsOf('lib/layers/randomLayer.ts', training, [
    ['all seeds draw one mask', 'trace.builder.constant(keyOf(this.streamSeed)', 'trace.builder.constant(keyOf(7)'],
  ]),
  ...mutantsOf(
    'lib/layers/variable.ts',
    ['spec/runtime/weights.spec.ts'],
    [
      ['new weights go unnoticed', '    epoch++\n', ''],
      ["the user's array kept", 'this.adopt(data.slice())', 'this.adopt(data)'],
    ],
  ),
  ...mutantsOf(
    'lib/models/record.ts',
    ['spec/models/goldens.spec.ts'],
    [['layers in the order of discovery', '(layerDepth.get(b) as number) - (layerDepth.get(a) as number) ||', '0 ||']],
  ),
  ...mutantsOf(
    'lib/models/predict.ts',
    ['spec/models/running.spec.ts', 'spec/properties/running.spec.ts'],
    [['every batch is the first', 'data.subarray(start * row, end * row)', 'data.subarray(0, (end - start) * row)']],
  ),
  ...mutantsOf(
    'lib/models/serialize.ts',
    ['spec/properties/config.spec.ts'],
    [
      [
        'calls of shared layers mixed up',
        'positions.get(tensor.call) ?? 0, tensor.tensorIndex],\n    },',
        '0, tensor.tensorIndex],\n    },',
      ],
    ],
  ),
  ...mutantsOf(
    'lib/runtime/executable.ts',
    ['spec/runtime/executable.spec.ts'],
    [['an executable runs on after dispose', 'if (this.disposed) throw', 'if (false) throw']],
  ),
  ...mutantsOf(
    'lib/runtime/feeds.ts',
    ['spec/runtime/feeds.spec.ts'],
    [
      ['2 passes for true', "(dtype === 'bool' && value > 1)", 'false'],
      ['coordinates overwrite', 'dense[at] = (dense[at] as number) + value', 'dense[at] = value'],
    ],
  ),
]
