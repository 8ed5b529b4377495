// Kernels over windows called on parts of their range, in any order: the same bits as in one call, nothing written elsewhere.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Kernel } from '../../backends/jit/kernel.js'
import type { KernelStep } from '../../backends/jit/schedule.js'
import type { Compiled } from '../../backends/jit/session.js'
import { sizeOf } from '../../lib/ir/types.js'
import type { OpAttrs } from '../../lib/ir/vocabulary.js'
import { makeValue } from '../../lib/ops/values.js'
import { arbConv, arbResize, arbWindows } from '../support/arbWindows.js'
import { uniform } from '../support/feeds.js'
import { type Range, runKernel } from './jitGemmHost.js'
import { compileOnce } from './jitHarness.js'
import { graphOf } from './programs.js'

/** What the host fills memory with: a NaN that no kernel makes. */
const untouched = 0x7fc0beef

/** Runs the kernels of a schedule one by one, each over the ranges that `cut` gives, and gives the last result. */
function runSteps({ schedule }: Compiled, inputs: readonly Float32Array[], cut: (kernel: Kernel) => readonly Range[]): Float32Array {
  const memory = schedule.buffers.map(({ elements, content }) =>
    content ? new Float32Array(content.slice().buffer) : new Float32Array(elements + 16),
  )
  const leaves = schedule.buffers.filter(({ kind }) => kind === 'input' || kind === 'variable')
  for (const { id, name } of leaves) memory[id]?.set(inputs[Number(name.at(-1))] as Float32Array)
  const steps = [...schedule.prepare, ...(schedule.steps as readonly KernelStep[])]
  for (const { kernel, places } of steps) {
    const [result, ...operands] = places.map(({ buffer, offset }) => (memory[buffer] as Float32Array).subarray(offset)) as [Float32Array]
    const found = runKernel(kernel, new Float32Array(result.length), operands, cut(kernel))
    const words = new Int32Array(found.buffer)
    found.forEach((value, k) => {
      if (words[k] !== untouched) result[k] = value
    })
  }
  return memory[schedule.outputs[0]?.place.buffer ?? -1] as Float32Array
}

/** Cuts a range at some places, and shuffles the parts. */
function cutAt(extent: number, places: readonly number[], turn: number): Range[] {
  const marks = [...new Set([0, extent, ...places.map(place => place % (extent + 1))])].sort((a, b) => a - b)
  const parts = marks.slice(1).map((end, k): Range => [marks[k] as number, end])
  return [...parts.slice(turn % parts.length), ...parts.slice(0, turn % parts.length)]
}

type Name = 'conv' | 'window_max' | 'window_sum' | 'avg_pool' | 'resize' | 'normalize'
interface Case {
  readonly op: Name
  readonly shapes: readonly (readonly number[])[]
  readonly attrs: OpAttrs[Name]
}

const cases: fc.Arbitrary<Case> = fc.oneof(
  { arbitrary: arbConv.map(({ x, kernel, attrs }): Case => ({ op: 'conv', shapes: [x, kernel], attrs })), weight: 4 },
  fc
    .tuple(fc.constantFrom('window_max' as const, 'window_sum' as const, 'avg_pool' as const), arbWindows)
    .map(([op, { x, attrs }]): Case => ({ op, shapes: [x], attrs })),
  arbResize
    .filter(({ attrs }) => attrs.method === 'nearest' || attrs.method === 'bilinear')
    .map(({ x, attrs }): Case => ({ op: 'resize', shapes: [x], attrs })),
  arbWindows.map(({ x }): Case => ({ op: 'normalize', shapes: [x], attrs: { axes: [x.length - 1], epsilon: 1e-3 } })),
)

describe('jit kernels over windows', () => {
  it('give the same in whatever ranges they are called', () => {
    const places = fc.array(fc.nat(), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(cases, places, fc.nat(), fc.nat(), ({ op, shapes, attrs }, marks, turn, seed) => {
        const random = uniform(seed)
        const values = shapes.map(shape => makeValue('float32', shape, () => Math.fround(random() * 2 - 1)))
        const { graph } = graphOf(
          values.map((value, k) => ({ kind: k === 0 ? 'input' : 'variable', value })),
          (b, xs) => [b.emitAny(op, xs, attrs)],
        )
        const compiled = compileOnce(graph)
        if (compiled.schedule.steps.length === 0 || shapes.some(shape => sizeOf(shape) === 0)) return
        const inputs = values.map(({ data }) => Float32Array.from(data))
        const whole = runSteps(compiled, inputs, kernel => [[0, kernel.extent]])
        const parts = runSteps(compiled, inputs, kernel => cutAt(kernel.extent, marks, turn))
        assert.deepEqual(new Int32Array(parts.buffer), new Int32Array(whole.buffer))
      }),
      { numRuns: 200 },
    )
  })
})
