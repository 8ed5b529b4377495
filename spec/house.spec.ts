// The floors of the house stand: imports go down, packages stay in their files, and the core loads nothing heavy.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  findCycle,
  importsOf,
  mutualTypes,
  nodeFiles,
  packages,
  problemOf,
  readSources,
  root,
  silencersOf,
  targetOf,
} from './support/house.js'

const sources = readSources()
const longest = 350

describe('the house', () => {
  it('has every source on a floor, and every import goes down to a floor it may know', () => {
    const problems = sources.flatMap(({ file, imports }) =>
      imports.flatMap(found => {
        const problem = problemOf(file, found)
        return problem ? [`${file}:${found.line} ${problem}`] : []
      }),
    )
    assert.deepEqual(problems, [])
  })

  it('has no cycle among files, type imports included', () => {
    const edges = sources.map(({ file, imports }): [string, string[]] => {
      const targets = imports.flatMap(({ specifier, typeOnly }) => {
        const target = specifier && targetOf(file, specifier)
        return target && !(typeOnly && mutualTypes[file] === target) ? [target] : []
      })
      return [file, targets]
    })
    assert.equal(findCycle(new Map(edges)), undefined)
  })

  it('imports only sources that exist', () => {
    const missing = sources.flatMap(({ file, imports }) =>
      imports.flatMap(({ specifier, line }) => {
        const target = specifier && targetOf(file, specifier)
        return !target || existsSync(`${root}/${target}`) ? [] : [`${file}:${line} ${target}`]
      }),
    )
    assert.deepEqual(missing, [])
  })

  it('lists no exception that nothing needs', () => {
    const mentions = (file: string, name: string): boolean =>
      sources.some(source => source.file.startsWith(file) && source.text.includes(`'${name}`))
    for (const [name, places] of Object.entries(packages))
      for (const place of places) assert.ok(mentions(place, name), `${name} in ${place}`)
    for (const [file, target] of Object.entries(mutualTypes)) {
      const found = sources
        .find(source => source.file === file)
        ?.imports.find(({ specifier }) => specifier && targetOf(file, specifier) === target)
      assert.equal(found?.typeOnly, true, `${file} imports types of ${target}`)
    }
    for (const file of Object.keys(nodeFiles)) assert.ok(existsSync(`${root}/${file}`), file)
  })

  it('has files of at most 350 lines that begin by saying what they are', () => {
    const problems = sources.flatMap(({ file, text }) => {
      const lines = text.trimEnd().split('\n')
      const tooLong = lines.length > longest ? [`${file} has ${lines.length} lines`] : []
      const first = lines.find(line => !line.startsWith('#!')) ?? '' // a program begins by naming its interpreter
      return /^\/\/ .{10,}[.:;]$/.test(first) ? tooLong : [...tooLong, `${file} begins with ${JSON.stringify(first)}`]
    })
    assert.deepEqual(problems, [])
  })

  it('never silences the compiler', () => {
    const problems = sources.flatMap(({ file, text }) => silencersOf(text).map(line => `${file}:${line}`))
    assert.deepEqual(problems, [])
  })
})

