// The scheduler: walks a bound graph and collects kernel calls; reshapes and straight slices are views, without a call.

import { type Graph, type Node, nodeAt, tensorType } from '../../lib/ir/graph.js'
import { liveIds, topologicalOrder } from '../../lib/ir/order.js'
import { type DType, sizeOf } from '../../lib/ir/types.js'
import { broadcastStrides, stridesOf } from '../../lib/ops/shapes.js'
import { type BoundType, boundType, type Scheduling } from './context.js'
import type { Kernel } from './kernel.js'
import { nest } from './kernels/nest.js'
import { lowerExpression, lowerReduction } from './lowerings/elementwise.js'
import { families } from './lowerings/families.js'
import { absorbedNodes, isReduction } from './lowerings/groups.js'
import { familyOf, isInFamily } from './lowerings/lowering.js'
import { lowerNode } from './lowerings/table.js'
import { copyBody } from './scalar/body.js'
import { isElementwiseName } from './scalar/table.js'
import type { Buffer, BufferKind, KernelStep, Place, Schedule, Slot, Step, Tensor } from './schedule.js'
import { bytesMoved } from './work.js'

export interface SchedulerOptions {
  /** Whether weights are packed once for all runs; a graph that runs once packs as it goes. */
  readonly pack: boolean
}

export function scheduleGraph(graph: Graph, options: SchedulerOptions): Schedule {
  return new Scheduler(graph, options).finish()
}

class Scheduler implements Scheduling {
  readonly options: SchedulerOptions
  private readonly graph: Graph
  private readonly buffers: Buffer[] = []
  private readonly shared = new Map<string, number>()
  private readonly prepare: KernelStep[] = []
  private readonly written: ReadonlySet<string>
  private steps: Step[] = []
  private at: { node: string; origin: readonly string[] } = { node: '', origin: [] }

  constructor(graph: Graph, options: SchedulerOptions) {
    this.graph = graph
    this.options = options
    this.written = new Set(Object.keys(graph.results.updates))
  }

  finish(): Schedule {
    const { graph } = this
    const inputs = graph.inputs.map(id => {
      const node = nodeAt(graph, id)
      if (node.op !== 'input') throw new Error(`internal: "${id}" is no input`)
      const type = boundType(tensorType(node))
      const place = { buffer: this.buffer('input', id, sizeOf(type.shape)), offset: 0 }
      return { name: node.attrs.name, ...type, place }
    })
    const values = this.run(graph, inputs)
    const slot = (name: string, id: string): Slot => {
      const value = values.get(id)
      if (!value || Array.isArray(value)) throw new Error(`internal: result "${name}" is no tensor`)
      const { dtype, shape } = value as Tensor
      const place = this.place(value as Tensor)
      this.keep(place.buffer)
      return { name, dtype, shape, place }
    }
    const { outputs, losses, updates } = graph.results
    const results = {
      outputs: outputs.map(({ name, node }) => slot(name, node)),
      losses: losses.map(({ name, node }) => slot(name, node)),
      updates: Object.entries(updates).map(([name, id]) => slot(name, id)),
    }
    return { buffers: this.buffers, prepare: this.prepare, steps: this.steps, inputs, ...results }
  }

  run(graph: Graph, inputs: readonly Tensor[]): Map<string, Tensor | readonly Tensor[]> {
    const values = new Map<string, Tensor | readonly Tensor[]>()
    const live = liveIds(graph)
    const absorbed = absorbedNodes(graph, live)
    const order = topologicalOrder(graph)
    const chains = order.some(moves) ? families.movement.get().chainsOf(graph, live) : undefined
    for (const node of order) {
      if (!live.has(node.id) || absorbed.has(node.id)) continue
      const before = this.at
      const chain = chains?.get(node.id)
      this.at = { node: node.id, origin: chain?.origin ?? node.origin }
      if (chain) {
        const moved = chain.lower(this, values)
        if (moved) values.set(node.id, moved)
      } else if (node.op === 'input') values.set(node.id, inputs[graph.inputs.indexOf(node.id)] as Tensor)
      else if (node.op === 'get')
        values.set(node.id, (values.get(node.inputs[0] as string) as readonly Tensor[])[node.attrs.index] as Tensor)
      else if (isElementwiseName(node.op)) values.set(node.id, lowerExpression(this, graph, node.id, values as ReadonlyMap<string, Tensor>))
      else if (isReduction(node) && absorbed.has(node.inputs[0] as string))
        values.set(node.id, lowerReduction(this, graph, node, values as ReadonlyMap<string, Tensor>))
      else {
        const operands = node.inputs.map(id => values.get(id) as Tensor)
        values.set(node.id, lowerNode(this, node, operands))
      }
      this.at = before
    }
    return values
  }

