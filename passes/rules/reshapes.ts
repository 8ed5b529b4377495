// Rules that fold chains of reshapes, transposes and broadcasts.

import { type Node, type NodeId, tensorType } from '../../lib/ir/graph.js'
import type { Shape, TensorType } from '../../lib/ir/types.js'
import { elementwiseOps } from '../../lib/ops/commonOps.js'
import { as, hasOneReader, infersTo, operand, shapeOf, standIn } from '../match.js'
import type { Rule, View } from '../pass.js'
import { composePerms, isIdentityPerm, movesOnlyUnits } from '../permutations.js'

/**
 * A target for a reshape of `from` to the sizes of `target`. A derived size that only the reshape in between knew
 * becomes −1; undefined where two would.
 */
function reshapeTarget(from: Shape, target: Shape): Shape | undefined {
  const unknown = target.filter(size => size === -1 || (typeof size === 'string' && !from.includes(size)))
  if (unknown.length > 1) return undefined
  return target.map(size => (size === unknown[0] ? -1 : size))
}

/** Reshapes `id`, which has as many elements, into a type; undefined where no attribute can say so. */
function reshapeInto(id: NodeId, type: TensorType, view: View): NodeId | undefined {
  const shape = reshapeTarget(shapeOf(view.at(id)), type.shape)
  return shape && infersTo('reshape', [id], { shape }, type, view) ? view.emit('reshape', [id], { shape }, type) : undefined
}

