// Lowers a tanh, and a network that is not plain, without waiting in a fresh process, then after waiting once, and prints
// what came of it.

import { input, layers, sequential } from '../../../lib/index.js'

const net = (activation: string) => sequential({ name: 'net', layers: [input({ shape: [3] }), layers.dense({ units: 2, activation })] })
const flat = sequential({ name: 'flat', layers: [input({ shape: [3, 2] }), layers.flatten()] })
const attempt = (model: ReturnType<typeof net>, backend = 'jit'): string => {
  try {
    return model.lowerSync({ backend }).backend
  } catch (error) {
    return String(error)
  }
}

const [plain, before, flatBefore] = [attempt(net('softmax')), attempt(net('tanh')), attempt(flat, 'reference')]
await net('tanh').lower({ backend: 'jit' })
await flat.lower({ backend: 'reference' })
console.log(JSON.stringify({ plain, before, after: attempt(net('tanh')), flatBefore, flatAfter: attempt(flat, 'reference') }))
