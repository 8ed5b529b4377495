// The properties of tracing and configs on many more random models.

import '../properties/tracing.spec.js'
import '../properties/config.spec.js'
