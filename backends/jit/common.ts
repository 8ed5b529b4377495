// What every page with the jit downloads and kernels on demand build upon, through one file.
// Bundlers put files together that the same entries reach: where each part on demand reaches all of these, they are one
// chunk and not twenty.

export { nodeAt, resultIds, tensorType } from '../../lib/ir/graph.js'
export { topologicalOrder, usersOf } from '../../lib/ir/order.js'
export { showWord } from '../../lib/ir/printer.js'
export { sizeOf } from '../../lib/ir/types.js'
export { expandComposites } from '../../lib/ops/expand.js'
export { broadcastStrides, checkedAxis, stridesOf } from '../../lib/ops/shapes.js'
export { acrossLanes } from './basics.js'
export { floatView } from './bytes.js'
export { boundType } from './context.js'
export { type Address, Driver, forEachKernel, kernelHandles } from './emit.js'
export { gemm, pack } from './gemm/index.js'
export { nest } from './kernels/nest.js'
export { collapse } from './kernels/walks.js'
export { type End, endApart, epilogueAlong, type PositionEnd, positionEnd, rowEpilogue } from './lowerings/epilogue.js'
export { lowerSoftmax } from './lowerings/softmax.js'
export { ModuleAssembler } from './module.js'
export { opcodes, valueTypes } from './opcodes.js'
export { Lives, paddedBytes } from './plan.js'
export { copyBody } from './scalar/body.js'
export { bodyFlops, logSumExpFlops } from './work.js'
