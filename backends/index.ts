// The public names of the backends. Importing them loads no kernels.

export type { Backend, BackendName, Compiler, Platform, Program, ProgramResults, State } from './backend.js'
export { referenceProgram } from './reference/program.js'
export { reference } from './reference/reference.js'
export { backends, type Selection, selectBackend, selectBackendSync } from './select.js'
export { cpu, type EngineLoader, tfjsBackend, wasm } from './tfjs/tfjs.js'
