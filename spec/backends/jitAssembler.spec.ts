// The assembler against wabt: every opcode, every encoding, and the operand checks.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { FunctionAssembler } from '../../backends/jit/assembler.js'
import { Bytes } from '../../backends/jit/bytes.js'
import { ModuleAssembler } from '../../backends/jit/module.js'
import { type Instruction, opcodeOf, opcodes, type ValueType } from '../../backends/jit/opcodes.js'
import { assertRoundTrip, disassemble } from './jitHarness.js'

const instructions = Object.keys(opcodes) as Instruction[]

/** A module whose only function has this body. */
function moduleOf(write: (f: FunctionAssembler) => void, results: readonly ValueType[] = []): Uint8Array<ArrayBuffer> {
  const module = new ModuleAssembler({ checked: true })
  module.importMemory({ pages: 1 })
  module.export(module.function('f', { params: ['i32'], results }, write))
  return module.finish()
}

function pushZero(f: FunctionAssembler, type: ValueType): void {
  if (type === 'i32') f.i32(0)
  else if (type === 'f32') f.f32(0)
  else f.splat(0)
}

function runs(bytes: Uint8Array<ArrayBuffer>, ...args: readonly number[]): unknown {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports
  return (f as (...args: readonly number[]) => unknown)(...args)
}

