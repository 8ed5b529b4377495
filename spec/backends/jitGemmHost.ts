// Runs kernels of products in a memory of their own, every buffer between bands that must stay as they are.

import assert from 'node:assert/strict'
import type { Kernel } from '../../backends/jit/kernel.js'
import { ModuleAssembler } from '../../backends/jit/module.js'

/** What the bands hold: as a float a NaN, so that a value read from there spoils the result. */
const canary = 0x7fc0beef
/** Words between buffers; loads may reach 8 words past a buffer. */
const band = 24

export type Range = readonly [begin: number, end: number]
export type Words = Float32Array | Int32Array

/** Runs `kernel` on buffers (the result's length first, then its operands), over `ranges` in their order. */
export function runKernel<T extends Words>(
  kernel: Kernel,
  result: T,
  operands: readonly Words[],
  ranges: readonly Range[] = [[0, kernel.extent]],
  fma = false,
): T {
  const lengths = [result.length, ...operands.map(({ length }) => length)]
  const starts = lengths.map((_, i) => band + lengths.slice(0, i).reduce((sum, length) => sum + length + band, 0))
  const total = lengths.reduce((sum, length) => sum + length + band, band)
  const module = new ModuleAssembler({ checked: true, fma })
  module.ownMemory({ pages: Math.ceil((total * 4) / 65536) + 1 }, 'memory')
  module.export(kernel.define(module, 'kernel'), 'run')
  const bytes = module.finish()
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes.slice()))
  const { memory, run } = exports as { memory: WebAssembly.Memory; run: (...args: number[]) => void }
  const words = new Int32Array(memory.buffer).fill(canary)
  operands.forEach((operand, i) => {
    words.set(new Int32Array(operand.buffer, operand.byteOffset, operand.length), starts[i + 1])
  })
  const before = words.slice()
  for (const range of ranges) run(...starts.map(start => start * 4), ...range)
  const [first = 0] = starts
  const found = words.slice(first, first + result.length)
  words.set(before.subarray(first, first + result.length), first)
  const changed = words.findIndex((word, i) => word !== before[i])
  assert.equal(changed, -1, `word ${changed} outside the result (${first} to ${first + result.length}) was written`)
  new Int32Array(result.buffer).set(found)
  return result
}
