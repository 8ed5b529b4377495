// Every case of spec/golden/ops.json and activations.json through the functional API and the reference evaluation.

import assert from 'node:assert/strict'
import { NDArray } from '../../lib/ir/ndarray.js'
import { GraphBuilder, TracedTensor } from '../../lib/ops/builder.js'
import { evaluateGraph } from '../../lib/ops/evaluate.js'
import * as K from '../../lib/ops/functional/index.js'
import type { Value } from '../../lib/ops/op.js'
import { makeValue, toValue } from '../../lib/ops/values.js'
import { verify } from '../../lib/ops/verify.js'
import {
  assertClose,
  cancelling,
  exact,
  type GoldenTensor,
  goldenValue,
  isGoldenTensor,
  readGolden,
  rounded,
  type Tolerance,
} from '../support/golden.js'

interface Case {
  readonly name: string
  readonly op: string
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly output: GoldenTensor | readonly GoldenTensor[]
  readonly denormal?: boolean
}

interface ActivationCase {
  readonly name: string
  readonly activation: string
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly input: GoldenTensor
  readonly output: GoldenTensor
}

type Result = TracedTensor | NDArray | readonly (TracedTensor | NDArray)[]
type Call = (args: readonly unknown[], options: Readonly<Record<string, unknown>>) => Result
type AnyFunction = (...args: unknown[]) => Result

const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())

/** The function of the same name in camelCase; keyword arguments become a trailing options object. */
const functions: Readonly<Record<string, unknown>> = K
const byName = (op: string): Call | undefined => {
  const f = functions[camel(op)] as AnyFunction | undefined
  return f && ((args, options) => (Object.keys(options).length > 0 ? f(...args, options) : f(...args)))
}

const range = (part: unknown) => {
  const [start, stop, step = 1] = part as [number | null, number | null, number | null]
  return { start, stop, step }
}

/** Where Python's spelling and ours differ by more than case. */
const calls: Readonly<Record<string, Call>> = {
  arange: (args, { dtype }) => {
    const [start, stop, step] = args as [number, number?, number?]
    return K.arange(start, stop ?? null, step ?? 1, dtype as 'float32' | undefined)
  },
  strided_slice: ([x], { begin, end, strides }) => {
    const [from, to, by] = [begin, end, strides] as (number | null)[][]
    return K.getItem(
      x as TracedTensor,
      (from as (number | null)[]).map((start, k) => ({ start, stop: to?.[k] ?? null, step: by?.[k] ?? null })),
    )
  },
  getitem: ([x], { index }) =>
    K.getItem(
      x as TracedTensor,
      (index as unknown[]).map(part => (Array.isArray(part) ? range(part) : (part as K.Index))),
    ),
}

/** keras.ops that the functional API does not offer. */
const absent = new Set(
  `log2 log10 sinh cosh arcsin arccos arctan arcsinh arccosh arctanh trunc logaddexp isclose nan_to_num cumsum cumprod
   count_nonzero average norm einsum outer vdot roll diag tril triu linspace eye full sort argsort top_k take_along_axis
   segment_sum scatter utils.normalize utils.to_categorical batch_normalization moments`.split(/\s+/),
)

/** Cases of functions we have, with arguments we refuse. */
const refused: Readonly<Record<string, RegExp>> = {
  'pad 7': /no mode "edge"/,
  'repeat 4': /repeats should be a whole number/,
}

/**
 * Ops whose results are rounded more than once, or by functions that differ between math libraries. All others move,
 * compare, count, or round once as IEEE 754 says.
 */
const roundedOps = new Set(
  `divide reciprocal power exp expm1 log log1p rsqrt sin cos tan tanh sigmoid erf mod floor_divide round sum prod mean var std logsumexp
   matmul dot tensordot elu selu celu gelu silu swish softplus softsign hard_sigmoid hard_silu hard_swish log_sigmoid mish
   tanh_shrink squareplus sparse_plus sparse_sigmoid softmax log_softmax sparsemax glu normalize exponential`.split(/\s+/),
)

/** Ops that subtract numbers as large as their operand. */
const cancellingOps = new Set('logsumexp log_softmax gelu tanh_shrink sparsemax sum mean matmul dot tensordot'.split(' '))

function toleranceOf(op: string, operands: readonly Value[]): Tolerance {
  if (!roundedOps.has(op)) return exact
  if (!cancellingOps.has(op)) return rounded
  const sizes = operands.map(({ data }) => Array.from(data, x => (Number.isFinite(x) ? Math.abs(x) : 0)))
  const elementwise = op === 'gelu' || op === 'tanh_shrink'
  const largest = Math.max(1, ...sizes.map(list => Math.max(0, ...list)))
  return cancelling(k => (elementwise ? (sizes[0]?.[k] ?? 0) : largest))
}

