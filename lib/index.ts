// The public names of Kerafold.

export type { Backend, BackendName, Platform } from '../backends/backend.js'
export { backends } from '../backends/select.js'
export {
  type BisectOptions,
  bisect,
  dotToSvg,
  type ExplainedLayer,
  type ExplainOptions,
  type Explanation,
  explain,
  type Fate,
  graphToDot,
  type InspectOptions,
  inspect,
  type LayerKernel,
  modelToDot,
  type PrintedModule,
  type Reproduction,
  reproduce,
  type Stages,
  type Suspect,
  type SuspectKind,
  type Verdict,
  verdictText,
} from './debug/index.js'
export { type ExportedModel, type ExportOptions, exportModel } from './export/exportModel.js'
export {
  ArgumentError,
  BackendError,
  DisposedError,
  DTypeError,
  FileError,
  GraphError,
  KerafoldError,
  MaskError,
  ParseError,
  ShapeError,
  TraceError,
  UnknownNameError,
  VerifyError,
} from './ir/errors.js'
export type { Edit, Graph, Node } from './ir/graph.js'
export { NDArray, type Nested, ndarray, type TypedData } from './ir/ndarray.js'
export { parseGraphText } from './ir/parser.js'
export { graphToText } from './ir/printer.js'
export type { DType, TensorType } from './ir/types.js'
export type { LayerOptions } from './layers/baseOptions.js'
export * as fields from './layers/fields.js'
export * as layers from './layers/index.js'
export { type InputOptions, input, input as Input } from './layers/inputLayer.js'
export { KerasTensor } from './layers/kerasTensor.js'
export { type CallContext, Layer } from './layers/layer.js'
export { activations } from './layers/parts/activations.js'
export { constraints } from './layers/parts/constraints.js'
export { initializers } from './layers/parts/initializers.js'
export { setRandomSeed } from './layers/parts/random.js'
export { regularizers } from './layers/parts/regularizers.js'
export { layerClasses, layerFromConfig } from './layers/registry.js'
export { clearSession, configure } from './layers/settings.js'
export type { Variable } from './layers/variable.js'
export { modelFromConfig, modelFromJSON, modelFromObject } from './models/fromConfig.js'
export { type LoadOptions, loadModel } from './models/loadModel.js'
export type { LoadWeightsOptions } from './models/loadWeights.js'
export { Model as FunctionalModel, model, model as Model } from './models/model.js'
export { saveModel } from './models/save.js'
export type { SaveOptions, SaveTarget } from './models/saveModel.js'
export { Sequential as SequentialModel, sequential, sequential as Sequential } from './models/sequential.js'
export type { TracedTensor } from './ops/builder.js'
export * as ops from './ops/functional/index.js'
export * as K from './ops/functional/index.js'
export { specialise } from './ops/specialise.js'
export { verify } from './ops/verify.js'
export type { Executable } from './runtime/executable.js'
export type { InputData, Inputs, SparseData } from './runtime/feeds.js'
export type { LowerOptions } from './runtime/lower.js'
export type { KernelProfile, Profile, ProfileOptions } from './runtime/profile.js'
export type { WeightsReport } from './saving/pairing.js'
export type { FileAccess, ModelSource } from './saving/source.js'
