// The program as such: help that fits, one-line errors, exit codes, terminals of any kind.

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { commands } from '../../lib/cli/commands.js'
import { textTable } from '../../lib/debug/textTable.js'
import { digits, golden, kerafold, scratch } from './program.js'

const program = new URL('../../lib/cli.ts', import.meta.url).pathname
const node = ['--import=tsx', '--conditions=kerafold-source', program]

describe('kerafold', () => {
  const file = scratch()

  it('has a help that names every command, and one for each, 80 columns wide', async () => {
    const { code, out, err } = await kerafold(['--help'])
    assert.deepEqual([code, err], [0, ''])
    for (const [name, { summary, options, examples }] of Object.entries(commands)) {
      assert.match(out, new RegExp(`^  ${name} +${summary.slice(0, 20)}`, 'm'))
      const help = await kerafold([name, '--help'])
      assert.deepEqual([help.code, help.err], [0, ''])
      for (const option of Object.keys(options)) assert.match(help.out, new RegExp(`^  --${option}\\b`, 'm'))
      assert.ok(examples.length > 0 && examples.every(example => example.startsWith(`${name} `)), name)
      for (const text of [out, help.out])
        assert.deepEqual(
          text.split('\n').filter(line => line.length > 80),
          [],
        )
    }
  })

  it('has examples whose options exist', async () => {
    for (const [name, { examples }] of Object.entries(commands)) {
      for (const example of examples) {
        const words = example.split(' ').map(word => (word.endsWith('.keras') ? 'missing.keras' : word))
        const { code, err } = await kerafold(words)
        assert.equal(code, 1, `${name}: ${err}`)
        assert.match(err, /^kerafold: missing\.keras: there is no such file\n$/)
      }
    }
  })

  it('says in one line what a command line should have been, and exits with 2', async () => {
    const model = golden('mlp')
    const cases: [string[], RegExp][] = [
      [['nonsense'], /no command "nonsense".*kerafold --help/],
      [['constructor'], /no command "constructor"/],
      [['summary'], /MODEL is missing.*kerafold summary --help/],
      [['summary', model, 'more'], /unexpected more/],
      [['summary', model, '--colour'], /'--colour'/],
      [['dump', model, '--after', 'nothing'], /--after should be one of all, change/],
      [['dump', model, '--format'], /--format/],
      [['dump', model, '--format', 'svg'], /--output FOLDER/],
      [['predict', model], /--input or --random is missing/],
      [['predict', model, '--random', '1.5'], /--random should be a whole number ≥ 0, got 1\.5/],
      [['predict', model, '--random', '1', '--batch', '0'], /--batch should be a whole number ≥ 1/],
      [['predict', model, '--random', '1', '--input', 'x.npy'], /exclude each other/],
      [['predict', model, '--random', '1', '--size', 'width=3'], /--size should be NAME=N with one of batch/],
      [['bench', golden('unknown_time'), '--size', 'batch=2', '--size', 'batch=3'], /--size for batch comes twice/],
      [['predict', model, '--random', '1', '--batch', '2', '--size', 'batch=2'], /--batch and --size batch=N exclude each other/],
      [
        ['export', golden('any_size')],
        /--size image_of_any_time:1=N --size image_of_any_time:2=N is missing: an exported module has fixed sizes/,
      ],
      [
        ['export', golden('any_size'), '--size', 'image_of_any_time:2=8', '--batch', '2'],
        /kerafold: --size image_of_any_time:1=N is missing/,
      ],
      [
        ['export', golden('any_size'), '--size', 'image_of_any_time:3=8'],
        /--size should be NAME=N with one of .*image_of_any_time:1, image_of_any_time:2, got image_of_any_time:3=8/,
      ],
      [['export', golden('any_size'), '--size', 'image_of_any_time:1=1.5'], /--size should be NAME=N .* got image_of_any_time:1=1\.5/],
      [['predict', golden('dict_inputs'), '--input', 'x.npy'], /--input should be NAME=FILE with one of/],
      [['predict', model, '--random', '1', '--backend', 'gpu'], /--backend should be one of auto, jit/],
      [['verify', model], /--input or --random is missing/],
      [['bisect'], /MODEL or --reproduce FILE is missing/],
      [['bisect', model, '--reproduce', 'x.txt'], /MODEL and --reproduce exclude each other/],
      [['verify', model, '--input', 'x.npy', '--expect', 'y.npy', '--tolerance', '0'], /--tolerance should be a number > 0/],
    ]
    for (const [argv, reason] of cases) {
      const { code, out, err } = await kerafold(argv)
      assert.equal(code, 2, `${argv.join(' ')}: ${err}`)
      assert.equal(out, '')
      assert.match(err, reason)
      assert.match(err, /^kerafold: [^\n]+\n$/)
    }
    const { code, err } = await kerafold([])
    assert.equal(code, 2)
    assert.match(err, /^usage: kerafold COMMAND/m)
  })

  it('says in one line what failed, and exits with 1; --verbose adds hints and where it happened', async () => {
    for (const [argv, reason] of [
      [['summary', 'missing.keras'], /^kerafold: missing\.keras: there is no such file\n$/],
      [['predict', golden('mlp'), '--input', 'missing.npy'], /^kerafold: missing\.npy: there is no such file\n$/],
      [['predict', golden('mlp'), '--input', golden('mlp')], /^kerafold: .*mlp\.keras is no \.npy file\n$/],
      [['predict', golden('mlp'), '--random', '1', '--output', `${golden('mlp')}/y.npy`], /^kerafold: .*y\.npy cannot be written: .*\n$/],
    ] as const) {
      const { code, out, err } = await kerafold(argv)
      assert.deepEqual([code, out], [1, ''])
      assert.match(err, reason)
    }
    const { err } = await kerafold(['predict', golden('mlp'), '--input', golden('mlp'), '--verbose'])
    assert.match(err, /hint: /)
    assert.match(err, /^ +at .*npy\.[jt]s/m)
  })

  it('colours on request of the terminal only', async () => {
    assert.ok((await kerafold(['summary', 'missing.keras'], { color: true })).err.startsWith('\u001b[31mkerafold'))
    assert.ok(!(await kerafold(['summary', 'missing.keras'])).err.includes('\u001b'))
  })

  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
    assert.deepEqual(await kerafold(['--version']), { code: 0, out: `${version}\n`, err: '' })
  })

  it('is a program of its own: exit codes, streams, no colours in pipes', async () => {
    const run = promisify(execFile)
    const { stdout, stderr } = await run(process.execPath, [...node, 'summary', digits], { env: { ...process.env, NODE_OPTIONS: '' } })
    assert.match(stdout, /hidden_1 \(Dense\)/)
    assert.equal(stderr, '')
    assert.ok(!stdout.includes('\u001b'))
    await assert.rejects(run(process.execPath, [...node, 'nonsense'], { env: { ...process.env, NODE_OPTIONS: '' } }), { code: 2 })
  }).timeout(60_000)

  it('ends quietly when nobody reads on', async () => {
    const child = spawn(process.execPath, [...node, 'dump', digits, '--after', 'all'], { env: { ...process.env, NODE_OPTIONS: '' } })
    let err = ''
    child.stderr.on('data', text => {
      err += text
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise(resolve => child.on('close', resolve))
    assert.deepEqual([code, err], [0, ''])
  }).timeout(60_000)

  it('is named in package.json', () => {
    const { bin } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { bin: Record<string, string> }
    const source = (bin.kerafold ?? '').replace('./dist/node/', '../../lib/').replace(/\.js$/, '.ts')
    assert.ok(existsSync(new URL(source, import.meta.url)))
    assert.equal(readFileSync(new URL(source, import.meta.url), 'utf8').split('\n')[0], '#!/usr/bin/env node')
    assert.ok(!existsSync(file('anything')))
  })
})

describe('tables of the command line', () => {
  it('end where the terminal does, and say what they cut', () => {
    const rows = [
      ['a', '1'],
      ['a_layer_with_a_name_that_is_long', '22'],
    ]
    const lines = textTable([{ title: 'layer' }, { title: 'µs', align: 'right' }], rows, 20)
    assert.deepEqual(lines, ['layer             µs', 'a                  1', 'a_layer_with_a_…  22'])
    assert.deepEqual(textTable([{ title: 'layer' }, { title: 'µs', align: 'right' }], rows, 80)[2], 'a_layer_with_a_name_that_is_long  22')
  })
})
