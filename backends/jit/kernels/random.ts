// random_bits: threefry-2x32 on four counters at once. Source: lib/ops/primitives/random.ts.

import type { FunctionAssembler, Local } from '../assembler.js'
import type { Kernel } from '../kernel.js'
import { advance, advanceBy, between, kernelType, storeLanes } from './loops.js'

const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const

/** Pointers (result, int32[2] key, int32 counter); eight words per step of the extent. */
export function randomBits(length: number): Kernel {
  const [steps, rest] = [Math.ceil(length / 8), length % 8]
  return {
    key: `random_bits [${length}]`,
    extent: steps,
    define: (module, name) =>
      module.function(name, kernelType(3), f => {
        const [to, key, counter, begin, end] = f.params as [Local, Local, Local, Local, Local]
        const vector = () => f.local('v128')
        const keys = [vector(), vector(), vector()] as const
        const [index, second, x0, x1] = [vector(), vector(), vector(), vector()]
        for (const word of [0, 1] as const) {
          f.get(key)
          f.op('v128.load32_splat', 4 * word)
          f.set(keys[word])
        }
        f.get(keys[0])
        f.get(keys[1])
        f.op('v128.xor')
        f.splat(0x1bd11bda, 'i32')
        f.op('v128.xor')
        f.set(keys[2])
        f.get(counter)
        f.op('v128.load32_splat')
        f.set(second)
        f.get(begin)
        f.op('i32x4.splat')
        f.i32(2)
        f.op('i32x4.shl')
        f.v128([0, 1, 2, 3], 'i32')
        f.op('i32x4.add')
        f.set(index)
        advanceBy(f, to, begin, 32)
        between(f, begin, end, () => {
          threefry(f, keys, [index, second], [x0, x1])
          const store = (lanes: readonly [number, number, number, number], count: number, offset: number): void => {
            const words = f.local('v128')
            f.get(x0)
            f.get(x1)
            f.shuffle(lanes)
            f.set(words)
            storeLanes(f, to, words, count, offset)
            f.release(words)
          }
          const both = (): void => {
            store([0, 4, 1, 5], 4, 0)
            store([2, 6, 3, 7], 4, 16)
          }
          if (rest === 0 || rest > 4) both()
          else if (steps === 1) store([0, 4, 1, 5], 4, 0)
          else {
            f.get(begin)
            f.i32(steps - 1)
            f.op('i32.eq')
            f.if(() => store([0, 4, 1, 5], 4, 0), both)
          }
          f.get(index)
          f.splat(4, 'i32')
          f.op('i32x4.add')
          f.set(index)
          advance(f, to, 32)
        })
      }),
  }
}

/** [x0, x1] = threefry(keys, counter) with 20 rounds. */
function threefry(
  f: FunctionAssembler,
  keys: readonly [Local, Local, Local],
  counter: readonly [Local, Local],
  [x0, x1]: readonly [Local, Local],
): void {
  const add = (to: Local, a: Local, b: Local, constant = 0): void => {
    f.get(a)
    f.get(b)
    f.op('i32x4.add')
    if (constant !== 0) {
      f.splat(constant, 'i32')
      f.op('i32x4.add')
    }
    f.set(to)
  }
  add(x0, counter[0], keys[0])
  add(x1, counter[1], keys[1])
  for (let round = 0; round < 20; round++) {
    const turn = rotations[round % 8] as number
    add(x0, x0, x1)
    f.get(x1)
    f.i32(turn)
    f.op('i32x4.shl')
    f.get(x1)
    f.i32(32 - turn)
    f.op('i32x4.shr_u')
    f.op('v128.or')
    f.get(x0)
    f.op('v128.xor')
    f.set(x1)
    if (round % 4 !== 3) continue
    const step = (round + 1) / 4
    add(x0, x0, keys[step % 3] as Local)
    add(x1, x1, keys[(step + 1) % 3] as Local, step)
  }
}
