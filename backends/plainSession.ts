// The session of a backend whose programs share nothing: prepared values are kept here and read like variables.

import type { Graph } from '../lib/ir/graph.js'
import type { TypedData } from '../lib/ir/ndarray.js'
import type { Compiler, Program, Session, State } from './backend.js'

/** Adapts a compiler that knows no sessions. */
export function plainSession(compiler: Compiler): Session {
  const prepared = new Map<string, { readonly data: TypedData; readonly version: number }>()
  const programs = new Set<Program>()
  let known: { readonly given: State; readonly joined: State } | undefined
  /** The state with what was prepared on top. */
  const join = (given: State): State => {
    if (known?.given !== given) {
      const joined: State = {
        read: name => prepared.get(name)?.data ?? given.read(name),
        version: name => prepared.get(name)?.version ?? given.version(name),
      }
      known = { given, joined }
    }
    return known.joined
  }
  const compile = (graph: Graph): Program => {
    const program = compiler.compile(graph)
    programs.add(program)
    return {
      run: (inputs, state) => program.run(inputs, join(state)),
      dispose() {
        programs.delete(program)
        program.dispose()
      },
    }
  }
  return {
    compile,
    compileAsync: async graph => compile(graph),
    compilePrepare(graph) {
      const program = compile(graph)
      return {
        run(state) {
          const { outputs } = program.run([], state)
          graph.results.outputs.forEach(({ name }, k) => {
            prepared.set(name, { data: outputs[k] as TypedData, version: (prepared.get(name)?.version ?? 0) + 1 })
          })
        },
        dispose: () => program.dispose(),
      }
    },
    dispose() {
      for (const program of programs) program.dispose()
      programs.clear()
      prepared.clear()
    },
  }
}
