import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { altered, goldenBytes, goldenMembers } from './support/archives.js'
import type { FuzzedFile, NamedBytes, Report } from './support/fuzzWorker.js'

const limit = { ms: 2000, bytes: 256 << 20 }
const bases = ['mlp', 'nested_mixed', 'masking_chain', 'op_nodes', 'batch_norms', 'dict_inputs', 'keras_2_13', 'lambda'] as const
const members = Object.fromEntries(bases.map(name => [name, goldenMembers(name)]))
const memberOf = (base: string, member: string) => members[base]?.[member] as Uint8Array

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }

/** Every place in a JSON value that can be overwritten, with what stands there. */
function placesIn(value: Json): { put: (value: Json) => void; remove: () => void; present: Json }[] {
  if (typeof value !== 'object' || value === null) return []
  const parts = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  const container = value as Record<string | number, Json>
  return parts.flatMap(([key, present]) => [
    {
      put: (next: Json) => {
        container[key] = next
      },
      remove: () => {
        if (Array.isArray(value)) value.splice(Number(key), 1)
        else delete container[key]
      },
      present,
    },
    ...placesIn(present),
  ])
}

const strange: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(
    0,
    -1,
    0.5,
    1e9,
    2 ** 31,
    2 ** 53,
    -1e308,
    null,
    true,
    false,
    '',
    '__lambda__',
    'Dense',
    'Functional',
    [],
    {},
    [[]],
    [null],
    'x'.repeat(1000),
  ),
  fc.constantFrom<Json>(
    { class_name: '__lambda__', config: {} },
    { class_name: 'function', config: 'eval' },
    { class_name: '__keras_tensor__', config: { keras_history: ['x', 0, 0] } },
  ),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
)

/** One change of a config: at a place, put something strange or a part of the config itself, remove it, or double it. */
const configChange = fc.record({ at: fc.nat(), kind: fc.constantFrom('strange', 'part', 'remove', 'byte'), strange, other: fc.nat() })

interface Broken<C> {
  readonly base: (typeof bases)[number]
  readonly changes: readonly C[]
  readonly cut?: number | null
}

type Change<A> = A extends fc.Arbitrary<infer C> ? C : never

function brokenConfig({ base, changes }: Broken<Change<typeof configChange>>): Uint8Array {
  return altered(base, { 'config.json': brokenJson(memberOf(base, 'config.json'), changes) })
}

function brokenJson(text: Uint8Array, changes: readonly Change<typeof configChange>[]): Uint8Array {
  const config = JSON.parse(new TextDecoder().decode(text)) as Json
  for (const { at, kind, strange, other } of changes) {
    const places = placesIn(config)
    const place = places[at % places.length]
    if (kind === 'strange') place?.put(structuredClone(strange))
    else if (kind === 'part') place?.put(structuredClone(places[other % places.length]?.present ?? null))
    else if (kind === 'remove') place?.remove()
  }
  const bytes = new TextEncoder().encode(JSON.stringify(config))
  for (const { at, kind, other } of changes) if (kind === 'byte') bytes[at % bytes.length] = other % 256
  return bytes
}

const byteChange = fc.record({ at: fc.nat(), kind: fc.constantFrom('flip', 'ones', 'zero', 'any', 'word'), value: fc.nat() })

/** Changes fall on bytes that are not 0, and so on structure: addresses, sizes, counts, signatures, names. */
function brokenWeights({ base, changes, cut }: Broken<Change<typeof byteChange>>): Uint8Array {
  return altered(base, { 'model.weights.h5': brokenBytes(memberOf(base, 'model.weights.h5'), changes, cut) })
}

function brokenBytes(whole: Uint8Array, changes: readonly Change<typeof byteChange>[], cut?: number | null): Uint8Array {
  const bytes = whole.slice()
  const structure = [...bytes.keys()].filter(at => bytes[at] !== 0)
  const view = new DataView(bytes.buffer)
  for (const { at, kind, value } of changes) {
    const place = structure[at % structure.length] as number
    if (kind === 'flip') bytes[place] = (bytes[place] as number) ^ (1 << (value % 8))
    else if (kind === 'ones') bytes[place] = 255
    else if (kind === 'zero') bytes[place] = 0
    else if (kind === 'any') bytes[place] = value
    else if (place + 4 <= bytes.length) view.setUint32(place, value % 3 === 0 ? 0xffffffff : value % bytes.length, true)
  }
  return cut == null ? bytes : bytes.slice(0, cut % bytes.length)
}

const h5Files = ['stack.h5', 'nested.h5', 'nested.keras-2-2.h5', 'k3_op_nodes.h5'].map(file => read(`legacy/${file}`))

const tfjsFolders = ['nested', 'stack_uint8', 'k3_mlp'].map(folder =>
  readdirSync(new URL(`../golden/tfjs/${folder}/`, import.meta.url)).map(name => ({ name, bytes: read(`tfjs/${folder}/${name}`) })),
)

