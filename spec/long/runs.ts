// Raises the number of runs of every property; mocha requires it before the settings and the specs.

process.env.KERAFOLD_RUNS ??= '4000'
