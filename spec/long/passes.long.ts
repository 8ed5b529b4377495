// The properties of passes on many more random graphs.

import './runs.js'
import '../passes/properties.spec.js'
