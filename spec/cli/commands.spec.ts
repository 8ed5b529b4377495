// summary, plot, predict, verify and dump on models that real Keras saved.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { graphToText, input, inspect, layers, NDArray, parseGraphText, saveModel, sequential, verify } from '../../lib/index.js'
import { loadModel } from '../../lib/models/loadModel.js'
import { opTable } from '../../lib/ops/table.js'
import { readNpy, writeNpy } from '../../lib/saving/npy.js'
import { digits, golden, kerafold, scratch } from './program.js'

const beginsWithGraph = /^\/\/ .*\ngraph \{/

/** Runs a command that must succeed; gives what it printed. */
async function output(...argv: string[]): Promise<string> {
  const { code, out, err } = await kerafold(argv)
  assert.deepEqual([code, err], [0, ''])
  return out
}

describe('kerafold summary', () => {
  it('prints the table of summary(), as wide as the terminal', async () => {
    const model = await loadModel(digits)
    let text = ''
    model.summary({
      lineLength: 80,
      printFn: table => {
        text = table
      },
    })
    assert.equal(await output('summary', digits), `${text}\n`)
    const { out } = await kerafold(['summary', golden('nested_mixed'), '--expand-nested'], { columns: 60 })
    for (const line of out.split('\n')) assert.ok(line.length <= 60, line)
  })

  it('prints JSON', async () => {
    const { name, params, layers } = JSON.parse(await output('summary', golden('mlp'), '--json')) as {
      name: string
      params: Record<string, number>
      layers: { name: string; class: string; params: number }[]
    }
    const model = await loadModel(golden('mlp'))
    assert.equal(name, 'mlp')
    assert.deepEqual(
      layers.map(layer => [layer.name, layer.class, layer.params]),
      model.layers.map(layer => [layer.name, layer.className, layer.countParams()]),
    )
    assert.equal((params.trainable ?? 0) + (params.nonTrainable ?? 0), model.countParams())
  })
})

describe('kerafold plot', () => {
  const file = scratch()

  it('draws the model', async () => {
    const dot = await output('plot', digits, '--format', 'dot', '--show-shapes', '--direction', 'LR')
    assert.match(dot, /^digraph/)
    assert.match(dot, /rankdir="LR"/)
    assert.match(dot, /\(None, 64\)/)
    await output('plot', digits, '--output', file('made/here/digits.svg'))
    assert.match(readFileSync(file('made/here/digits.svg'), 'utf8'), /<svg[\s\S]*hidden_1/)
  })
})

describe('kerafold predict and verify', () => {
  const file = scratch()
  const pixels = Float32Array.from({ length: 3 * 64 }, (_, k) => (k % 17) / 16)

  before(() => writeFileSync(file('x.npy'), writeNpy(new NDArray(pixels, [3, 64]))))

  it('predict what predict() gives', async () => {
    const wanted = await (await loadModel(digits)).predict(pixels)
    assert.equal(await output('predict', digits, '--input', file('x.npy'), '--output', file('y.npy'), '--batch-size', '2'), '')
    const { data, shape } = readNpy(readFileSync(file('y.npy')), 'y')
    assert.deepEqual([data, shape], [wanted.data, wanted.shape])
    const { digit } = JSON.parse(await output('predict', digits, '--input', `pixels=${file('x.npy')}`, '--json')) as {
      digit: { shape: number[]; values: number[][] }
    }
    assert.deepEqual([digit.shape, digit.values], [wanted.shape, wanted.toArray()])
    assert.match(await output('predict', digits, '--input', file('x.npy')), /^digit: float32\[3,10\] \[.*\]\n$/)
  })

  it('take several inputs and outputs by name', async () => {
    const names = ['masking_merge', 'dict_inputs', 'merges', 'nested_functional', 'nested_mixed', 'unknown_time', 'int_inputs']
    for (const name of names) {
      const model = await loadModel<unknown>(golden(name))
      const out = JSON.parse(await output('predict', golden(name), '--random', '3', '--batch', '2', '--json')) as Record<string, unknown>
      assert.deepEqual(Object.keys(out), model.outputNames)
      assert.equal(await output('predict', golden(name), '--random', '3', '--batch', '2', '--json'), toText(out))
    }
  })

  it('make random data of the sizes that are given', async () => {
    const sizes = ['--size', 'batch=3', '--size', 'image_of_any_time:1=12', '--size', 'image_of_any_time:2=10']
    const given = JSON.parse(await output('predict', golden('any_size'), '--random', '3', ...sizes, '--json')) as object
    for (const { shape } of Object.values(given) as { shape: number[] }[]) assert.equal(shape[0], 3)
  })

  it('verify says how far each output is from what was expected, and fails where rounding does not explain it', async () => {
    await output('predict', digits, '--input', file('x.npy'), '--output', file('y.npy'))
    const argv = ['verify', digits, '--input', file('x.npy'), '--expect', file('y.npy'), '--batch-size', '2']
    const text = await output(...argv)
    assert.match(text, /^output +error +jit +ref32 +ref64 +allowed\ndigit +largest +0 +\S+ +\S+ +\S+\n +mean +0 /)
    assert.match(text, /\nas expected\n$/)
    const report = JSON.parse(await output(...argv, '--json')) as {
      ok: boolean
      outputs: { tolerance: number; errors: Record<string, { largest: number }> }[]
    }
    const [{ tolerance, errors } = { tolerance: 0, errors: {} }] = report.outputs
    assert.ok(tolerance > 0 && tolerance < 1e-4)
    assert.ok((errors.ref64?.largest ?? 1) <= tolerance)

    const { data, shape } = readNpy(readFileSync(file('y.npy')), 'y')
    const wrong = Float32Array.from(data)
    wrong[13] = (wrong[13] as number) + 0.01
    writeFileSync(file('wrong.npy'), writeNpy(new NDArray(wrong, shape)))
    const bad = await kerafold(['verify', digits, '--input', file('x.npy'), '--expect', file('wrong.npy')])
    assert.equal(bad.code, 1)
    assert.match(bad.out, /not as expected: digit, most at value 13\n$/)
    assert.equal(
      (await kerafold(['verify', digits, '--input', file('x.npy'), '--expect', file('wrong.npy'), '--tolerance', '0.1'])).code,
      0,
    )

    const alone = await output('verify', digits, '--random', '1', '--batch', '40', '--backend', 'cpu')
    assert.match(alone, /^output +error +cpu +ref32 +ref64 +allowed\ndigit +largest +\S+ +\S+ +0 +\S+\n[\s\S]*as expected\n$/)

    const other = await kerafold(['verify', digits, '--input', file('x.npy'), '--expect', file('x.npy')])
    assert.equal(other.code, 1)
    assert.match(other.err, /x\.npy has shape \(3, 64\), but output "digit" has \(3, 10\)/)
  })
})

describe('kerafold explain', () => {
  it('prints a row per layer, timed where there are data', async () => {
    const plain = await output('explain', digits)
    assert.match(plain, /^norm_1 \(BatchNormalization\) +folded into hidden_1 by foldAffine$/m)
    assert.ok(!plain.includes('µs'))
    const { out } = await kerafold(['explain', digits, '--random', '1', '--batch', '2', '--runs', '1', '--backend', 'jit'], { columns: 60 })
    assert.match(out, /^layer +µs +% +GFLOP\/s +% peak +what/m)
    assert.match(out, /^hidden_1\S* .* +\d+(\.\d+)? +\d+\.\d +\d+(\.\d+)? +\d+\.\d +matmul/m)
    assert.match(out, /\npeak \d+(\.\d+)? GFLOP\/s\n$/)
    for (const line of out.split('\n')) assert.ok([...line].length <= 60, line)
  })

  it('prints JSON', async () => {
    const { backend, layers } = JSON.parse(await output('explain', digits, '--json')) as {
      backend: string
      layers: { layer: string; fate: string; rules: string[] }[]
    }
    assert.equal(backend, 'jit')
    assert.deepEqual(layers.find(({ layer }) => layer === 'drop_1')?.rules, ['pickPhase'])
    assert.equal(layers.length, 13)
    const timed = JSON.parse(await output('explain', digits, '--random', '1', '--runs', '1', '--backend', 'jit', '--json')) as {
      peakGflops: number
      layers: { layer: string; gflopPerS: number; ofPeak: number; kernels: { gflopPerS: number; ofPeak: number }[] }[]
    }
    const { gflopPerS, ofPeak, kernels } = timed.layers.find(({ layer }) => layer === 'hidden_1') ?? assert.fail()
    assert.deepEqual([kernels[0]?.gflopPerS, kernels[0]?.ofPeak], [gflopPerS, ofPeak])
    assert.ok(ofPeak > 0 && ofPeak <= 1 && Math.abs(ofPeak - gflopPerS / timed.peakGflops) < 1e-9)
  })
})

describe('kerafold bisect', () => {
  const file = scratch()

  it('says that all is well', async () => {
    assert.match(
      await output('bisect', digits, '--random', '1', '--backend', 'jit'),
      /^Model "digits" \(Functional\) on jit: \d+ passes and \d+ kernels agree with the reference\n$/,
    )
    const { suspect } = JSON.parse(await output('bisect', golden('merges'), '--random', '1', '--json')) as { suspect: unknown }
    assert.equal(suspect, null)
  })

  it('names a kernel that is not, and writes what shows it again: XNNPACK makes NaN 0 where a product ends in relu', async () => {
    writeFileSync(file('nan.npy'), writeNpy(new NDArray(new Float32Array(64).fill(Number.NaN), [1, 64])))
    const { code, out } = await kerafold(['bisect', digits, '--input', file('nan.npy'), '--backend', 'wasm', '--output', file('nan.txt')])
    assert.equal(code, 1)
    assert.match(
      out,
      /first wrong:\n {2}the wasm kernel of relu_1\/relu \(fused\) from .*hidden_1#0.*\n {2}output "y": value 0 is 0 instead of NaN/,
    )
    const again = await kerafold(['bisect', '--reproduce', file('nan.txt')])
    assert.equal(again.code, 1)
    assert.match(again.out, /^kernel wasm: output "y": value 0 is 0 instead of NaN/)
    writeFileSync(file('jit.txt'), readFileSync(file('nan.txt'), 'utf8').replaceAll('"wasm"', '"jit"'))
    assert.equal(await output('bisect', '--reproduce', file('jit.txt')), 'kernel jit: agrees with the reference\n')
  })
})

describe('kerafold dump', () => {
  const file = scratch()

  it('shows the graph after all passes as exe.steps has them', async () => {
    for (const name of ['mlp', 'batch_norms', 'nested_mixed', 'masking_chain']) {
      const exe = await (await loadModel<unknown>(golden(name))).lower()
      const text = await output('dump', golden(name), '--after', 'all')
      const [trace, ...parts] = text.split(/^(?=\/\/ \d+ )/m)
      assert.match(trace ?? '', /^\/\/ 0 trace: /)
      assert.deepEqual(
        parts.map(part => part.replace(/^.*\n/, '')),
        exe.steps.map(({ edit }) => graphToText(edit.graph)),
      )
      assert.deepEqual(
        parts.map(part => /^\/\/ \d+ (\w+): (\d+) → (\d+) nodes/.exec(part)?.slice(1)),
        exe.steps.map(({ pass, nodesBefore, nodesAfter }) => [pass, String(nodesBefore), String(nodesAfter)]),
      )
    }
  })

  it('shows changes only by default, or one pass, or the trace', async () => {
    const { steps } = await (await loadModel(digits)).lower()
    const passes = (text: string) => [...text.matchAll(/^\/\/ \d+ (\w+):/gm)].map(match => match[1])
    const changed = steps.filter(({ edit }) => edit.graph !== edit.before).map(({ pass }) => pass)
    assert.deepEqual(passes(await output('dump', digits)), ['trace', ...changed])
    assert.deepEqual(passes(await output('dump', digits, '--after', 'dce')), ['dce', 'dce', 'dce'])
    const trace = await output('dump', digits, '--after', 'trace')
    assert.match(trace, beginsWithGraph)
    assert.match(trace, /phase\(/)
    assert.match(await output('dump', digits, '--after', 'trace', '--training'), /phase\(/)
    assert.ok(!(await output('dump', digits, '--after', 'fuse', '--batch', '3')).includes('batch,'))
  })

  it('writes text that reads back, drawings and data into a folder', async () => {
    for (const [format, ending] of Object.entries({ text: 'txt', dot: 'dot', json: 'json' })) {
      assert.equal(await output('dump', golden('mlp'), '--after', 'all', '--format', format, '--output', file(format)), '')
      const names = readdirSync(file(format)).sort()
      assert.equal(names[0], `000_trace.${ending}`)
      for (const name of names) {
        assert.match(name, new RegExp(`^\\d{3}_\\w+\\.${ending}$`))
        const text = readFileSync(`${file(format)}/${name}`, 'utf8')
        if (format === 'text') verify(parseGraphText(text, opTable))
        else if (format === 'dot') assert.match(text, /^digraph/)
        else assert.ok('nodes' in (JSON.parse(text) as { graph: object }).graph)
      }
    }
    assert.match(await output('dump', golden('mlp'), '--after', 'fuse', '--format', 'svg'), /<svg/)
    const all = JSON.parse(await output('dump', golden('mlp'), '--after', 'all', '--format', 'json')) as unknown[]
    assert.equal(all.length, readdirSync(file('text')).length)
    assert.ok(!existsSync(file('svg')))
  })
})

describe('kerafold dump, behind the graphs', () => {
  const file = scratch()

  it('writes schedule, memory map and modules into a folder, beside the graphs', async () => {
    assert.equal(await output('dump', digits, '--output', file('all')), '')
    const names = readdirSync(file('all')).sort()
    const graphs = names.filter(name => /^\d{3}_\w+\.txt$/.test(name))
    assert.ok(graphs.length > 3)
    assert.deepEqual(names.slice(graphs.length), ['memory.txt', 'prepare.wasm', 'prepare.wat', 'run.wasm', 'run.wat', 'schedule.txt'])
    const stages = await inspect(await loadModel<unknown>(digits))
    const text = (name: string) => readFileSync(file(`all/${name}`), 'utf8')
    assert.deepEqual(
      [text('schedule.txt'), text('memory.txt'), text('run.wat'), text('prepare.wat')],
      [stages.schedule, stages.memory, stages.run.wat, stages.prepare?.wat],
    )
    assert.deepEqual(readFileSync(file('all/run.wasm')), Buffer.from(stages.run.wasm))
    assert.ok(WebAssembly.validate(readFileSync(file('all/prepare.wasm'))))
    await output('dump', digits, '--stage', 'memory', '-o', file('one'))
    assert.deepEqual(readdirSync(file('one')), ['memory.txt'])
    await output('dump', digits, '--stage', 'graphs', '-o', file('graphs'))
    assert.deepEqual(readdirSync(file('graphs')).sort(), graphs)
  })

  it('prints one of them, for sizes that are given', async () => {
    assert.match(await output('dump', digits, '--stage', 'schedule', '--batch', '7'), /^run\n[\s\S]* = gemm 7x64x64/)
    assert.match(await output('dump', digits, '--stage', 'memory'), /^memory: \d+ bytes/)
    const wat = await output('dump', digits, '--stage', 'module', '--training')
    assert.match(wat, /^;; run\.wat\n\(module\n/)
    assert.doesNotMatch(wat, /prepare\.wat/)
    const open = file('open.keras')
    await saveModel(sequential([input({ shape: [null, 3], name: 'x' }), layers.dense({ units: 2 })]), open)
    const { code, err } = await kerafold(['dump', open, '--stage', 'schedule'])
    assert.deepEqual(
      [code, /^kerafold: (--size \S+ is missing: a module has fixed sizes) /.exec(err)?.[1]],
      [2, '--size x:1=N is missing: a module has fixed sizes'],
    )
    assert.match(await output('dump', open, '--stage', 'schedule', '--size', 'x:1=5'), / = gemm 5x3x2/)
    const graphs = await kerafold(['dump', open, '--output', file('open')])
    assert.deepEqual([graphs.code, graphs.out], [0, ''])
    assert.match(graphs.err, /^graphs alone: --size x:1=N is missing: a module has fixed sizes\n$/)
    assert.ok(readdirSync(file('open')).every(name => /^\d{3}_\w+\.txt$/.test(name)))
  })

  it('has nothing to show of other backends, nor passes of it', async () => {
    const { code, err } = await kerafold(['dump', digits, '--stage', 'module', '--backend', 'reference'])
    assert.deepEqual([code, /the reference backend makes no module/.test(err)], [1, true])
    assert.equal((await kerafold(['dump', digits, '--stage', 'module', '--after', 'all'])).code, 2)
    assert.equal((await kerafold(['dump', digits, '--size', 'rows=1'])).code, 2)
  })
})

describe('kerafold export', () => {
  const file = scratch()

  it('writes a module and what runs it', async () => {
    const out = await output('export', digits, '-o', file('out'), '--html', '--batch', '2', '--beside')
    const names = readdirSync(file('out')).sort()
    assert.deepEqual(names, ['model.d.ts', 'model.html', 'model.js', 'model.wasm', 'model.weights.bin'])
    for (const name of names) assert.match(out, new RegExp(`/${name}  \\d+ bytes\n`))
    const { load } = await import(file('out/model.js'))
    assert.equal((await load()).run(new Float32Array(128)).digit.length, 20)
    assert.match(await output('export', digits, '--output', file('one')), /model\.wasm/)
    assert.deepEqual(readdirSync(file('one')).sort(), ['model.d.ts', 'model.js', 'model.wasm'])
  })

  it('fixes the sizes that a model leaves unknown', async () => {
    await output(
      'export',
      golden('any_size'),
      '-o',
      file('sized'),
      '--size',
      'image_of_any_time:1=12',
      '--size',
      'image_of_any_time:2=10',
      '--size',
      'batch=2',
    )
    const { load } = await import(file('sized/model.js'))
    const { inputs } = (await load()).description as { inputs: { shape: number[] }[] }
    assert.deepEqual(
      inputs.map(({ shape }) => shape.slice(0, 3)),
      [[2, 12, 10]],
    )
  })
})

function toText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