describe('the rules of the house', () => {
  const imports = (file: string, specifier: string | undefined): string | undefined => problemOf(file, { specifier })

  it('see every kind of import', () => {
    const text = [
      `import a from 'a'`,
      `import type { b } from 'b'`,
      `export { c } from 'c'`,
      `export * from 'd'`,
      `const e = await import('e')`,
      `let f: import('f').F, g: typeof import('g')`,
      `import 'h'`,
      `import i = require('i')`,
      `const j = require('j')`,
      'const k = await import(`k`)',
      'const l = await import(a + b)',
      `const m = "import 'no'" // import 'no'`,
    ].join('\n')
    const found = importsOf(text)
    assert.deepEqual(
      found.map(({ specifier }) => specifier),
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', undefined],
    )
    assert.deepEqual(
      found.filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier),
      ['b', 'f', 'g'],
    )
    assert.equal(found.at(-1)?.line, 11)
  })

  it('see what silences the compiler', () => {
    const text = [
      'const a: any = 1',
      'const b = c!',
      'const d = e as unknown as F',
      '// @ts-ignore',
      "const g = 'any!' as unknown // any!",
      'const h = !i',
    ].join('\n')
    assert.deepEqual(
      silencersOf(text).sort((a, b) => a - b),
      [1, 2, 3, 4],
    )
  })

  it('let imports go down', () => {
    assert.equal(imports('lib/ops/a.ts', '../ir/b.js'), undefined)
    assert.equal(imports('lib/runtime/a.ts', '../../passes/b.js'), undefined)
    assert.equal(imports('lib/runtime/a.ts', '#platform'), undefined)
    assert.equal(imports('lib/runtime/a.ts', '#eager/passes/b'), undefined)
    assert.equal(imports('backends/jit/a.ts', '../backend.js'), undefined)
    assert.equal(imports('lib/index.ts', './models/loadModel.js'), undefined)
    assert.equal(imports('lib/ir/graph.ts', 'immer'), undefined)
    assert.equal(imports('lib/platform/node.ts', 'node:fs/promises'), undefined)
    assert.equal(imports('backends/tfjs/deep/a.ts', '@tensorflow/tfjs-core/dist/base'), undefined)
  })

  it('stop imports that go up or sideways, and packages out of place', () => {
    assert.match(imports('lib/ir/a.ts', '../ops/b.js') ?? '', /lib\/ir must not know lib\/ops/)
    assert.match(imports('passes/a.ts', '../backends/b.js') ?? '', /passes must not know backends/)
    assert.match(imports('backends/a.ts', '#eager/passes/b') ?? '', /backends must not know passes/)
    assert.match(imports('backends/a.ts', '../passes/b.js') ?? '', /backends must not know passes/)
    assert.match(imports('lib/layers/a.ts', '../../passes/b.js') ?? '', /lib\/layers must not know passes/)
    assert.match(imports('lib/saving/a.ts', '../models/b.js') ?? '', /lib\/saving must not know lib\/models/)
    assert.match(imports('lib/models/a.ts', '../index.js') ?? '', /lib\/models must not know lib/)
    assert.match(imports('lib/index.ts', './cli/b.js') ?? '', /lib\/\*\.ts must not know lib\/cli/)
    assert.match(imports('lib/debug/a.ts', '../cli.js') ?? '', /lib\/debug must not know lib\/cli/)
    assert.match(imports('lib/ops/a.ts', '#platform') ?? '', /lib\/ops must not know lib\/platform/)
    assert.match(imports('lib/ops/a.ts', '../../spec/b.js') ?? '', /on no floor/)
    for (const specifier of ['immer', 'immer/deep', 'lodash', 'fs', 'node:fs', '@tensorflow/tfjs-core', undefined]) {
      assert.ok(imports('lib/ops/a.ts', specifier), String(specifier))
    }
  })

  it('find a cycle and only a cycle', () => {
    const diamond: [string, string[]][] = [
      ['a', ['b', 'c']],
      ['b', ['d']],
      ['c', ['d']],
      ['d', []],
    ]
    assert.equal(findCycle(new Map(diamond)), undefined)
    assert.deepEqual(findCycle(new Map([...diamond, ['d', ['e']], ['e', ['b']]])), ['b', 'd', 'e', 'b'])
    assert.deepEqual(findCycle(new Map([['a', ['a']]])), ['a', 'a'])
  })
})

describe('loading the core', () => {
  const packagesLoadedBy = (code: string): string[] => {
    const folder = mkdtempSync(join(tmpdir(), 'house-'))
    try {
      const log = join(folder, 'log')
      const options = ['--conditions=kerafold-source', '--import=tsx', `--import=${root}/bench/loadLog.mjs`, '--input-type=module']
      execFileSync(process.execPath, [...options, '--eval', code], { cwd: root, env: { ...process.env, LOAD_LOG: log, NODE_OPTIONS: '' } })
      const urls = readFileSync(log, 'utf8').split('\n')
      const names = urls.flatMap(url => {
        if (url.startsWith('data:') || url.includes('/bundles/')) return ['a bundle']
        return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []
      })
      return [...new Set(names)].filter(name => name !== 'tsx').sort()
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it('loads immer and no other package', () => {
    assert.deepEqual(packagesLoadedBy(`const { sequential } = await import('./lib/index.ts'); sequential()`), ['immer'])
  })

  it('would be seen to load more', () => {
    const predict = `const { layers, sequential } = await import('./lib/index.ts')
      await sequential([layers.dense({ units: 1, inputShape: [1] })]).predict([[1]], { backend: 'cpu' })`
    assert.deepEqual(packagesLoadedBy(predict), ['a bundle', 'immer'])
    assert.deepEqual(packagesLoadedBy(`const { dotToSvg } = await import('./lib/debug/index.ts'); await dotToSvg('graph { a }')`), [
      '@viz-js/viz',
      'immer',
    ])
  })
})
