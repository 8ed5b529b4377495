// Data in every accepted form becomes the same feeds; anything else is an error that names the input.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import { DTypeError, type KerafoldError, NDArray, ndarray, ShapeError } from '../../lib/index.js'
import { ArgumentError } from '../../lib/ir/errors.js'
import type { DType, Shape } from '../../lib/ir/types.js'
import { type FeedSpec, type Inputs, toFeeds } from '../../lib/runtime/feeds.js'

const spec = (name: string, shape: Shape, dtype: DType = 'float32', sparse = false): FeedSpec => ({ name, type: { dtype, shape }, sparse })
const x = spec('x', ['batch', 3])
const feed = (data: unknown, ...specs: FeedSpec[]) => toFeeds(data as Inputs, specs.length > 0 ? specs : [x], 'model "net"')

const arbRows = fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 })), {
  minLength: 1,
  maxLength: 4,
})

describe('feeds', () => {
  it('are the same from nested arrays, typed arrays, NDArrays and coordinates, alone, in a list or by name', () => {
    fc.assert(
      fc.property(arbRows, rows => {
        const flat = rows.flat()
        const shape = [rows.length, 3]
        const indices = rows.flatMap((row, k) => row.map((_, axis) => [k, axis]))
        const kinds = [
          Float32Array,
          Float64Array,
          Int32Array,
          Uint32Array,
          Int16Array,
          Uint16Array,
          Int8Array,
          Uint8Array,
          Uint8ClampedArray,
        ]
        const forms: readonly unknown[] = [rows, ndarray(rows), ndarray(rows, 'int32'), ...kinds.map(kind => kind.from(flat))]
        const expected = [{ data: Float32Array.from(flat), shape }]
        for (const form of forms) {
          assert.deepEqual(feed(form), expected)
          assert.deepEqual(feed({ x: form }), expected)
          assert.deepEqual(feed([form, form], x, spec('y', ['batch', 3])), [...expected, ...expected])
        }
        for (const form of forms.slice(1)) assert.deepEqual(feed([form]), expected)
        const sparse = spec('x', ['batch', 3], 'float32', true)
        assert.deepEqual(feed({ indices, values: flat, shape }, sparse), expected)
        assert.deepEqual(feed({ x: { indices, values: Float32Array.from(flat), shape } }, sparse), expected)
      }),
    )
  })

  it('take a typed array flat, its one unknown size from its length, none lost on the way', () => {
    const data = new Float32Array([1, 2, 3, 4, 5, 6])
    assert.deepEqual(feed(data), [{ data, shape: [2, 3] }])
    assert.equal(feed(data)[0]?.data, data, 'float32 is not copied')
    assert.deepEqual(feed(data, spec('x', [2, 'time', 1])), [{ data, shape: [2, 3, 1] }])
    assert.deepEqual(feed(new Float32Array(0)), [{ data: new Float32Array(0), shape: [0, 3] }])
  })

  it('keep whole numbers of int32 that float32 cannot hold', () => {
    const big = 2 ** 24 + 1
    for (const form of [[[big, -big]], Float64Array.of(big, -big), Int32Array.of(big, -big), ndarray([[big, -big]], 'int32')]) {
      assert.deepEqual(feed(form, spec('i', ['batch', 2], 'int32'))[0]?.data, Int32Array.of(big, -big))
    }
  })

  it('drop or add a last axis of 1, as Keras does', () => {
    assert.deepEqual(feed([[[1], [2], [3]]])[0]?.shape, [1, 3])
    assert.deepEqual(feed([1, 2], spec('x', ['batch', 1]))[0]?.shape, [2, 1])
    assert.deepEqual(feed(ndarray([1, 2]), spec('x', ['batch', 1]))[0]?.shape, [2, 1])
  })

  it('take booleans as 0 and 1, and add up coordinates that come twice', () => {
    assert.deepEqual(feed([[true, false, true]])[0]?.data, Float32Array.of(1, 0, 1))
    assert.deepEqual(feed([[true, false, 1]], spec('b', ['batch', 3], 'bool'))[0]?.data, Uint8Array.of(1, 0, 1))
    const twice = {
      indices: [
        [0, 1],
        [0, 1],
      ],
      values: [2, 3],
      shape: [1, 3],
    }
    assert.deepEqual(feed(twice, spec('x', ['batch', 3], 'float32', true))[0]?.data, Float32Array.of(0, 5, 0))
  })

  it('pass NaN and infinities to float32, refuse them elsewhere', () => {
    assert.deepEqual(feed([[Number.NaN, Number.POSITIVE_INFINITY, -0]])[0]?.data, Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -0))
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => feed([[value]], spec('i', ['batch', 1], 'int32')), DTypeError)
      assert.throws(() => feed([[value]], spec('b', ['batch', 1], 'bool')), DTypeError)
    }
  })

  it('never keep or change what the user holds', () => {
    fc.assert(
      fc.property(arbRows, rows => {
        const frozen = Object.freeze(rows.map(row => Object.freeze([...row])))
        const coordinates = Object.freeze({
          indices: Object.freeze([Object.freeze([0, 1])]),
          values: Object.freeze([1]),
          shape: Object.freeze([1, 3]),
        })
        const typed = Float64Array.from(rows.flat())
        const before = typed.slice()
        feed(Object.freeze({ x: frozen }))
        feed(Object.freeze([typed]))
        feed(coordinates, spec('x', ['batch', 3], 'float32', true))
        assert.deepEqual(typed, before)
      }),
    )
  })
})

