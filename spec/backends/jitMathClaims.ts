// What the docs of the JIT's math functions and of two composites of them state: errors in ulp, and where they are largest.

import { type UnaryName, unaryMath } from '../../backends/jit/math/index.js'
import { erf, normalCdf } from '../../lib/ops/scalar.js'
import { watchedCompiler } from './jitHarness.js'
import { chunk, runner } from './jitMathHost.js'
import { graphFromText } from './jitModels.js'
import { stateOf } from './programs.js'

export interface Claim {
  readonly exact: (x: number) => number
  /** The largest error in ulp that is stated, from the least x of each line up; the first line reaches to −∞. */
  readonly within: number | readonly (readonly [from: number, within: number])[]
  /** No result is larger than this in absolute value. */
  readonly bound?: number
  /** The magnitudes that the scan of every float32 visits: below, the function is a line; above, it is at its end. */
  readonly scanned: readonly [least: number, most: number]
  /** Where that scan found the largest errors. */
  readonly worst: readonly number[]
}

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)))

export const claims: Readonly<Record<UnaryName, Claim>> = {
  exp: { exact: Math.exp, within: 1, scanned: [2 ** -6, 105], worst: [70.39720916748047, -5.850566387176514] },
  expm1: { exact: Math.expm1, within: 1.6, scanned: [2 ** -6, 90], worst: [0.3528074622154236] },
  log: { exact: Math.log, within: 1, scanned: [2 ** -4, 2 ** 4], worst: [1.4133185148239136] },
  log1p: { exact: Math.log1p, within: 1.4, scanned: [2 ** -6, 2 ** 6], worst: [0.42367854714393616] },
  sigmoid: { exact: sigmoid, within: 2.5, bound: 1, scanned: [2 ** -6, 105], worst: [-4.157293796539307] },
  tanh: { exact: Math.tanh, within: 2.5, bound: 1, scanned: [2 ** -6, 10], worst: [4.505090713500977] },
  erf: { exact: erf, within: 6.2, bound: 1, scanned: [2 ** -6, 4], worst: [2.742823362350464] },
  normal_cdf: {
    exact: normalCdf,
    within: [
      [-Infinity, 8],
      [-4, 32],
      [-2, 16],
      [-0.5, 6],
    ],
    bound: 1,
    scanned: [2 ** -6, 14.5],
    worst: [-6.4468560218811035, -3.847501277923584, -1.875718116760254, -0.06496227532625198, 0.05680343881249428],
  },
  sin: { exact: Math.sin, within: 1.6, bound: 1, scanned: [2 ** -4, 2 ** 6], worst: [] },
  cos: { exact: Math.cos, within: 1.6, bound: 1, scanned: [2 ** -4, 2 ** 6], worst: [] },
}

type CompositeName = 'gelu' | 'softplus'

const compositeClaims: Readonly<Record<CompositeName, Claim>> = {
  gelu: {
    exact: x => x * normalCdf(x),
    within: [
      [-Infinity, 12],
      [-4, 32],
      [-2, 16],
      [-0.5, 7],
    ],
    scanned: [2 ** -6, 14.6],
    worst: [-13.095294952392578, -3.841003894805908, -1.9022623300552368, -0.3333125412464142, 0.058553822338581085],
  },
  softplus: {
    exact: x => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    within: 2.1,
    scanned: [2 ** -6, 105],
    worst: [0.32838740944862366, -1.264660120010376],
  },
}

const attrs: Readonly<Record<CompositeName, string>> = { gelu: '{approximate: false}', softplus: '' }

/** A claim, and what to hold to it: from `chunk` floats as many. */
export type Held = Claim & { readonly name: string; readonly run: (x: Float32Array) => Float32Array }

/** Every claim with its function, emitted alone; composites as a graph is compiled. */
export function* heldClaims(): Generator<Held> {
  for (const name of Object.keys(claims) as UnaryName[]) yield { name, run: runner(unaryMath[name]), ...claims[name] }
  for (const name of Object.keys(compositeClaims) as CompositeName[]) {
    yield { name, run: compositeRunner(name), ...compositeClaims[name] }
  }
}

function compositeRunner(name: CompositeName): Held['run'] {
  const type = `float32[${chunk}]`
  const graph = graphFromText(`%x = input() {name: "x"} : ${type}`, `%y = ${name}(%x) ${attrs[name]} : ${type}`, 'output "y" = %y')
  const program = watchedCompiler(false).compile(graph)
  const padded = new Float32Array(chunk)
  return x => {
    padded.fill(0)
    padded.set(x)
    return (program.run([padded], stateOf({})).outputs[0] as Float32Array).subarray(0, x.length)
  }
}

/** The stated error at x. */
export function withinAt({ within }: Claim, x: number): number {
  if (typeof within === 'number') return within
  return within.findLast(([from]) => x >= from)?.[1] ?? (within[0]?.[1] as number)
}
