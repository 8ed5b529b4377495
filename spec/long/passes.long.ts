// The properties of passes on many more random graphs.

import '../passes/properties.spec.js'