describe('data that does not fit', () => {
  const [i, b, y] = [spec('i', ['batch', 1], 'int32'), spec('b', ['batch', 1], 'bool'), spec('y', ['batch', 3])]
  const sparse = spec('x', ['batch', 3], 'float32', true)
  const at = (index: unknown, value: unknown = 1) => ({ indices: [index], values: [value], shape: [1, 3] })
  type Refused = readonly [
    what: string,
    data: unknown,
    specs: readonly FeedSpec[],
    type: new (...args: never[]) => KerafoldError,
    message: RegExp,
  ]
  const cases: readonly Refused[] = [
    ['nothing', undefined, [x], ArgumentError, /net" needs data for "x", got undefined/],
    ['null', null, [x], ArgumentError, /needs data for "x", got null/],
    ['a string', 'abc', [x], ArgumentError, /input "x" should be a typed array.*got "abc"/],
    ['a function', () => 1, [x], ArgumentError, /input "x" should be a typed array.*got a function/],
    ['bytes without a type', new DataView(new ArrayBuffer(12)), [x], ArgumentError, /input "x".*got DataView/],
    ['bigints', new BigInt64Array(3), [x], ArgumentError, /input "x".*got BigInt64Array/],
    ['null for one input', { x: null }, [x], ArgumentError, /input "x".*got null/],
    ['a string inside', [[1, 2, '3']], [x], ArgumentError, /input "x".*expected a number at depth 2, got 3/],
    ['null inside', [[1, 2, null]], [x], ArgumentError, /input "x".*got null/],
    ['a hole', [Object.assign(new Array(3), { 0: 1 })], [x], ArgumentError, /input "x".*got undefined/],
    [
      'ragged rows',
      [
        [1, 2, 3],
        [1, 2],
      ],
      [x],
      ArgumentError,
      /input "x".*expected 3 entries at depth 1, got an array of 2/,
    ],
    [
      'a flat array that is no multiple',
      new Float32Array(4),
      [x],
      ShapeError,
      /input "x" needs a multiple of 3 values, got 4\n {2}expected: float32\[batch,3\]/,
    ],
    [
      'a flat array with two unknown sizes',
      new Float32Array(6),
      [spec('x', ['batch', 'time', 3])],
      ShapeError,
      /input "x" has 2 unknown sizes.*\n.*\n {2}hint: .*NDArray/s,
    ],
    ['a fraction as int32', [[1.5]], [i], DTypeError, /input "i" is int32, but value 0 is 1\.5/],
    ['too large for int32', [[2 ** 31]], [i], DTypeError, /value 0 is 2147483648/],
    ['2 as bool', [[2]], [b], DTypeError, /input "b" is bool, but value 0 is 2/],
    ['a half as bool', Float32Array.of(0.5), [b], DTypeError, /value 0 is 0\.5/],
    ['a wrong name', { z: [[1, 2, 3]] }, [x], ArgumentError, /no input "z"\n {2}hint: its inputs are "x"/],
    ['a missing name', { x: [[1, 2, 3]] }, [x, y], ArgumentError, /needs data for input "y", got "x"/],
    ['one for two', [[[1, 2, 3]]], [x, y], ArgumentError, /has 2 inputs \("x", "y"\), got data for 1/],
    ['three for two', [[1], [2], [3]], [x, y], ArgumentError, /got data for 3/],
    ['two for one', [new Float32Array(3), new Float32Array(3)], [x], ArgumentError, /has 1 inputs \("x"\), got data for 2/],
    ['an array for two', new Float32Array(3), [x, y], ArgumentError, /got data for one\n {2}hint/],
    ['coordinates for a dense input', at([0, 1]), [x], ArgumentError, /input "x" is dense.*\n.*sparse: true/],
    ['a coordinate outside', at([0, 3]), [sparse], ShapeError, /index \[0, 3\] lies outside \[1, 3\]/],
    ['a coordinate between', at([0, 0.5]), [sparse], ShapeError, /index \[0, 0\.5\] lies outside/],
    ['a coordinate of another rank', at([0]), [sparse], ShapeError, /index \[0\] lies outside/],
    ['a coordinate that is no list', at(3), [sparse], ArgumentError, /index 0 should be a list of 2 positions, got 3/],
    ['a value that is no number', at([0, 1], '1'), [sparse], ArgumentError, /value 0 should be a number, got "1"/],
    ['more values than coordinates', { ...at([0, 1]), values: [1, 2] }, [sparse], ArgumentError, /1 indices but 2 values/],
    ['coordinates that are no list', { ...at([0, 1]), indices: 3 }, [sparse], ArgumentError, /indices should be a list, got 3/],
    ['a shape that is no list', { ...at([0, 1]), shape: '13' }, [sparse], ArgumentError, /shape should be a list, got "13"/],
    [
      'a shape too large to make dense',
      { ...at([0, 1]), shape: [2 ** 20, 2 ** 20] },
      [sparse],
      ShapeError,
      /no shape that can be made dense/,
    ],
  ]
  for (const [what, data, specs, type, message] of cases) {
    it(`refuses ${what}`, () => {
      assert.throws(
        () => feed(data, ...specs),
        (error: Error) => {
          assert.ok(error instanceof type, `${error.name}: ${error.message}`)
          assert.match(error.message, message)
          return true
        },
      )
    })
  }

  it('refuses arrays that an NDArray cannot hold', () => {
    const make = (data: unknown, shape: unknown, dtype?: unknown) => () =>
      new NDArray(data as Float32Array, shape as number[], dtype as DType)
    assert.throws(make(new Float64Array(1), [1]), /NDArray: data should be a Float32Array, Int32Array or Uint8Array, got Float64Array/)
    assert.throws(make([1], [1]), /got an array/)
    assert.throws(make(null, [1]), /got null/)
    assert.throws(make(new Float32Array(1), [1], 'int32'), /a Float32Array holds float32, got dtype int32/)
    assert.throws(() => ndarray([1], 'float64' as DType), /dtype should be one of float32, int32, bool, got float64/)
    assert.throws(() => ndarray('1' as never), ArgumentError)
  })
})
