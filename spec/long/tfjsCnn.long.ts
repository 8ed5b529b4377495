// The spec of a small CNN beside a host's tfjs, with many more predicts.

import '../backends/tfjsCnn.spec.js'
