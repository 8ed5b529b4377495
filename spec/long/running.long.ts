// Every backend on many more random models.

import '../properties/running.spec.js'