export const reshapes = [
  {
    name: 'reshapeIdentity',
    formula: 'reshape(x, shape of x) → x',
    why: 'the sizes agree, unknown ones by name',
    numerics: 'exact',
    ops: ['reshape'],
    rewrite: (node, view) => standIn(operand(node), node, view),
  },
  {
    name: 'reshapeOfReshape',
    formula: 'reshape(reshape(x)) → reshape(x)',
    why: 'both keep the row-major order; a size that only the inner one knew is inferred anew, which works for one of them',
    numerics: 'exact',
    ops: ['reshape'],
    rewrite(outer, view) {
      const inner = as(view.at(operand(outer)), 'reshape')
      return inner && reshapeInto(operand(inner), tensorType(outer), view)
    },
  },
  {
    name: 'transposeIdentity',
    formula: 'transpose(x, [0, 1, …]) → x',
    why: 'no axis moves',
    numerics: 'exact',
    ops: ['transpose'],
    rewrite: node => (node.op === 'transpose' && isIdentityPerm(node.attrs.perm) ? operand(node) : undefined),
  },
  {
    name: 'transposeOfTranspose',
    formula: 'transpose(transpose(x, p), q) → transpose(x, p[q])',
    why: 'axis k of the result is axis p[q[k]] of x',
    numerics: 'exact',
    ops: ['transpose'],
    rewrite(outer, view) {
      const inner = as(view.at(operand(outer)), 'transpose')
      if (outer.op !== 'transpose' || !inner) return undefined
      return view.emit('transpose', [operand(inner)], { perm: composePerms(inner.attrs.perm, outer.attrs.perm) })
    },
  },
  {
    name: 'transposeUnits',
    formula: 'transpose(x) → reshape(x) where only axes of size 1 move',
    why: 'row-major order ignores axes of size 1; an unknown size counts as more than 1',
    numerics: 'exact',
    ops: ['transpose'],
    rewrite(node, view) {
      if (node.op !== 'transpose' || !movesOnlyUnits(node.attrs.perm, shapeOf(view.at(operand(node))))) return undefined
      return view.emit('reshape', [operand(node)], { shape: shapeOf(node) })
    },
  },
  {
    name: 'movementThroughUnary',
    formula: 'reshape(f(reshape(x))) → f(reshape(x)), the same for transpose',
    why: 'f works on each element alone; one movement less, provided that nothing else reads f',
    numerics: 'exact',
    ops: ['reshape', 'transpose'],
    rewrite(outer, view) {
      const f = view.at(operand(outer))
      if (f.inputs.length !== 1 || !elementwiseOps.has(f.op) || !hasOneReader(f.id, view)) return undefined
      const inner = view.at(operand(f))
      if (inner.op !== outer.op) return undefined
      const moved = move(operand(inner), outer, inner, view)
      return moved && view.emit(f.op, [moved], f.attrs)
    },
  },
  {
    name: 'broadcastIdentity',
    formula: 'broadcast(x, shape of x) → x',
    why: 'the sizes agree, unknown ones by name',
    numerics: 'exact',
    ops: ['broadcast'],
    rewrite: (node, view) => standIn(operand(node), node, view),
  },
  {
    name: 'broadcastOfBroadcast',
    formula: 'broadcast(broadcast(x, s), t) → broadcast(x, t)',
    why: 'repeating twice is repeating once',
    numerics: 'exact',
    ops: ['broadcast'],
    rewrite(outer, view) {
      const inner = as(view.at(operand(outer)), 'broadcast')
      return inner && broadcastInto(operand(inner), outer, view)
    },
  },
  {
    name: 'broadcastOfLeadingUnits',
    formula: 'broadcast(reshape(x, [1, …, shape of x])) → broadcast(x)',
    why: 'a broadcast aligns shapes at the right and supplies leading axes itself',
    numerics: 'exact',
    ops: ['broadcast'],
    rewrite(outer, view) {
      const inner = as(view.at(operand(outer)), 'reshape')
      if (!inner) return undefined
      const [from, to] = [shapeOf(view.at(operand(inner))), shapeOf(inner)]
      const extra = to.length - from.length
      const isLeading = extra > 0 && to.every((size, axis) => size === (axis < extra ? 1 : from[axis - extra]))
      return isLeading ? broadcastInto(operand(inner), outer, view) : undefined
    },
  },
  {
    name: 'unaryOfBroadcast',
    formula: 'f(broadcast(x)) → broadcast(f(x))',
    why: 'f is computed once per element instead of once per copy',
    numerics: 'exact',
    ops: [...elementwiseOps],
    rewrite(f, view) {
      const inner = as(view.at(f.inputs[0] ?? f.id), 'broadcast')
      if (f.inputs.length !== 1 || !inner) return undefined
      const once = view.emit(f.op, [operand(inner)], f.attrs)
      return view.emit('broadcast', [once], inner.attrs)
    },
  },
  {
    name: 'implicitBroadcast',
    formula: 'x ∘ broadcast(y) → x ∘ y',
    why: 'elementwise ops broadcast by themselves; the shape must come out the same',
    numerics: 'exact',
    ops: [...elementwiseOps],
    rewrite(node, view) {
      if (node.inputs.length < 2) return undefined
      for (const [k, id] of node.inputs.entries()) {
        const inner = as(view.at(id), 'broadcast')
        if (!inner) continue
        const inputs = node.inputs.with(k, operand(inner))
        if (infersTo(node.op, inputs, node.attrs, node.type, view)) return view.emit(node.op, inputs, node.attrs, node.type)
      }
      return undefined
    },
  },
] as const satisfies readonly Rule[]

/** Moves `id` by the outer movement composed with the inner one. */
function move(id: NodeId, outer: Node, inner: Node, view: View): NodeId | undefined {
  if (outer.op === 'transpose' && inner.op === 'transpose') {
    return view.emit('transpose', [id], { perm: composePerms(inner.attrs.perm, outer.attrs.perm) })
  }
  return reshapeInto(id, { dtype: tensorType(inner).dtype, shape: shapeOf(outer) }, view)
}

/** Broadcasts `id` to the shape of a broadcast that it may stand below. */
function broadcastInto(id: NodeId, outer: Node, view: View): NodeId | undefined {
  if (outer.op !== 'broadcast' || !infersTo('broadcast', [id], outer.attrs, outer.type, view)) return undefined
  return view.emit('broadcast', [id], outer.attrs)
}
