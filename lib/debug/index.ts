// The debugging names: drawings of models and graphs.

export { type GraphDotOptions, graphToDot } from './graphDot.js'
export { type ModelDotOptions, modelToDot } from './modelDot.js'
export { dotToSvg } from './svg.js'
