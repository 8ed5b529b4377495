// The rules of the house (docs/architecture.md): who may import whom, read from the sources by TypeScript's own parser.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Every floor and the floors below it that it may know, its own aside. */
export const floors = {
  'lib/ir': [],
  'lib/ops': ['lib/ir'],
  passes: ['lib/ir', 'lib/ops'],
  // the platform as data: a backend says whether it can run there
  backends: ['lib/ir', 'lib/ops', 'lib/platform'],
  'lib/layers': ['lib/ir', 'lib/ops'],
  'lib/platform': [],
  // the only one that knows passes and backends both
  'lib/runtime': ['lib/ir', 'lib/ops', 'passes', 'backends', 'lib/layers', 'lib/platform'],
  // formats of files: what bytes say of configs and weights
  'lib/saving': ['lib/ir', 'lib/ops', 'lib/layers', 'lib/platform'],
  // models load and save themselves
  'lib/models': ['lib/ir', 'lib/ops', 'lib/layers', 'lib/runtime', 'lib/saving', 'lib/platform'],
  // models as files that run without Kerafold
  'lib/export': ['lib/ir', 'lib/runtime', 'lib/models'],
  // drawings show models, graphs, and what passes did
  'lib/debug': ['lib/ir', 'lib/ops', 'passes', 'lib/layers', 'lib/runtime', 'lib/models'],
  // the command line shows and does what all others can; lib/cli.ts is its door
  'lib/cli': [
    'lib/ir',
    'lib/ops',
    'passes',
    'backends',
    'lib/layers',
    'lib/runtime',
    'lib/models',
    'lib/saving',
    'lib/export',
    'lib/debug',
  ],
  'lib/*.ts': [
    'lib/ir',
    'lib/ops',
    'passes',
    'backends',
    'lib/layers',
    'lib/platform',
    'lib/runtime',
    'lib/models',
    'lib/saving',
    'lib/export',
    'lib/debug',
  ],
} as const satisfies Record<string, readonly string[]>

export type Floor = keyof typeof floors

/** The files or folders each package is meant for; a package that is not listed is meant for none. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  immer: ['lib/ir/graph.ts'],
  fflate: ['lib/saving/zip.ts'],
  h5wasm: ['lib/saving/h5library.ts'],
  '@viz-js/viz': ['lib/debug/svg.ts'],
  '@tensorflow/tfjs-core': ['backends/tfjs/'],
  '@tensorflow/tfjs-backend-cpu': ['backends/tfjs/'],
  '@tensorflow/tfjs-backend-wasm': ['backends/tfjs/'],
  esbuild: ['backends/tfjs/'],
}

/** Files that may import Node's own modules. */
export const nodeFiles: Readonly<Record<string, string>> = {
  'lib/platform/node.ts': 'what Node gives and a browser does not',
  'lib/cli.ts': "the program's door: its arguments and its exit code",
  'lib/cli/nodeIo.ts': 'the terminal and files of the command line',
  'lib/cli/parse.ts': "Node's own parser of command lines",
  'backends/tfjs/writeBundles.ts': 'a build script, not part of the package',
}

/** Files with an import whose specifier is computed, which no reader of sources can follow. */
export const computedImports: Readonly<Record<string, string>> = {
  'lib/saving/h5library.ts': 'a second copy of h5wasm, with memory of its own',
  'backends/tfjs/bundles.ts': 'a bundle made from the sources, in development only',
}

/** Type imports that close a cycle, where two things are described by each other. */
export const mutualTypes: Readonly<Record<string, string>> = {
  // a tensor knows the layer that made it, a layer the tensors it made
  'lib/layers/kerasTensor.ts': 'lib/layers/layer.ts',
}

export interface Import {
  /** Whether it is gone after compilation. */
  readonly typeOnly: boolean
  /** Undefined when it is computed. */
  readonly specifier: string | undefined
  readonly line: number
}

