// Lowers a tanh without waiting in a fresh process, then after waiting once, and prints what came of it.

import { input, layers, sequential } from '../../../lib/index.js'

const net = (activation: string) => sequential({ name: 'net', layers: [input({ shape: [3] }), layers.dense({ units: 2, activation })] })
const attempt = (activation: string): string => {
  try {
    return net(activation).lowerSync({ backend: 'jit' }).backend
  } catch (error) {
    return String(error)
  }
}

const [plain, before] = [attempt('softmax'), attempt('tanh')]
await net('tanh').lower({ backend: 'jit' })
console.log(JSON.stringify({ plain, before, after: attempt('tanh') }))
