// What fails changes nothing: stacks, models and the layers given to them stay as they were, and no name is used up.

import assert from 'node:assert/strict'
import fc from 'fast-check'
import * as layers from '../../lib/layers/index.js'
import { input } from '../../lib/layers/inputLayer.js'
import type { Layer } from '../../lib/layers/layer.js'
import { clearSession, configure } from '../../lib/layers/settings.js'
import { model } from '../../lib/models/model.js'
import { Sequential, sequential } from '../../lib/models/sequential.js'

const error = { name: /^(Shape|Argument|Graph|Mask)Error$/ }

/** Everything about a layer that a step could change. */
function stateOf(layer: Layer): unknown {
  const { built, calls, weights, ownVariables, name } = layer
  return {
    name,
    built,
    calls: [...calls],
    weights,
    ownVariables: [...ownVariables],
    inside: layer.built ? layer.sublayers.map(stateOf) : [],
  }
}

/** The automatic names that come next. */
function nextNames(): string[] {
  const names = [input({ shape: [1] }).name, layers.dense({ units: 1 }).name, sequential().name]
  const a = input({ shape: [1], name: 'a' })
  return [...names, model({ inputs: a, outputs: a }).name]
}

/** Runs a step that must fail, and sees that layers are as they were. */
function failing(given: readonly Layer[], step: () => unknown): void {
  const before = given.map(stateOf)
  assert.throws(step, error)
  assert.deepEqual(given.map(stateOf), before)
}

/** A dense layer takes any rank and is built by then, permute only rank 3: the second fails after the first. */
function halfway(): { a: Layer; b: Layer; stack: Sequential } {
  const [a, b] = [layers.dense({ units: 4, name: 'a' }), layers.permute({ dims: [2, 1], name: 'b' })]
  return { a, b, stack: sequential({ name: 'stack', layers: [a, b] }) }
}

describe('what fails changes nothing', () => {
  beforeEach(clearSession)

  const bad = (size: number) => input({ shape: [size], name: 'bad' })
  const steps: Record<string, (stack: Sequential, size: number) => unknown> = {
    build: (stack, size) => stack.build([null, size]),
    apply: (stack, size) => stack.apply(bad(size)),
    applyAll: (stack, size) => stack.applyAll(bad(size)),
    computeOutputShape: (stack, size) => stack.computeOutputShape([null, size]),
    'apply of a stack around it': (stack, size) => sequential({ name: 'outer', layers: [stack] }).apply(bad(size)),
    'a stack with an input and it': (stack, size) => sequential([bad(size), stack]),
    'a stack of an input, and it added': (stack, size) => sequential({ name: 'outer', layers: [bad(size)] }).add(stack),
  }
  for (const [what, step] of Object.entries(steps)) {
    it(`${what}: a stack that fails half-way takes another shape then`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (size, other) => {
          const { a, b, stack } = halfway()
          clearSession()
          failing([a, b, stack], () => step(stack, size))
          assert.equal(stack.built, false)
          assert.deepEqual(nextNames(), ['input_layer', 'dense', 'sequential', 'functional'])
          stack.build([null, 3, other])
          assert.deepEqual([stack.outputShape, a.calls.length, b.calls.length], [[null, 4, 3], 1, 1])
        }),
        { numRuns: 10 },
      )
    })
  }

  it('computeOutputShape changes nothing when it works either', () => {
    const { a, b, stack } = halfway()
    const before = [a, b, stack].map(stateOf)
    assert.deepEqual(stack.computeOutputShape([null, 3, 7]), [null, 4, 3])
    assert.deepEqual(stack.computeOutputShape([null, 5, 2]), [null, 4, 5])
    assert.deepEqual([a, b, stack].map(stateOf), before)
    assert.equal(stack.built, false)
    assert.equal(input({ shape: [1] }).name, 'input_layer')
  })

  it('a stack of good layers and a bad one leaves the good ones alone', () => {
    const makers = [sequential, (given: Layer[]) => new Sequential({ name: 'made', layers: given })]
    for (const make of makers) {
      const [good, wrong] = [layers.dense({ units: 3, inputShape: [2], name: 'good' }), layers.reshape({ targetShape: [7], name: 'wrong' })]
      failing([good, wrong], () => make([good, wrong]))
      assert.deepEqual(nextNames(), ['input_layer', 'dense', 'sequential', 'functional'])
      clearSession()
    }
  })

  it('a first layer that cannot be added takes no name and leaves the stack empty', () => {
    const made = sequential({ name: 'made' })
    const wrong = layers.reshape({ targetShape: [7], inputShape: [3], name: 'wrong' })
    failing([made, wrong], () => made.add(wrong))
    assert.deepEqual(nextNames(), ['input_layer', 'dense', 'sequential', 'functional'])
    made.add(layers.dense({ units: 1, inputShape: [3] }))
    assert.deepEqual(made.layers.length, 1)
  })

  it('a built stack keeps its chain when a layer does not fit', () => {
    const made = sequential([layers.dense({ units: 2, inputShape: [3], name: 'one' })])
    const { outputs } = made
    const wrong = sequential([layers.dense({ units: 2 }), layers.permute({ dims: [2, 1] })])
    failing([made, wrong], () => made.add(wrong))
    assert.deepEqual([made.outputs, made.layers.length], [outputs, 1])
  })

  describe('a model cut from the middle', () => {
    const parts = () => {
      const [first, second, masked] = [layers.dense({ units: 3 }), layers.dense({ units: 3 }), layers.masking()]
      const h = first.apply(input({ shape: [2, 3] }))
      const flat = layers.flatten({ name: 'flat' })
      return { all: [first, second, masked, flat], h, y: second.apply(h), h2: masked.apply(h), flat }
    }
    const wrongs: Record<string, object> = {
      'with a name that is none': { name: 3 },
      'with a name that no path can hold': { name: 'a/b' },
      'with an option that does not exist': { nmae: 'x' },
      'with an option of another type': { strictMasking: 'x' },
    }
    for (const [what, options] of Object.entries(wrongs)) {
      it(`${what} calls no layer again`, () => {
        const { all, h, y } = parts()
        failing(all, () => model({ inputs: h, outputs: y, ...options } as never))
      })
    }

    it('calls no layer again when it is refused after that: a mask ends in it, or two layers have one name', () => {
      const before = configure({ warn: () => {} })
      try {
        const { all, h, h2, flat } = parts()
        const masked = flat.apply(h2)
        const twice = layers.activation({ activation: 'relu', name: 'flat' }).apply(masked)
        clearSession()
        failing(all, () => model({ inputs: h, outputs: masked, strictMasking: true }))
        failing(all, () => model({ inputs: h, outputs: twice }))
        assert.deepEqual(nextNames(), ['input_layer', 'dense', 'sequential', 'functional'])
      } finally {
        configure(before)
      }
    })
  })
})
