// The package in Node: its bundle gives what the modules give, in few files, and loads no more than it needs.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as backends from '../backends/index.js'
import { withModules } from '../bench/built.js'
import * as lib from '../lib/index.js'
import * as passes from '../passes/index.js'
import { bundleForNode } from '../scripts/nodeBundle.js'
import { root } from './support/house.js'

describe('the bundle for Node', () => {
  it('is what import of the package gives, whole, in few files', async () => {
    const seen = await withModules(async dist => {
      await bundleForNode(dist)
      const folder = join(dist, '..')
      writeFileSync(
        join(folder, 'use.mjs'),
        `import * as lib from 'kerafold'
        import * as backends from 'kerafold/backends'
        import * as passes from 'kerafold/passes'
        const { layers, loadModel, sequential } = lib
        const net = sequential([layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [4, 4, 1] }), layers.flatten()])
        const x = new Float32Array(16).fill(1)
        const before = await net.predict(x, { backend: 'jit' })
        await net.save('net.keras')
        const again = await loadModel('net.keras')
        const after = await again.predict(x, { backend: 'jit' })
        const { graph } = passes.runPasses(net.trace().graph, passes.pipelines.infer.beforeSpecialise, { mode: 'infer', fusible: backends.backends.jit.fusible })
        const names = [lib, passes, backends].map(module => Object.keys(module).sort())
        console.log(JSON.stringify({ names, before: [...before.data], after: [...after.data], nodes: Object.keys(graph.nodes).length }))`,
      )
      const log = join(folder, 'log')
      const options = [`--import=${root}/bench/loadLog.mjs`, 'use.mjs']
      const env = { ...process.env, LOAD_LOG: log, NODE_OPTIONS: '' }
      const printed = execFileSync(process.execPath, options, { cwd: folder, env, encoding: 'utf8' })
      const loaded = readFileSync(log, 'utf8')
        .split('\n')
        .filter(url => url.startsWith(pathToFileURL(dist).href))
      return { printed, loaded }
    })
    const { names, before, after, nodes } = JSON.parse(seen.printed) as {
      readonly names: readonly (readonly string[])[]
      readonly before: readonly number[]
      readonly after: readonly number[]
      readonly nodes: number
    }
    assert.deepEqual(
      names,
      [lib, passes, backends].map(module => Object.keys(module).sort()),
    )
    assert.equal(before.length, 8)
    assert.ok(before.every(value => Math.abs(value) > 1e-3))
    assert.deepEqual(after, before)
    assert.ok(nodes > 3)
    const elsewhere = seen.loaded.filter(url => !url.includes('/dist/node/'))
    assert.deepEqual(elsewhere, [])
    assert.ok(seen.loaded.length < 40, `${seen.loaded.length} files`)
  }).timeout(60_000)

  it("leaves tfjs' kernels where the build writes them", () =>
    withModules(async dist => {
      const tfjs = join(dist, 'backends/tfjs')
      mkdirSync(join(tfjs, 'bundles'))
      writeFileSync(join(tfjs, 'bundles/cpu.js'), "export const found = 'a megabyte'")
      writeFileSync(join(tfjs, 'bundles.js'), "export const importBundle = { cpu: () => import('./bundles/cpu.js') }")
      await bundleForNode(dist)
      const node = join(dist, 'node')
      const texts = readdirSync(node)
        .filter(file => file.endsWith('.js'))
        .map(file => readFileSync(join(node, file), 'utf8'))
      assert.ok(!texts.some(text => text.includes('a megabyte')))
      const paths = texts.flatMap(text => [...text.matchAll(/import\("([^"]*bundles\/[^"]*)"\)/g)].map(match => match[1] ?? ''))
      assert.deepEqual(
        paths.map(path => readFileSync(join(node, path), 'utf8')),
        ["export const found = 'a megabyte'"],
      )
    })).timeout(60_000)
})
