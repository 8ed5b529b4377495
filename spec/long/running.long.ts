// Every backend on many more random models.

import './runs.js'
import '../properties/running.spec.js'