  variable(node: Node): Tensor {
    if (node.op !== 'variable') throw new Error(`internal: "${node.id}" is no variable`)
    const type = boundType(tensorType(node))
    return { ...type, place: this.sharedPlace('variable', node.attrs.name, sizeOf(type.shape)) }
  }

  constant({ dtype, shape }: BoundType, values: ArrayLike<number>): Tensor {
    const bits = encode(dtype, values)
    return { dtype, shape, place: this.sharedPlace('constant', `${bits.length}:${bits.join(',')}`, bits.length, bits) }
  }

  temporary(type: BoundType): Tensor {
    return {
      dtype: type.dtype,
      shape: type.shape,
      place: { buffer: this.buffer('temporary', this.at.node, sizeOf(type.shape)), offset: 0 },
    }
  }

  /** The elements of a tensor in memory; a literal is written out now. */
  place(tensor: Tensor): Place {
    if (tensor.place) return tensor.place
    const { dtype, shape, literal = 0 } = tensor
    const size = sizeOf(shape)
    if (size <= 16) return this.constant(tensor, new Array<number>(size).fill(literal)).place as Place
    return this.spread(this.constant({ dtype, shape: [] }, [literal]), shape).place as Place
  }

  spread(x: Tensor, shape: readonly number[]): Tensor {
    const result = this.temporary({ dtype: x.dtype, shape })
    const walk = { offset: 0, strides: broadcastStrides(x.shape, shape) }
    this.call(nest({ shape, result: { offset: 0, strides: stridesOf(shape) }, operands: [walk], body: copyBody, whole: true }), result, [x])
    return result
  }

  view(x: Tensor, type: BoundType, offset = 0): Tensor {
    if (x.place === undefined) return { ...x, dtype: type.dtype, shape: type.shape }
    return { dtype: type.dtype, shape: type.shape, place: { ...x.place, offset: x.place.offset + offset } }
  }

  call(kernel: Kernel, result: Tensor, operands: readonly Tensor[], flops = 0): void {
    if (sizeOf(result.shape) === 0) return
    const places = [this.place(result), ...operands.map(operand => this.place(operand))]
    this.steps.push({ kernel, places, ...this.at, work: { flops, bytes: bytesMoved(result, operands, flops) } })
  }

  packed(rhs: Tensor, layout: string, elements: number, kernel: Kernel): Tensor | undefined {
    const { place } = rhs
    if (!this.options.pack || !place || place.perStep !== undefined || !this.isFixed(place.buffer)) return undefined
    const source = this.buffers[place.buffer] as Buffer
    const key = `${source.kind} ${source.name}${place.offset ? `+${place.offset}` : ''} ${layout}`
    const known = this.shared.has(key)
    const target = this.sharedPlace('packed', key, elements)
    if (!known) {
      const bytes = bytesMoved({ ...rhs, shape: [elements] }, [rhs], 0)
      this.prepare.push({ kernel, places: [target, place], ...this.at, work: { flops: 0, bytes } })
    }
    return { dtype: rhs.dtype, shape: [elements], place: target }
  }

  loop(count: number, reverse: boolean, body: () => readonly number[]): void {
    const outside = this.steps
    this.steps = []
    const held = body()
    const inside = this.steps
    this.steps = outside
    if (count > 0) this.steps.push({ count, reverse, body: inside, held })
  }

  /** Whether a buffer's contents stay the same from run to run, until a variable is assigned. */
  private isFixed(id: number): boolean {
    const { kind, name } = this.buffers[id] as Buffer
    return kind === 'constant' || (kind === 'variable' && !this.written.has(name))
  }

  private sharedPlace(kind: BufferKind, name: string, elements: number, content?: Int32Array): Place {
    const key = `${kind} ${name}`
    const known = this.shared.get(key)
    if (known !== undefined) return { buffer: known, offset: 0 }
    const id = this.buffer(kind, name, elements, content)
    this.shared.set(key, id)
    return { buffer: id, offset: 0 }
  }

  private buffer(kind: BufferKind, name: string, elements: number, content?: Int32Array): number {
    const id = this.buffers.length
    this.buffers.push({ id, name, kind, elements, ...(content ? { content } : {}) })
    return id
  }

  /** What leaves the program must outlive the run. */
  private keep(id: number): void {
    const buffer = this.buffers[id] as Buffer
    if (buffer.kind === 'temporary') this.buffers[id] = { ...buffer, kind: 'output' }
  }
}

/** Whether a graph with this node has loaded what follows movements: what else is loaded must make no difference. */
function moves(node: Node): boolean {
  return isInFamily(node) && familyOf[node.op] === 'movement'
}

/** The bits of values as they lie in memory. */
export function encode(dtype: DType, values: ArrayLike<number>): Int32Array {
  if (dtype === 'float32') return new Int32Array(Float32Array.from(values).buffer)
  return dtype === 'bool' ? Int32Array.from(values, value => (value ? -1 : 0)) : Int32Array.from(values)
}