function read(path: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../golden/${path}`, import.meta.url)))
}

interface BrokenTfjs {
  readonly base: number
  readonly changes: readonly Change<typeof configChange>[]
  readonly cut: number | null
}

/** Changes in model.json, and sometimes a shard that is too short. */
function brokenTfjs({ base, changes, cut }: BrokenTfjs): NamedBytes[] {
  const files = tfjsFolders[base % tfjsFolders.length] ?? []
  return files.map(({ name, bytes }) => {
    if (name === 'model.json') return { name, bytes: brokenJson(bytes, changes) }
    return { name, bytes: cut === null ? bytes : bytes.slice(0, cut % bytes.length) }
  })
}

const base = fc.constantFrom(...bases)
const configChanges = fc.record({ base, changes: fc.array(configChange, { minLength: 1, maxLength: 4 }) })
const byteChanges = fc.record({
  base,
  changes: fc.array(byteChange, { minLength: 1, maxLength: 6 }),
  cut: fc.option(fc.nat(), { freq: 20 }),
})

const h5Changes = fc.record({
  base: fc.nat(),
  changes: fc.array(byteChange, { minLength: 1, maxLength: 6 }),
  cut: fc.option(fc.nat(), { freq: 20 }),
})
const tfjsChanges = fc.record({
  base: fc.nat(),
  changes: fc.array(configChange, { minLength: 1, maxLength: 3 }),
  cut: fc.option(fc.nat(), { freq: 8 }),
})

type Check = (file: FuzzedFile) => Promise<void>

/** By place, the property that all files changed there have. */
const properties = {
  'config.json': (check: Check) => fc.asyncProperty(configChanges, changes => check(brokenConfig(changes))),
  'model.weights.h5': (check: Check) => fc.asyncProperty(byteChanges, changes => check(brokenWeights(changes))),
  'an .h5 file': (check: Check) =>
    fc.asyncProperty(h5Changes, ({ base, changes, cut }) => check(brokenBytes(h5Files[base % h5Files.length] as Uint8Array, changes, cut))),
  'model.json and its shards': (check: Check) => fc.asyncProperty(tfjsChanges, changes => check(brokenTfjs(changes))),
}

/** A thread that loads models; one that is too slow or dies is replaced. */
class Loader {
  private worker: Worker | undefined
  private heaviest = 0
  private ground = 0

  private async start(): Promise<Worker> {
    // --import tsx has no effect in a thread, so it is registered there
    const code = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(tsx => { tsx.register(); return import(${JSON.stringify(new URL('./support/fuzzWorker.ts', import.meta.url).href)}) })`
    const worker = new Worker(code, {
      eval: true,
      resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 32 },
    })
    this.worker = worker
    const first = await this.ask(worker, goldenBytes('mlp'), 60_000)
    assert.equal(first.end, 'model', first.message)
    this.ground = process.memoryUsage().rss
    return worker
  }

  async load(bytes: FuzzedFile): Promise<Report> {
    const report = await this.ask(this.worker ?? (await this.start()), bytes, limit.ms)
    this.heaviest = Math.max(this.heaviest, process.memoryUsage().rss - this.ground)
    return report
  }

  /** The most memory that loads have added to the process. */
  get bytes(): number {
    return this.heaviest
  }

  private async ask(worker: Worker, bytes: FuzzedFile, ms: number): Promise<Report> {
    const answer = new Promise<Report>(resolve => {
      const done = (report: Report) => {
        clearTimeout(timer)
        worker.off('message', done).off('error', died)
        resolve(report)
      }
      const died = (error: unknown) => done({ end: 'other error', message: `the thread died: ${error}`, ms: 0 })
      const timer = setTimeout(() => done({ end: 'other error', message: `no answer within ${ms} ms`, ms }), ms)
      worker.on('message', done).on('error', died)
    })
    worker.postMessage(bytes)
    const report = await answer
    if (report.end === 'other error') await this.stop()
    return report
  }

  async stop(): Promise<void> {
    const { worker } = this
    this.worker = undefined
    await worker?.terminate()
  }
}

describe('a model file with changes in it', function () {
  this.timeout(300_000)
  const loader = new Loader()
  const ends = new Map<string, number>()
  after(() => loader.stop())

  const check = async (file: FuzzedFile): Promise<void> => {
    const { end, message, ms } = await loader.load(file)
    ends.set(end, (ends.get(end) ?? 0) + 1)
    assert.notEqual(end, 'other error', message)
    assert.ok(ms < limit.ms, `took ${ms} ms`)
  }

  for (const [member, property] of Object.entries(properties)) {
    it(`in ${member} ends in a model or a typed error, soon and small`, async () => {
      await fc.assert<[unknown]>(property(check) as fc.IAsyncProperty<[unknown]>, { numRuns: Number(process.env.FUZZ_RUNS ?? 300) })
      assert.ok(loader.bytes < limit.bytes, `${loader.bytes} bytes`)
    })
  }

  it('is mostly refused, and sometimes still a model', () => {
    assert.ok((ends.get('typed error') ?? 0) > 100)
    assert.ok((ends.get('model') ?? 0) > 10)
  })
})
