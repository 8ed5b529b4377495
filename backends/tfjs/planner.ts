// The planner: applies ops by their entries in the table and collects the steps.

import { isTuple, sameShape, sizeOf, type TensorType, type ValueType } from '../../lib/ir/types.js'
import type { OpAttrs, OpName } from '../../lib/ir/vocabulary.js'
import { definitionOf } from '../../lib/ops/definitions.js'
import { evaluateOp } from '../../lib/ops/evaluate.js'
import { inferType } from '../../lib/ops/infer.js'
import type { AnyComposite, Value } from '../../lib/ops/op.js'
import type { EngineName, KernelAttrs } from './kernel.js'
import type { Loop } from './loops.js'
import type { ConcreteType, KernelWriter } from './lowering.js'
import { type Leaf, type Operand, type Plan, readsOf, resultsOf, type Step } from './plan.js'
import { entryOf } from './table.js'

/** Constants up to this many elements are stored once per plan, however many nodes have them. */
const sharedSize = 16

export class Planner implements KernelWriter {
  readonly engine: EngineName
  private readonly leaves: Leaf[] = []
  private readonly steps: Step[] = []
  private readonly constants = new Map<string, Operand>()
  private readonly values = new Map<number, Value>()
  /** Of a view's slot: the tensor whose elements it shows. */
  private readonly origins = new Map<number, Operand>()
  /** Of a tensor that is the right operand of products: the shape its packed panels have. */
  private readonly panels = new Map<number, readonly number[]>()
  private slots = 0

  constructor(engine: EngineName) {
    this.engine = engine
  }

  // ---- what entries use

  typeOf(operand: Operand): TensorType {
    return operand
  }

  emit<K extends OpName>(op: K, operands: readonly Operand[], attrs: OpAttrs[K]): Operand {
    const type = concrete(inferType({ id: op, op, attrs }, operands))
    const entry = entryOf(op)
    const definition = definitionOf(op)
    const facts = { engine: this.engine, operands, attrs }
    const exception = entry && 'lower' in entry ? entry.except?.find(({ applies }) => applies(facts)) : undefined
    if (entry && 'lower' in entry && !exception) return entry.lower(this, operands, attrs, type)
    if ('decompose' in definition) return this.decompose(definition, operands, attrs)
    const reason = exception?.reason ?? (entry && 'reference' in entry ? entry.reference : undefined)
    if (!reason) throw new Error(`internal: ${op} has no entry in the tfjs table`)
    const [result] = this.reference(op, reason, operands, values => [evaluateOp(op, values, attrs)], [type])
    return result as Operand
  }

  call(kernel: string, inputs: Readonly<Record<string, Operand>> | readonly Operand[], attrs: KernelAttrs, type: ConcreteType): Operand {
    const result = this.tensor(type)
    this.steps.push({ kind: 'kernel', kernel, inputs, attrs, result })
    return result
  }

  loop(op: OpName, inputs: readonly Operand[], loop: Loop, type: ConcreteType): Operand {
    const result = this.tensor(type)
    this.steps.push({ kind: 'loop', op, inputs, loop, result })
    return result
  }

  view(x: Operand, shape: readonly number[]): Operand {
    if (sameShape(x.shape, shape)) return x
    const value = this.values.get(x.slot)
    if (value) return this.constant({ ...value, shape })
    const origin = this.originOf(x)
    if (sameShape(origin.shape, shape)) return origin
    const result = this.tensor({ dtype: x.dtype, shape })
    this.origins.set(result.slot, origin)
    this.steps.push({ kind: 'view', of: origin, result })
    return result
  }

  matrix(x: Operand, shape: readonly [1, number, number]): Operand {
    const { slot } = this.originOf(x)
    const known = this.panels.get(slot)
    if (known && !sameShape(known, shape)) return this.call('Reshape', { x }, { shape }, { dtype: x.dtype, shape })
    this.panels.set(slot, shape)
    return this.view(x, shape)
  }

  madeAs(x: Operand): readonly number[] {
    return this.originOf(x).shape
  }

  stays(x: Operand): boolean {
    const { slot } = this.originOf(x)
    return this.leaves.some(({ operand, source }) => operand.slot === slot && source.kind !== 'input')
  }

  constant(value: Value): Operand {
    const { dtype, shape, data } = value
    const key = data.length <= sharedSize ? `${dtype}[${shape.join()}] ${data.join()}` : undefined
    const known = key === undefined ? undefined : this.constants.get(key)
    if (known) return known
    const operand = this.leaf({ dtype, shape }, { kind: 'constant', value })
    this.values.set(operand.slot, value)
    if (key !== undefined) this.constants.set(key, operand)
    return operand
  }

  known(x: Operand): Value | undefined {
    return this.values.get(x.slot)
  }

  // ---- what the graph walk uses

  leaf(type: ConcreteType, source: Leaf['source']): Operand {
    const operand = this.tensor(type)
    this.leaves.push({ operand, source })
    return operand
  }

  reference(
    op: OpName,
    reason: string,
    inputs: readonly Operand[],
    evaluate: (operands: readonly Value[]) => readonly Value[],
    types: readonly ConcreteType[],
  ): Operand[] {
    const results = types.map(type => this.tensor(type))
    this.steps.push({ kind: 'reference', op, reason, inputs, evaluate, results })
    return results
  }

  /** The plan for these results, with the leaves that something reads. */
  finish(results: Pick<Plan, 'outputs' | 'losses' | 'updates'>): Plan {
    const plan = { ...results, slots: this.slots, leaves: this.leaves, steps: this.steps }
    const read = new Set([...this.steps.flatMap(readsOf), ...resultsOf(plan)].map(({ slot }) => slot))
    return { ...plan, leaves: this.leaves.filter(({ operand }) => read.has(operand.slot)) }
  }

  private decompose(definition: AnyComposite, operands: readonly Operand[], attrs: OpAttrs[OpName]): Operand {
    return definition.decompose<Operand>(this, operands, attrs)
  }

  private originOf(x: Operand): Operand {
    return this.origins.get(x.slot) ?? x
  }

  private tensor({ dtype, shape }: ConcreteType): Operand {
    return { slot: this.slots++, dtype, shape }
  }
}

/** A type that kernels can work on: one tensor, all sizes bound. */
export function concrete(type: ValueType): ConcreteType {
  if (isTuple(type)) throw new Error('internal: a tuple where the tfjs planner needs a tensor')
  const { dtype, shape } = type
  return {
    dtype,
    shape: shape.map(size => {
      if (typeof size !== 'number') throw new Error(`internal: size "${size}" is not bound; specialise first`)
      return size
    }),
  }
}

/** Whether a value of this type, or some part of it, has no elements. */
export function isEmpty(type: ValueType): boolean {
  return isTuple(type) ? type.tuple.some(isEmpty) : sizeOf(concrete(type).shape) === 0
}
