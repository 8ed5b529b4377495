// Explanation: what became of the layers of a model, as data and as a table.

import type { NodeId } from '../ir/graph.js'
import type { Profile } from '../runtime/profile.js'
import type { Fate } from './fates.js'
import { clip, showNumber, showPercent, textTable } from './textTable.js'

/** A kernel that does the work of a layer, and of those that were folded into it or follow in it. */
export interface LayerKernel {
  readonly node: NodeId
  /** The ops it joins, as in `matmul+bias+relu`. */
  readonly ops: string
  /** What the backend made of it, where that is known. */
  readonly kernel: string | undefined
  /** Microseconds of one run and its operations, where it was timed. */
  readonly us: number | undefined
  readonly flops: number | undefined
  /** Billions of operations per second, and the part of the measured peak that this is, from 0 to 1. */
  readonly gflopPerS: number | undefined
  readonly ofPeak: number | undefined
}

export interface ExplainedLayer {
  /** The names of the models around it and its own, as in `base/dense_1`. */
  readonly layer: string
  readonly className: string
  /** How many models it is in, the outermost aside. */
  readonly depth: number
  readonly fate: Fate
  /** The layers whose kernels do its work. */
  readonly into: readonly string[]
  /** The pass that decided the fate, and those of its rules that touched the layer. */
  readonly pass: string | undefined
  readonly rules: readonly string[]
  readonly kernels: readonly LayerKernel[]
  /** Microseconds of its kernels, and their part of all kernels from 0 to 1; undefined where nothing was timed. */
  readonly us: number | undefined
  readonly share: number | undefined
  /** Billions of operations per second of its kernels, and the part of the measured peak that this is, from 0 to 1. */
  readonly gflopPerS: number | undefined
  readonly ofPeak: number | undefined
  /** What became of it, in a line. */
  readonly text: string
}

export class Explanation {
  readonly title: string
  readonly backend: string
  /** Why this backend runs it. */
  readonly why: string
  readonly layers: readonly ExplainedLayer[]
  /** Nodes of the graph as traced, and as optimised. */
  readonly nodes: { readonly traced: number; readonly optimised: number }
  /** The timing, where there is one. */
  readonly profile: Profile | undefined
  /** GFLOP/s of what is fastest on this machine, measured beside the profile. */
  readonly peakGflops: number | undefined

  constructor(parts: Omit<Explanation, 'table'>) {
    this.title = parts.title
    this.backend = parts.backend
    this.why = parts.why
    this.layers = parts.layers
    this.nodes = parts.nodes
    this.profile = parts.profile
    this.peakGflops = parts.peakGflops
  }

  /** A row per layer, and one for each further kernel it has, of at most `width` characters. */
  table(width = 80): string {
    const { nodes, profile, peakGflops = 0 } = this
    const head = `${this.title} on ${this.backend}: ${nodes.traced} nodes as traced, ${nodes.optimised} as optimised`
    const rows = this.layers.flatMap(layer => this.rowsOf(layer))
    if (!profile)
      return [
        clip(head, width),
        ...textTable(
          [columns[0], columns[5]],
          rows.map(([name = '', , , , , text = '']) => [name, text]),
          width,
        ),
      ].join('\n')
    const { kernelsUs, runUs, withCopiesUs } = profile
    const sums = `kernels ${showUs(kernelsUs)} µs, one run ${showUs(runUs)} µs, with copies in and out ${showUs(withCopiesUs)} µs`
    const peak = `peak ${showNumber(peakGflops)} GFLOP/s`
    return [clip(head, width), ...textTable(columns, rows, width), clip(sums, width), peak].join('\n')
  }

  private rowsOf({ layer, className, depth, kernels, share, text, ...rate }: ExplainedLayer): string[][] {
    const name = `${'  '.repeat(depth)}${layer.slice(layer.lastIndexOf('/') + 1)} (${className})`
    const figures = kernels.length === 0 ? ['', '', '', ''] : figuresOf(rate, share)
    if (kernels.length < 2) return [[name, ...figures, text]]
    return [[name, ...figures, `${kernels.length} kernels:`], ...kernels.map(kernel => ['', ...figuresOf(kernel), showKernel(kernel)])]
  }
}

type Figures = Pick<LayerKernel, 'us' | 'gflopPerS' | 'ofPeak'>

function figuresOf({ us, gflopPerS = 0, ofPeak = 0 }: Figures, share?: number): string[] {
  const rate = gflopPerS > 0 ? [showNumber(gflopPerS), showPercent(ofPeak)] : us === undefined ? ['', ''] : ['–', '–']
  return [us === undefined ? '' : showUs(us), share === undefined ? '' : showPercent(share), ...rate]
}

/** `matmul+bias+relu as gemm 1x64x64`. */
export function showKernel({ ops, kernel }: LayerKernel): string {
  if (kernel === undefined) return ops
  const head = kernel.split(' ').slice(0, 2).join(' ')
  return head === ops || head.startsWith(`${ops} `) ? head : `${ops} as ${head}`
}

/** Two digits behind the point for small numbers, none for large ones. */
function showUs(us: number): string {
  return us.toFixed(us < 10 ? 2 : us < 1000 ? 1 : 0)
}

const columns = [
  { title: 'layer' },
  { title: 'µs', align: 'right' },
  { title: '%', align: 'right' },
  { title: 'GFLOP/s', align: 'right' },
  { title: '% peak', align: 'right' },
  { title: 'what became of it' },
] as const
