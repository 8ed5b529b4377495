// The lower part of common.ts: what kernels build upon whose own parts on demand are functions or softmax off the last axis.
// Those are imported at once where nothing is downloaded, so what they import must not know them, as much of common.ts does.

export { acrossLanes } from './kernels/combine.js'
export { advance, advanceBy, between, kernelType, storeLanes, times } from './kernels/loops.js'
export { finishSum } from './kernels/softmax.js'
export { exp, expNonPositive } from './math/exp.js'
export { binary, byDType, push, type ScalarFunction, unary } from './scalar/function.js'
