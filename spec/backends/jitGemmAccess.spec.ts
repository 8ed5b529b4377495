// Mutants of the micro-kernels: any load or store that is one element off, at any tile, tail and epilogue, is noticed.

import assert from 'node:assert/strict'
import { FunctionAssembler } from '../../backends/jit/assembler.js'
import { runGemm, type Shape } from './jitGemmCases.js'

describe('every memory access of a product', () => {
  const spoilt: Shape[] = [
    { m: 1, k: 5, n: 19 },
    { m: 2, k: 4, n: 21 },
    { m: 3, k: 3, n: 10 },
    { m: 9, k: 5, n: 14 },
    { m: 6, k: 3, n: 7 },
  ]
  for (const plain of [false, true]) {
    for (const shape of spoilt) {
      for (const ending of [undefined, 'residual', 'too long to be repeated']) {
        const title = `${shape.m}×${shape.k}×${shape.n}${plain ? ' plain' : ''}${ending ? `, ${ending}` : ''}`
        it(`would be missed if it were one element off: ${title}`, () => {
          const accesses = countAccesses(() => runGemm(shape, { plain, ending }))
          for (let index = 0; index < accesses; index++) {
            const survived = withShiftedAccess(index, () => {
              try {
                const { found, wanted } = runGemm(shape, { plain, ending })
                assert.deepEqual(found, wanted)
                return true
              } catch {
                return false
              }
            })
            assert.ok(!survived, `access ${index} of ${accesses} can be shifted`)
          }
        })
      }
    }
  }
})

/** Assembles with the offset of one memory access raised by an element. */
function withShiftedAccess<T>(index: number, work: (count: () => number) => T): T {
  const { op } = FunctionAssembler.prototype
  let seen = 0
  FunctionAssembler.prototype.op = function (name, offset = 0, lane = 0) {
    const isAccess = /load|store/.test(name)
    op.call(this, name, isAccess && seen === index ? offset + 4 : offset, lane)
    if (isAccess) seen++
  }
  try {
    return work(() => seen)
  } finally {
    FunctionAssembler.prototype.op = op
  }
}

function countAccesses(work: () => void): number {
  return withShiftedAccess(-1, count => {
    work()
    return count()
  })
}
