// Bundles the page and its worker with Kerafold's own sources; an application would import the package `kerafold`.

const external = ['esbuild'] // makes bundles of TensorFlow.js' kernels in development, in Node only

export default {
  base: './',
  resolve: { conditions: ['kerafold-source', 'browser', 'module', 'import', 'default'] },
  build: { target: 'es2022', rollupOptions: { external } },
  worker: { format: 'es', rollupOptions: { external } },
}
