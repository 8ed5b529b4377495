// Where Keras keeps an operation: files named .h5 say only its class, files named .keras say its module too.

/** Modules of keras/src/ops other than numpy, by the classes they hold. */
const modules: Readonly<Record<string, readonly string[]>> = {
  core: ['Cast'],
  math: ['Erf', 'Logsumexp', 'Rsqrt'],
  nn: [
    ...['Elu', 'Gelu', 'HardSigmoid', 'HardSilu', 'HardTanh', 'LeakyRelu', 'LogSigmoid', 'LogSoftmax', 'Relu', 'Relu6'],
    ...['Selu', 'Sigmoid', 'Silu', 'Softmax', 'Softplus', 'Softsign'],
  ],
}

/** `keras.src.ops.nn` of `Relu`. */
export function operationModule(className: string): string {
  const found = Object.entries(modules).find(([, names]) => names.includes(className))
  return `keras.src.ops.${found ? found[0] : 'numpy'}`
}
