// Examples of the rules in passes/fuse.ts: what fires, what it becomes, what stays.

import type { Example } from './example.js'
import { sketch } from './sketch.js'

const kernel = [
  'var "k" : float32[4,3] weight',
  'var "b" : float32[3] weight',
  '%k = variable() {name: "k"} : float32[4,3]',
  '%b = variable() {name: "b"} : float32[3]',
]

export const fuse = {
  fuseAnchor: {
    before: sketch(
      'x float32[5,4]',
      ...kernel,
      '%m = matmul(%x, %k) : float32[5,3]',
      '%a = add(%m, %b) : float32[5,3]',
      '%y = relu(%a) : float32[5,3]',
    ),
    after: sketch(
      'x float32[5,4]',
      ...kernel,
      `%y = fused(%x, %k, %b) {kind: "matmul+bias+relu"} {
    %x = input() {name: "x"} : float32[5,4]
    %k = input() {name: "k"} : float32[4,3]
    %b = input() {name: "b"} : float32[3]
    %m = matmul(%x, %k) : float32[5,3]
    %a = add(%m, %b) : float32[5,3]
    %y = relu(%a) : float32[5,3]
    output "y" = %y
  } : float32[5,3]`,
      'output "y" = %y',
    ),
    nearMiss: sketch(
      'x float32[5,4]',
      ...kernel,
      '%m = matmul(%x, %k) : float32[5,3]',
      '%y = relu(%m) : float32[5,3]',
      'output "m" = %m',
      'output "y" = %y',
    ),
  },
  fuseElementwise: {
    before: sketch(
      'x float32[5,4]',
      '%two = constant() {data: [2]} : float32[]',
      '%a = multiply(%x, %two) : float32[5,4]',
      '%b = tanh(%x) : float32[5,4]',
      '%y = add(%a, %b) : float32[5,4]',
    ),
    after: sketch(
      'x float32[5,4]',
      `%y = fused(%x) {kind: "multiply+tanh+add"} {
    %x = input() {name: "x"} : float32[5,4]
    %two = constant() {data: [2]} : float32[]
    %a = multiply(%x, %two) : float32[5,4]
    %b = tanh(%x) : float32[5,4]
    %y = add(%a, %b) : float32[5,4]
    output "y" = %y
  } : float32[5,4]`,
      'output "y" = %y',
    ),
    nearMiss: sketch('x float32[5,4]; z float32[4]', '%b = tanh(%z) : float32[4]', '%y = add(%x, %b) : float32[5,4]'),
  },
} satisfies Readonly<Record<string, Example>>
