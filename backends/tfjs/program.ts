// Program: runs a plan on an engine. Leaves live as long as it does, everything else dies right after its last reader.

import { allocate, NDArray, type TypedData } from '../../lib/ir/ndarray.js'
import { sameShape, sizeOf } from '../../lib/ir/types.js'
import type { Value } from '../../lib/ops/op.js'
import { toNDArray, toValue } from '../../lib/ops/values.js'
import type { Program, ProgramResults, State } from '../backend.js'
import { type Engine, type Kernel, single, type TensorInfo } from './kernel.js'
import { dyingSlots } from './lifetimes.js'
import type { KernelStep, LoopStep, Operand, Plan, ReferenceStep } from './plan.js'

/** What one step does, and which tensors are dead after it. */
interface Action {
  readonly run: () => void
  readonly dead: readonly number[]
}

export class TfjsProgram implements Program {
  private readonly plan: Plan
  private readonly engine: Engine
  /** Tensors by slot, where one is alive. */
  private readonly tensors: (TensorInfo | undefined)[]
  private readonly leaves: TensorInfo[] = []
  private readonly inputs: { readonly tensor: TensorInfo; readonly index: number }[] = []
  private readonly variables: { readonly tensor: TensorInfo; readonly name: string; version: number | undefined }[] = []
  private readonly actions: Action[] = []
  private readonly deadAtEnd: readonly number[]
  private readonly updates: readonly (readonly [string, Operand])[]

  constructor(plan: Plan, engine: Engine) {
    this.plan = plan
    this.engine = engine
    this.tensors = new Array<TensorInfo | undefined>(plan.slots).fill(undefined)
    this.updates = Object.entries(plan.updates)
    const dying = dyingSlots(plan)
    this.deadAtEnd = dying[plan.steps.length] ?? []
    try {
      this.uploadLeaves()
      plan.steps.forEach((step, k) => {
        if (step.kind === 'view') this.addView(step.of, step.result, dying[k] ?? [])
        else this.actions.push({ run: this.actionOf(step), dead: dying[k] ?? [] })
      })
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  run(inputs: readonly TypedData[], state: State): ProgramResults {
    const { engine, plan } = this
    for (const { tensor, index } of this.inputs) engine.write(tensor, inputs[index] as TypedData)
    for (const variable of this.variables) {
      const version = state.version(variable.name)
      if (version === variable.version) continue
      engine.write(variable.tensor, state.read(variable.name))
      variable.version = version
    }
    try {
      for (const { run, dead } of this.actions) {
        run()
        if (dead.length > 0) this.release(dead)
      }
      const results = { outputs: plan.outputs.map(this.read), losses: plan.losses.map(this.read), updates: this.readUpdates() }
      this.release(this.deadAtEnd)
      return results
    } catch (error) {
      this.release(this.actionSlots())
      throw error
    }
  }

  dispose(): void {
    for (const tensor of this.leaves.splice(0)) this.engine.dispose(tensor)
  }

  // ---- once

  private uploadLeaves(): void {
    for (const { operand, source } of this.plan.leaves) {
      const data = source.kind === 'constant' ? toNDArray(source.value).data : allocate(operand.dtype, sizeOf(operand.shape))
      const tensor = this.engine.upload(data, operand.shape, operand.dtype)
      this.leaves.push(tensor)
      this.tensors[operand.slot] = tensor
      if (source.kind === 'input') this.inputs.push({ tensor, index: source.index })
      else if (source.kind === 'variable') this.variables.push({ tensor, name: source.name, version: undefined })
    }
  }

  /** A view of a leaf is made once and for all. It shares the leaf's data record, so rewriting the leaf keeps it right. */
  private addView(of: Operand, { slot, shape, dtype }: Operand, dead: readonly number[]): void {
    const { tensors } = this
    const run = () => {
      tensors[slot] = { dataId: (tensors[of.slot] as TensorInfo).dataId, shape, dtype }
    }
    if (tensors[of.slot]) run()
    else this.actions.push({ run, dead })
  }

  private actionOf(step: KernelStep | LoopStep | ReferenceStep): () => void {
    if (step.kind === 'kernel') return this.kernelAction(step)
    return step.kind === 'loop' ? this.loopAction(step) : this.referenceAction(step)
  }

  private kernelAction(step: KernelStep): () => void {
    const kernel: Kernel | undefined = this.engine.kernels[step.kernel]
    if (!kernel) throw new Error(`internal: the tfjs ${this.engine.name} engine has no kernel ${step.kernel}`)
    const { tensors } = this
    const { attrs, result } = step
    // one record for every run: leaves are in it for good, the rest is filled in before each call
    const empty: object = Array.isArray(step.inputs) ? [] : {}
    const inputs = empty as Record<string, TensorInfo | undefined>
    const moving: (readonly [string, number])[] = []
    for (const [name, { slot }] of Object.entries<Operand>(step.inputs)) {
      inputs[name] = tensors[slot]
      if (!tensors[slot]) moving.push([name, slot])
    }
    let checked = false
    return () => {
      for (const [name, slot] of moving) inputs[name] = tensors[slot]
      const made = single(kernel(inputs as Record<string, TensorInfo>, attrs))
      tensors[result.slot] = made
      if (checked) return
      checked = true
      if (made.dtype !== result.dtype || !sameShape(made.shape, result.shape)) {
        throw new Error(
          `internal: tfjs kernel ${step.kernel} gave ${made.dtype}[${made.shape}], planned was ${result.dtype}[${result.shape}]`,
        )
      }
    }
  }

  private loopAction({ inputs, loop, result }: LoopStep): () => void {
    const { engine, tensors } = this
    return () => {
      const sources = inputs.map(({ slot }) => tensors[slot] as TensorInfo)
      tensors[result.slot] = engine.make(result.shape, result.dtype, sources, loop)
    }
  }

  private referenceAction({ inputs, evaluate, results }: ReferenceStep): () => void {
    return () => {
      const values = evaluate(inputs.map(operand => this.valueOf(operand)))
      results.forEach(({ slot, shape, dtype }, k) => {
        this.tensors[slot] = this.engine.upload(toNDArray(values[k] as Value).data, shape, dtype)
      })
    }
  }

  // ---- in a run

  private readonly read = ({ slot }: Operand): TypedData => this.engine.read(this.tensors[slot] as TensorInfo)

  private readUpdates(): Record<string, TypedData> {
    const values: Record<string, TypedData> = {}
    for (const [name, operand] of this.updates) values[name] = this.read(operand)
    return values
  }

  private valueOf(operand: Operand): Value {
    return toValue(new NDArray(this.read(operand), operand.shape, operand.dtype))
  }

  private release(slots: readonly number[]): void {
    for (const slot of slots) {
      const tensor = this.tensors[slot]
      if (!tensor) continue
      this.tensors[slot] = undefined
      this.engine.dispose(tensor)
    }
  }

  private actionSlots(): readonly number[] {
    return [...this.actions.flatMap(({ dead }) => dead), ...this.deadAtEnd]
  }
}
