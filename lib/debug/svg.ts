// svg: DOT to SVG by Graphviz in WebAssembly, imported when asked for; the one file that knows @viz-js/viz.

import { ArgumentError } from '../ir/errors.js'

/**
 * Draws DOT, as `modelToDot` and `graphToDot` give it, as SVG. Needs the package @viz-js/viz.
 * @throws ArgumentError when the package is missing or the text is no DOT.
 */
export async function dotToSvg(dot: string): Promise<string> {
  const { instance } = await import('@viz-js/viz').catch(() => {
    throw new ArgumentError('dotToSvg needs the package @viz-js/viz, which could not be loaded', 'npm install @viz-js/viz')
  })
  const result = (await instance()).render(dot, { format: 'svg' })
  if (result.status === 'success') return result.output
  throw new ArgumentError(`dotToSvg: Graphviz refused the text: ${result.errors.map(({ message }) => message).join('; ')}`)
}
