// The names of activations, initializers, regularizers and constraints: Keras' own, no more and no fewer.

import assert from 'node:assert/strict'
import { activation, activations } from '../../lib/layers/parts/activations.js'
import { constraints, constraintTable } from '../../lib/layers/parts/constraints.js'
import { initializers, initializerTable } from '../../lib/layers/parts/initializers.js'
import { toCamel } from '../../lib/layers/parts/partTable.js'
import { regularizers, regularizerTable } from '../../lib/layers/parts/regularizers.js'
import { type Part, type PartTable, toSnake } from '../../lib/layers/schema.js'
import { readGolden } from '../support/golden.js'

const kinds = ['activations', 'initializers', 'regularizers', 'constraints'] as const
const names = readGolden<Record<(typeof kinds)[number], string[]>>('names')
const namespaces = { activations, initializers, regularizers, constraints }
const tables: Readonly<Record<'initializers' | 'regularizers' | 'constraints', PartTable<Part>>> = {
  initializers: initializerTable,
  regularizers: regularizerTable,
  constraints: constraintTable,
}

/** What each string gives in Keras: a class, or false where it is refused. */
const strings = readGolden<{ strings: Record<keyof typeof tables, Record<string, string | false>> }>('parts').strings

/** The base classes, which Keras gives by name; here they are abstract, for classes of the user's own. */
const bases = ['Initializer', 'Regularizer', 'Constraint']

/** Keras refuses these strings: a class that needs an option there and has a default here, or a spelling of Keras 2. */
const more = {
  initializers: ['Constant', 'constant'],
  regularizers: ['l1_l2'],
  constraints: ['maxnorm', 'nonneg', 'unitnorm'],
}

describe('names of parts', () => {
  for (const kind of kinds) {
    it(`${kind} has Keras' public names, functions in camelCase`, () => {
      const ours = Object.keys(namespaces[kind]).sort()
      assert.deepEqual(ours, names[kind].map(toCamel).sort())
    })
  }

  for (const kind of Object.keys(tables) as (keyof typeof tables)[]) {
    it(`${kind} are found by the strings that Keras takes, in camelCase too`, () => {
      const table = tables[kind]
      for (const [name, wanted] of Object.entries(strings[kind])) {
        const made = [name, toCamel(name)].map(spelling => table.resolve(spelling)?.({}).className ?? false)
        const expected = bases.includes(name) ? false : more[kind].includes(name) ? made[0] : wanted
        assert.deepEqual(made, [expected, expected], name)
      }
      for (const name of more[kind]) assert.ok(table.resolve(name), name)
    })

    it(`${kind} lists each class and spelling that it resolves`, () => {
      for (const name of tables[kind].names) assert.ok(tables[kind].resolve(name) && tables[kind].schemaOf(name), name)
      const classes = Object.values(namespaces[kind]).flatMap(value => ('className' in value ? [value.className] : []))
      for (const name of classes) if (name && !bases.includes(name)) assert.ok(tables[kind].names.includes(name), name)
    })
  }

  it('activations are found by Keras name and in camelCase, and saved as Keras saves them', () => {
    const { serialized } = readGolden<{ serialized: Record<string, string> }>('activations')
    const field = activation()
    for (const [name, saved] of Object.entries(serialized)) {
      for (const spelling of [name, toCamel(name)]) {
        const found = field.parse(spelling, 'test')
        assert.equal(found.name, name)
        assert.equal(field.toJson(found), saved)
      }
      assert.equal(toSnake(toCamel(name)), name)
    }
  })
})
