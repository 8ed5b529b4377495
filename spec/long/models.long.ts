// The properties of tracing and configs on many more random models.

import './runs.js'
import '../properties/tracing.spec.js'
import '../properties/config.spec.js'
