// Standalone: a program as a module that imports nothing: memory of its own, weights as data, only `run` to call.

import type { Graph } from '../../lib/ir/graph.js'
import type { Standalone, StandaloneSlot, State } from '../backend.js'
import type { FunctionAssembler } from './assembler.js'
import { Driver, forEachKernel, kernelHandles } from './emit.js'
import { ModuleAssembler } from './module.js'
import type { Slot } from './schedule.js'
import { type Compiled, JitSession } from './session.js'
import { type Copy, layOut, slack } from './standaloneLayout.js'

const pageBytes = 65536

/**
 * Makes a module of a graph whose sizes are bound, in strict numerics. What `prepare` computes of the weights, and all
 * packing, is done now: the module holds the results and never changes them.
 */
export function compileStandalone(run: Graph, prepare: Graph, state: State): Standalone {
  const made: Compiled[] = []
  const session = new JitSession({ watch: compiled => made.push(compiled) })
  try {
    if (prepare.results.outputs.length > 0) session.compilePrepare(prepare).run(state)
    session.compile(run)
    session.refresh(state)
    return standaloneOf(session, made.at(-1) as Compiled)
  } finally {
    session.dispose()
  }
}

function standaloneOf({ heap }: JitSession, { schedule, plan, addressOf }: Compiled): Standalone {
  const layout = layOut(schedule, plan, ({ id, elements }) => heap.words(addressOf(id).bytes, elements))
  const shown = ({ name, dtype, shape }: Slot, offset: number): StandaloneSlot => ({ name, dtype, shape, offset })
  return {
    inputs: schedule.inputs.map(slot => shown(slot, layout.addressOf(slot.place.buffer))),
    outputs: schedule.outputs.map(slot => shown(slot, layout.resultAt(slot))),
    state: layout.states.map(([slot, offset]) => shown(slot, offset)),
    weights: { offset: layout.weights.offset, bytes: layout.weights.bytes },
    end: layout.end,
    emit({ tail, tailName, custom, weightsInside }) {
      const module = new ModuleAssembler()
      const pages = Math.ceil((layout.end + tail.length + slack) / pageBytes)
      module.ownMemory({ pages, maximum: pages }, 'memory')
      const handleOf = kernelHandles(module)
      forEachKernel(schedule.steps, handleOf) // before the driver: a kernel defines functions of its own
      const run = module.function('run', { params: [], results: [] }, f => {
        new Driver(f, module, handleOf, id => ({ base: 'fixed', bytes: layout.addressOf(id) })).steps(schedule.steps)
        for (const copy of layout.copies) copyBytes(f, copy)
      })
      module.export(run)
      module.exportNumber(tailName, layout.end)
      if (weightsInside) module.data(layout.weights.offset, layout.weights.bytes)
      module.data(layout.state.offset, layout.state.bytes)
      module.data(layout.end, tail)
      module.custom(custom.name, custom.data)
      return module.finish()
    },
  }
}

function copyBytes(f: FunctionAssembler, { to, from, bytes }: Copy): void {
  f.i32(to)
  f.i32(from)
  f.i32(bytes)
  f.copy()
}