/** `flush` makes denormal inputs 0, as XLA does in most ops. */
function run(
  call: Call,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
  flush = false,
): { inputs: Value[]; outputs: Value[] } {
  const builder = new GraphBuilder('golden')
  const inputs: Record<string, Value> = {}
  const enter = (arg: unknown): unknown => {
    if (isGoldenTensor(arg)) {
      const name = `x${Object.keys(inputs).length}`
      inputs[name] = flush ? flushed(goldenValue(arg)) : goldenValue(arg)
      return builder.input(name, { dtype: arg.dtype, shape: arg.shape })
    }
    return Array.isArray(arg) ? arg.map(enter) : arg
  }
  const operands = args.map(enter)
  const options = Object.fromEntries(Object.entries(kwargs).map(([name, value]) => [camel(name), enter(value)]))
  const result = call(operands, options)
  const parts = (Array.isArray(result) ? result : [result]) as readonly (TracedTensor | NDArray)[]
  const traced = parts.flatMap((value, k) => (value instanceof TracedTensor ? [{ name: String(k), value }] : []))
  const { outputs } = evaluateGraph(verify(builder.build({ outputs: traced })), { inputs, variables: {} }, { precision: 'float32' })
  return {
    inputs: Object.values(inputs),
    outputs: parts.map((part, k) => (part instanceof NDArray ? toValue(part) : (outputs[k] as Value))),
  }
}

function flushed(x: Value): Value {
  return { ...x, data: x.data.map(value => (Math.abs(value) < 2 ** -126 ? 0 : value)) as Value['data'] }
}

/**
 * Keras 3.15.1 gives too little where the support has more than one entry (https://github.com/keras-team/keras/issues/23425),
 * so its own cases stand only for their inputs: the expected values are those of Algorithm 1 of Martins and Astudillo (2016).
 */
function sparsemaxBySorting(x: Value, axis: number): Value {
  const at = axis < 0 ? axis + x.shape.length : axis
  const inner = x.shape.slice(at + 1).reduce((a, b) => a * b, 1)
  const length = x.shape[at] as number
  const out = makeValue('float32', x.shape)
  for (let first = 0; first < x.data.length; first++) {
    if (Math.floor(first / inner) % length !== 0) continue
    const column = Array.from({ length }, (_, k) => first + k * inner)
    const sorted = column.map(k => x.data[k] as number).sort((a, b) => b - a)
    let [running, tau] = [0, 0]
    sorted.forEach((z, k) => {
      running += z
      if (1 + (k + 1) * z > running) tau = (running - 1) / (k + 1)
    })
    for (const k of column) out.data[k] = Math.max(0, (x.data[k] as number) - tau)
  }
  return out
}

describe('golden keras.ops', () => {
  const cases = readGolden<{ cases: readonly Case[] }>('ops').cases
  for (const op of new Set(cases.map(one => one.op))) {
    const call = calls[op] ?? byName(op)
    if (!call) {
      it(`has no ${op}`, () => assert.ok(absent.has(op), `map keras.ops.${op}, or list it as absent`))
      continue
    }
    it(`computes ${op}`, () => {
      assert.ok(!absent.has(op), `${op} exists`)
      for (const { name, args, kwargs, output, denormal } of cases.filter(one => one.op === op)) {
        const problem = refused[name]
        if (problem) {
          assert.throws(() => run(call, args, kwargs), problem)
          continue
        }
        const expected = (Array.isArray(output) ? output : [output]) as readonly GoldenTensor[]
        const { inputs, outputs: actual } = run(call, args, kwargs, denormal)
        assert.equal(actual.length, expected.length)
        expected.forEach((wanted, k) => {
          const value = denormal ? flushed(goldenValue(wanted)) : goldenValue(wanted)
          const right = op === 'sparsemax' ? sparsemaxBySorting(inputs[0] as Value, (kwargs.axis ?? -1) as number) : value
          assertClose(actual[k] as Value, right, toleranceOf(op, inputs), name)
        })
      }
    })
  }
})

/** keras.activations that are other functions of ours, or have other defaults. */
const activationCalls: Readonly<Record<string, Call>> = {
  exponential: ([x]) => K.exp(x as TracedTensor),
  linear: ([x]) => x as TracedTensor,
  gelu: ([x], { approximate = false }) => K.gelu(x as TracedTensor, approximate as boolean),
  threshold: ([x], { threshold, defaultValue }) => K.threshold(x as TracedTensor, threshold as number, defaultValue as number),
}

describe('golden keras.activations', () => {
  const cases = readGolden<{ cases: readonly ActivationCase[] }>('activations').cases
  for (const activation of new Set(cases.map(one => one.activation))) {
    it(`computes ${activation}`, () => {
      const call = activationCalls[activation] ?? byName(activation)
      assert.ok(call, `map keras.activations.${activation}`)
      for (const { name, kwargs, input, output } of cases.filter(one => one.activation === activation)) {
        const { inputs, outputs } = run(call, [input], kwargs)
        const [x] = inputs as [Value]
        const expected = activation === 'sparsemax' ? sparsemaxBySorting(x, (kwargs.axis ?? -1) as number) : goldenValue(output)
        assertClose(outputs[0] as Value, expected, toleranceOf(activation, inputs), name)
      }
    })
  }
})
