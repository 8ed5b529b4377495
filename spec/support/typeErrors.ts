// What the compiler says about sources in memory.

import ts from 'typescript'

/** The names of those files that a strict check finds a mistake in; they see each other and the types of some libraries: the DOM's. */
export function filesWithTypeErrors(files: Readonly<Record<string, string>>, libraries: readonly string[] = ['lib.dom.d.ts']): string[] {
  const folder = '/typed/'
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2023.d.ts', ...libraries],
    types: [],
    strict: true,
    skipDefaultLibCheck: true,
    noEmit: true,
  }
  const host = ts.createCompilerHost(options)
  const textOf = (path: string): string | undefined => (path.startsWith(folder) ? files[path.slice(folder.length)] : undefined)
  const { fileExists, readFile, getSourceFile } = host
  host.directoryExists = () => true
  host.fileExists = path => textOf(path) !== undefined || fileExists(path)
  host.readFile = path => textOf(path) ?? readFile(path)
  host.getSourceFile = (path, version, ...rest) => {
    const text = textOf(path)
    return text === undefined ? getSourceFile(path, version, ...rest) : ts.createSourceFile(path, text, version)
  }
  const program = ts.createProgram(
    Object.keys(files).map(name => folder + name),
    options,
    host,
  )
  return Object.keys(files).filter(name => ts.getPreEmitDiagnostics(program, program.getSourceFile(folder + name)).length > 0)
}