describe('jit assembler', () => {
  for (const name of instructions) {
    it(`encodes ${name} as wabt reads it`, () => {
      const { pops, pushes, immediate } = opcodeOf(name)
      const bytes = moduleOf(f => {
        for (const type of pops) pushZero(f, type)
        f.op(name, immediate === 'memarg' || immediate === 'memargLane' ? 300 : immediate === 'lane' ? 1 : 0, 1)
      }, pushes)
      if (name !== 'f32x4.relaxed_madd') assert.ok(WebAssembly.validate(bytes))
      const text = disassemble(bytes)
      const word = name.replace(/^(drop|select)_.*/, '$1')
      assert.match(text, new RegExp(`^\\s+${word.replace('.', '\\.')}( |\\)|$)`, 'm'))
      if (immediate === 'memarg' || immediate === 'memargLane') assert.match(text, /offset=300/)
      if (immediate === 'lane' || immediate === 'memargLane') assert.match(text, new RegExp(`${word.replace('.', '\\.')}.* 1`))
      assertRoundTrip(bytes)
    })
  }

  it('encodes every int32', () => {
    fc.assert(
      fc.property(fc.integer(), value =>
        assert.equal(
          runs(
            moduleOf(f => f.i32(value), ['i32']),
            0,
          ),
          value,
        ),
      ),
    )
  })

  it('encodes every float32', () => {
    fc.assert(
      fc.property(fc.float(), value =>
        assert.ok(
          Object.is(
            runs(
              moduleOf(f => f.f32(value), ['f32']),
              0,
            ),
            value,
          ),
        ),
      ),
    )
  })

  it('encodes vectors lane by lane, as floats and as ints', () => {
    const lanes = fc.tuple(fc.integer(), fc.integer(), fc.integer(), fc.integer())
    fc.assert(
      fc.property(lanes, fc.integer({ min: 0, max: 3 }), (values, lane) => {
        const bytes = moduleOf(
          f => {
            f.v128(values, 'i32')
            f.op('i32x4.extract_lane', lane)
          },
          ['i32'],
        )
        assert.equal(runs(bytes, 0), values[lane])
        const floats = moduleOf(
          f => {
            f.v128([1.5, -2.5, 3.5, Infinity])
            f.op('f32x4.extract_lane', lane)
          },
          ['f32'],
        )
        assert.equal(runs(floats, 0), [1.5, -2.5, 3.5, Infinity][lane])
      }),
    )
  })

  it('shuffles 32-bit lanes of two vectors', () => {
    const lane = fc.integer({ min: 0, max: 7 })
    fc.assert(
      fc.property(fc.tuple(lane, lane, lane, lane), fc.integer({ min: 0, max: 3 }), (lanes, at) => {
        const bytes = moduleOf(
          f => {
            f.v128([0, 1, 2, 3], 'i32')
            f.v128([4, 5, 6, 7], 'i32')
            f.shuffle(lanes)
            f.op('i32x4.extract_lane', at)
          },
          ['i32'],
        )
        assert.equal(runs(bytes, 0), lanes[at])
      }),
    )
  })

  /** A stack program: how many values of which type are left, and what to emit. */
  const program = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 1000 }), fc.nat({ max: 3 })), { minLength: 1, maxLength: 60 })

  it('assembles random programs that validate and go through wabt unchanged', () => {
    const plain = instructions.filter(name => name !== 'f32x4.relaxed_madd')
    fc.assert(
      fc.property(program, steps => {
        const bytes = moduleOf(f => {
          const stack: ValueType[] = []
          for (const [pick, offset, lane] of steps) {
            const name = plain[pick % plain.length] as Instruction
            const { pops, pushes, immediate } = opcodeOf(name)
            const shared = stack.slice(-pops.length).join() === pops.join() && pops.length > 0
            if (shared) stack.length -= pops.length
            else for (const type of pops) pushZero(f, type)
            f.op(name, immediate === 'lane' ? lane : offset, immediate === 'memargLane' ? (name.includes('64') ? lane % 2 : lane) : 0)
            stack.push(...pushes)
          }
          for (const type of stack.reverse()) f.set(f.local(type))
        })
        assert.ok(WebAssembly.validate(bytes))
        assertRoundTrip(bytes)
      }),
    )
  })

  it('branches, calls and counts', () => {
    const module = new ModuleAssembler({ checked: true })
    const add = module.declare('add', { params: ['i32', 'i32'], results: ['i32'] })
    const sum = module.function('sum', { params: ['i32'], results: ['i32'] }, f => {
      const [n] = f.params
      const total = f.local('i32')
      assert.ok(n)
      f.block(() => {
        f.loop(() => {
          f.get(n)
          f.op('i32.eqz')
          f.branchIf(1)
          f.get(total)
          f.get(n)
          f.call(add)
          f.set(total)
          f.get(n)
          f.i32(-1)
          f.op('i32.add')
          f.set(n)
          f.branch(0)
        })
      })
      f.get(total)
      f.i32(5000)
      f.op('i32.gt_s')
      f.if(
        () => {
          f.i32(-1)
          f.set(total)
        },
        () => {
          f.get(total)
          f.i32(1)
          f.op('i32.add')
          f.set(total)
        },
      )
      f.get(total)
    })
    module.define(add, f => {
      for (const param of f.params) f.get(param)
      f.op('i32.add')
    })
    module.export(sum, 'f')
    const bytes = module.finish()
    assertRoundTrip(bytes)
    assert.deepEqual([runs(bytes, 10), runs(bytes, 0), runs(bytes, 1000)], [56, 1, -1])
  })

  it('fills and copies memory', () => {
    const bytes = moduleOf(
      f => {
        for (const value of [16, 7, 4]) f.i32(value)
        f.fill()
        for (const value of [32, 16, 4]) f.i32(value)
        f.copy()
        f.i32(32)
        f.op('i32.load')
      },
      ['i32'],
    )
    assert.equal(runs(bytes, 0), 0x07070707)
    assertRoundTrip(bytes)
  })

  const mistakes: readonly [string, RegExp, (f: FunctionAssembler) => unknown][] = [
    ['a missing operand', /f: i32.add needs i32, the stack has nothing/, f => [f.i32(1), f.op('i32.add')]],
    ['an operand of another type', /f: i32.add needs i32, the stack has v128/, f => [f.i32(1), f.splat(0), f.op('i32.add')]],
    ['a wrong local', /f: local.set needs v128, the stack has i32/, f => [f.i32(1), f.set(f.local('v128'))]],
    ['a value left over', /f: a block ends with \[i32\], not \[\]/, f => f.i32(1)],
    ['a value left over in a loop', /f: a block ends with \[i32\], not \[\]/, f => f.loop(() => f.i32(1))],
    [
      'a block that takes from outside',
      /f: local.set needs i32, the stack has nothing/,
      f => [f.i32(1), f.block(() => f.set(f.local('i32')))],
    ],
  ]
  for (const [what, message, write] of mistakes) it(`notices ${what}`, () => assert.throws(() => moduleOf(f => void write(f)), message))

  it('notices functions that are defined twice or never', () => {
    const module = new ModuleAssembler()
    const handle = module.declare('f', { params: [], results: [] })
    assert.throws(() => module.finish(), /f is declared but not defined/)
    module.define(handle, () => {})
    assert.throws(() => module.define(handle, () => {}), /f is defined twice/)
  })

  it('makes modules with a memory of their own, shared or not, and custom sections', () => {
    for (const shared of [false, true]) {
      const module = new ModuleAssembler()
      module.ownMemory({ pages: 2, maximum: 300, shared }, 'memory')
      module.custom('note', Uint8Array.of(1, 2, 3))
      const compiled = new WebAssembly.Module(module.finish())
      assert.deepEqual(
        WebAssembly.Module.customSections(compiled, 'note').map(data => [...new Uint8Array(data)]),
        [[1, 2, 3]],
      )
      const { memory } = new WebAssembly.Instance(compiled).exports as { memory: WebAssembly.Memory }
      assert.equal(memory.buffer.byteLength, 2 * 65536)
      assert.equal(memory.buffer instanceof SharedArrayBuffer, shared)
    }
    assert.throws(() => {
      const module = new ModuleAssembler()
      module.ownMemory({ pages: 1, shared: true }, 'memory')
      module.finish()
    }, /needs a maximum/)
  })

  it('keeps every byte when a buffer grows', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 900 }), { maxLength: 8 }), parts => {
        const bytes = new Bytes()
        for (const part of parts) bytes.append(part)
        assert.deepEqual(
          [...bytes.view()],
          parts.flatMap(part => [...part]),
        )
      }),
    )
  })
})
