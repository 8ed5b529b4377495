import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Cursor } from '../../lib/saving/cursor.js'
import { parseJson } from '../../lib/saving/json.js'
import { refusal } from './support/archives.js'

const parse = (text: string) => parseJson(new TextEncoder().encode(text), 'x.keras: config.json')

describe('JSON in files', () => {
  it('is what JSON.parse gives', () =>
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), text => {
        fc.pre(!/__proto__|constructor|prototype/.test(text))
        assert.deepEqual(parse(text), JSON.parse(text))
      }),
    ))

  const refused: readonly (readonly [string, string, string])[] = [
    ['nonsense', '{"a": ', 'no valid JSON'],
    ['Infinity, which Python writes', '{"a": Infinity}', 'no valid JSON'],
    ['__proto__', '{"a": [{"__proto__": {"b": 1}}]}', 'config.json > a[0] has the key "__proto__"'],
    ['constructor', '{"constructor": 1}', '"constructor"'],
    ['prototype', '{"a": {"prototype": 1}}', 'config.json > a has the key "prototype"'],
    ['__proto__ behind an escape', '{"\\u005f_proto__": 1}', '"__proto__"'],
    ['deep lists', '['.repeat(100_000), 'levels deep'],
    ['deep objects', `${'{"a":'.repeat(250)}1${'}'.repeat(250)}`, 'levels deep'],
    ['millions of values', `[${'0,'.repeat(1_100_000)}0]`, 'values'],
    ['megabytes of text', JSON.stringify('x'.repeat(17 << 20)), 'too large'],
  ]
  for (const [what, text, part] of refused)
    it(`refuses ${what}`, () => assert.throws(() => parse(text), refusal('FileError', 'x.keras: config.json', part)))

  it('refuses bytes that are no UTF-8', () => {
    assert.throws(() => parseJson(Uint8Array.of(34, 0xff, 34), 'x'), refusal('FileError', 'no valid JSON'))
  })

  it('does not count brackets inside strings', () => {
    const text = JSON.stringify({ a: '['.repeat(1000), b: `"${'['.repeat(1000)}`, c: `\\${'['.repeat(1000)}` })
    assert.deepEqual(parse(text), JSON.parse(text))
  })
})

describe('a cursor', () => {
  const root = new Cursor({ config: { layers: [{ units: 'four' }, { units: 4 }] } }, 'config.json')

  it('names the path to what is wrong', () => {
    const [first, second] = root.get('config').get('layers').list()
    assert.equal(second?.get('units').index(), 4)
    assert.throws(
      () => first?.get('units').index(),
      refusal('FileError', 'config.json > config > layers[0] > units should be a whole number ≥ 0, got "four"'),
    )
    assert.throws(() => first?.get('name'), refusal('FileError', 'config.json > config > layers[0] lacks "name"'))
    assert.throws(() => root.list(), refusal('FileError', 'config.json should be a list, got an object'))
  })

  it('does not see what every JavaScript object has', () => {
    assert.equal(root.at('toString'), undefined)
    assert.equal(root.at('hasOwnProperty'), undefined)
  })
})
