// The debugging names: drawings of models and graphs.

export { type BisectOptions, bisect, type Reproduction, reproduce, type Verdict, verdictText } from './bisect/bisect.js'
export type { Suspect, SuspectKind } from './bisect/suspect.js'
export { type ExplainOptions, explain } from './explain.js'
export type { ExplainedLayer, Explanation, LayerKernel } from './explanation.js'
export type { Fate } from './fates.js'
export { type GraphDotOptions, graphToDot } from './graphDot.js'
export { type InspectOptions, inspect, type PrintedModule, type Stages } from './inspect.js'
export { type ModelDotOptions, modelToDot } from './modelDot.js'
export { dotToSvg } from './svg.js'
