// The properties of pipelines on many more random graphs and models.

import '../passes/pipelines.spec.js'
import '../properties/passes.spec.js'