/** Every import of a source: static, type-only, re-export, dynamic, `import('…')` types, `require`. */
export function importsOf(text: string): Import[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true)
  const found: Import[] = []
  const add = (at: ts.Node, specifier: ts.Node | undefined, typeOnly = false): void => {
    const known = specifier && ts.isStringLiteralLike(specifier) ? specifier.text : undefined
    found.push({ specifier: known, typeOnly, line: source.getLineAndCharacterOfPosition(at.getStart(source)).line + 1 })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, node.importClause?.isTypeOnly)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node, node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isExternalModuleReference(node)) add(node, node.expression)
    else if (ts.isImportTypeNode(node)) add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true)
    else if (ts.isCallExpression(node) && isImporter(node.expression)) add(node, node.arguments[0])
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function isImporter(callee: ts.Expression): boolean {
  return callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require')
}

/** Lines that silence the compiler: `any`, `x!`, a cast through `unknown`, a comment that switches it off. */
export function silencersOf(text: string): number[] {
  const source = ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true)
  const lines = text.split('\n').flatMap((line, k) => (/@ts-(?:ignore|expect-error|nocheck)/.test(line) ? [k + 1] : []))
  const visit = (node: ts.Node): void => {
    const throughUnknown =
      ts.isAsExpression(node) && ts.isAsExpression(node.expression) && node.expression.type.kind === ts.SyntaxKind.UnknownKeyword
    if (node.kind === ts.SyntaxKind.AnyKeyword || ts.isNonNullExpression(node) || throughUnknown) {
      lines.push(source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return lines
}

/** The floor that a path from the root belongs to, or undefined. */
export function floorOf(file: string): Floor | undefined {
  if (file === 'lib/cli.ts') return 'lib/cli'
  if (/^lib\/[^/]+\.ts$/.test(file)) return 'lib/*.ts'
  return (Object.keys(floors) as Floor[]).find(floor => file.startsWith(`${floor}/`))
}

/** What is wrong with an import, or undefined. */
export function problemOf(file: string, { specifier }: Pick<Import, 'specifier'>): string | undefined {
  if (specifier === undefined) return Object.hasOwn(computedImports, file) ? undefined : 'imports something computed'
  if (specifier.startsWith('node:')) return Object.hasOwn(nodeFiles, file) ? undefined : `imports ${specifier}`
  const target = targetOf(file, specifier)
  if (target === undefined) {
    const places = packages[packageOf(specifier)]
    return places?.some(place => (place.endsWith('/') ? file.startsWith(place) : file === place)) ? undefined : `imports ${specifier}`
  }
  const [from, to] = [floorOf(file), floorOf(target)]
  if (!from || !to) return `imports ${target}, which is on no floor`
  const allowed: readonly string[] = floors[from]
  return from === to || allowed.includes(to) ? undefined : `imports ${target}: ${from} must not know ${to}`
}

/** The source that a specifier names, from the root; undefined for packages. */
export function targetOf(file: string, specifier: string): string | undefined {
  if (specifier === '#platform') return 'lib/platform/node.ts'
  if (specifier.startsWith('#eager/')) return `${specifier.slice('#eager/'.length)}.ts`
  if (!specifier.startsWith('.')) return undefined
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, '.ts')
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** A cycle among files, as the list of its files, or undefined. */
export function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const path: string[] = []
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return undefined
    path.push(file)
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next)
      if (cycle) return cycle
    }
    path.pop()
    done.add(file)
    return undefined
  }
  for (const file of edges.keys()) {
    const cycle = visit(file)
    if (cycle) return cycle
  }
  return undefined
}

export interface Source {
  /** The path from the root. */
  readonly file: string
  readonly text: string
  readonly imports: readonly Import[]
}

/** Every TypeScript source of the package. */
export function readSources(): Source[] {
  return ['lib', 'passes', 'backends'].flatMap(folder =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .sort()
      .map(name => {
        const file = `${folder}/${name.replaceAll('\\', '/')}`
        const text = readFileSync(`${root}/${file}`, 'utf8')
        return { file, text, imports: importsOf(text) }
      }),
  )
}
