// The list of mutants does not rot: what each one changes is still there, once.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mutants } from '../scripts/mutants/list.js'

const root = new URL('..', import.meta.url)

describe('the list of mutants', () => {
  it('has at least 100, of passes, ops, kernels, layers, readers of files and what runs them', () => {
    assert.ok(mutants.length >= 100, `${mutants.length}`)
    for (const floor of [
      'passes/',
      'lib/ops/',
      'backends/',
      'lib/layers/',
      'lib/models/',
      'lib/runtime/',
      'lib/saving/',
      'backends/jit/',
    ]) {
      assert.ok(
        mutants.some(({ file }) => file.startsWith(floor)),
        floor,
      )
    }
    assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length, 'names are unique')
  })

  it('finds what it changes exactly once, and names specs that exist', () => {
    const problems = mutants.flatMap(({ name, file, find, replace, specs }) => {
      const text = existsSync(new URL(file, root)) ? readFileSync(new URL(file, root), 'utf8') : ''
      const missing = specs.filter(spec => !existsSync(new URL(spec, root)))
      return [
        ...(text.split(find).length === 2 ? [] : [`${name}: ${text.split(find).length - 1} times in ${file}`]),
        ...(find === replace ? [`${name}: changes nothing`] : []),
        ...(specs.length === 0 ? [`${name}: no spec`] : []),
        ...missing.map(spec => `${name}: no ${spec}`),
      ]
    })
    assert.deepEqual(problems, [])
  })
})
