// Repairs of configs that Keras 2 wrote, to say the same in Keras 3's words.

import { isRecord } from '../../layers/schema.js'

type Config = Readonly<Record<string, unknown>>

const renamed: Readonly<Record<string, string>> = {
  BatchNormalizationV1: 'BatchNormalization',
  BatchNormalizationV2: 'BatchNormalization',
  SyncBatchNormalization: 'BatchNormalization',
  ThresholdedReLU: 'ReLU',
  UnifiedGRU: 'GRU',
  UnifiedLSTM: 'LSTM',
}

/** The class that a config's class name means today. */
export function currentClassName(className: string): string {
  return Object.hasOwn(renamed, className) ? (renamed[className] as string) : className
}

/** Keys that describe how Keras 2 stored Python code, or what it never needed for inference. */
const dropped = [
  'function_type',
  'module',
  'output_shape_type',
  'output_shape_module',
  'mask_type',
  'mask_module',
  'implementation',
  'time_major',
  'renorm',
  'fused',
  'virtual_batch_size',
]

/**
 * Old spellings, wherever they occur: `axis: [3]`, `alpha` of LeakyReLU. With `legacy`, names that have changed their
 * meaning too: Keras 2's hard_sigmoid is clip(0.2x + 0.5).
 */
export function repairConfig(className: string, config: Config, legacy: boolean): Config {
  const entries = Object.entries(config).flatMap(([key, value]): [string, unknown][] => {
    if (dropped.includes(key)) return []
    if (className === 'BatchNormalization' && key === 'axis' && Array.isArray(value) && value.length === 1) return [[key, value[0]]]
    if (className === 'LeakyReLU' && key === 'alpha') return [['negative_slope', value]]
    if (className === 'ReLU' && key === 'theta') return [['threshold', value]] // ThresholdedReLU: x where x > theta
    if (className === 'DepthwiseConv2D' && key === 'groups') return []
    if (className === 'Embedding' && key === 'input_length') return []
    if (/^SeparableConv\dD$/.test(className) && /^kernel_(initializer|regularizer|constraint)$/.test(key)) return [] // inherited, never used
    if (legacy && key.endsWith('activation') && isHardSigmoid(value)) return [[key, 'hard_sigmoid_keras2']]
    return [[key, value]]
  })
  return Object.fromEntries(entries)
}

function isHardSigmoid(value: unknown): boolean {
  return value === 'hard_sigmoid' || (isRecord(value) && value.class_name === 'function' && value.config === 'hard_sigmoid')
}
