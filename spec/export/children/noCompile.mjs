// What a host with a strict policy does: nothing compiles WebAssembly from bytes, nor code from strings.

function refuse() {
  throw new EvalError('code generation is forbidden')
}
const { instantiate, Module } = WebAssembly
for (const name of ['compile', 'compileStreaming', 'instantiateStreaming', 'validate']) WebAssembly[name] = refuse
WebAssembly.Module = Object.assign(refuse, { customSections: Module.customSections })
WebAssembly.instantiate = async (module, imports) => (module instanceof Module ? instantiate(module, imports) : refuse())
