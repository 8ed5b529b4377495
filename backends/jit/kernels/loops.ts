// Loops and memory accesses that kernels share.

import type { FunctionAssembler, FunctionType, Local } from '../assembler.js'

/** The type of a kernel: pointers, then begin and end over its outermost parallel axis. */
export function kernelType(pointers: number): FunctionType {
  return { params: new Array<'i32'>(pointers + 2).fill('i32'), results: [] }
}

/** Emits `body` to be run `count` times; once without a loop. */
export function times(f: FunctionAssembler, count: number, body: () => void): void {
  if (count <= 0) return
  if (count === 1) {
    body()
    return
  }
  const left = f.local('i32')
  f.i32(count)
  f.set(left)
  f.loop(() => {
    body()
    f.get(left)
    f.i32(-1)
    f.op('i32.add')
    f.tee(left)
    f.branchIf(0)
  })
  f.release(left)
}

/** Emits a loop of end − begin steps; `begin` is used up as the counter. */
export function between(f: FunctionAssembler, begin: Local, end: Local, body: () => void): void {
  f.block(() => {
    f.get(begin)
    f.get(end)
    f.op('i32.ge_s')
    f.branchIf(0)
    f.loop(() => {
      body()
      f.get(begin)
      f.i32(1)
      f.op('i32.add')
      f.tee(begin)
      f.get(end)
      f.op('i32.lt_s')
      f.branchIf(0)
    })
  })
}

/** pointer += bytes */
export function advance(f: FunctionAssembler, pointer: Local, bytes: number): void {
  if (bytes === 0) return
  f.get(pointer)
  f.i32(bytes)
  f.op('i32.add')
  f.set(pointer)
}

/** pointer += index · bytes */
export function advanceBy(f: FunctionAssembler, pointer: Local, index: Local, bytes: number): void {
  if (bytes === 0) return
  f.get(pointer)
  f.get(index)
  f.i32(bytes)
  f.op('i32.mul')
  f.op('i32.add')
  f.set(pointer)
}

/** Leaves the smaller of a local and a term. */
export function minimum(f: FunctionAssembler, a: Local, b: () => void): void {
  f.get(a)
  b()
  f.get(a)
  b()
  f.op('i32.lt_s')
  f.op('select_i32')
}

/** Runs `body` for begin…end in slabs of `slab`, each with its own end. Uses up `begin`. */
export function slabwise(f: FunctionAssembler, begin: Local, end: Local, slab: number, body: (until: Local) => void): void {
  const until = f.local('i32')
  f.block(() => {
    f.loop(() => {
      f.get(begin)
      f.get(end)
      f.op('i32.ge_s')
      f.branchIf(1)
      minimum(f, end, () => {
        f.get(begin)
        f.i32(slab)
        f.op('i32.add')
      })
      f.set(until)
      body(until)
      f.get(until)
      f.set(begin)
      f.branch(0)
    })
  })
  f.release(until)
}

/** Stores the first `count` lanes (1 to 4) of `value`, and nothing beyond them. */
export function storeLanes(f: FunctionAssembler, pointer: Local, value: Local, count: number, offset = 0): void {
  const lanes = (from: number, name: 'v128.store' | 'v128.store64_lane' | 'v128.store32_lane'): void => {
    f.get(pointer)
    f.get(value)
    f.op(name, offset + 4 * from, name === 'v128.store64_lane' ? from / 2 : from)
  }
  if (count >= 4) lanes(0, 'v128.store')
  else {
    if (count >= 2) lanes(0, 'v128.store64_lane')
    if (count % 2 === 1) lanes(count - 1, 'v128.store32_lane')
  }
}

/**
 * Loads four elements that lie `stride` bytes apart: 0 repeats one, 4 is contiguous; these may lie `offset` bytes on.
 * Leaves them on the stack.
 */
export function loadLanes(f: FunctionAssembler, pointer: Local, stride: number, count = 4, offset = 0): void {
  if (stride === 4 || stride === 0) {
    f.get(pointer)
    f.op(stride === 4 ? 'v128.load' : 'v128.load32_splat', offset)
    return
  }
  const at = (lane: number): void => {
    f.get(pointer)
    if (stride < 0) {
      f.i32(lane * stride)
      f.op('i32.add')
    }
  }
  const value = f.local('v128')
  at(0)
  f.op('v128.load32_zero')
  f.set(value)
  for (let lane = 1; lane < count; lane++) {
    at(lane)
    f.get(value)
    f.op('v128.load32_lane', stride < 0 ? 0 : lane * stride, lane)
    f.set(value)
  }
  f.get(value)
  f.release(value)
}
