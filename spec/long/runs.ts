// Raises the number of runs of every property; import it before the specs.

process.env.KERAFOLD_RUNS ??= '4000'
