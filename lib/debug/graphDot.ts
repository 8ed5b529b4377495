// graphDot: the tensor graph drawn: a box per node in the cluster of its layer call, regions as clusters of their body, results marked.

import { ArgumentError } from '../ir/errors.js'
import type { Graph, Node, NodeId } from '../ir/graph.js'
import { aString, checkOptions, type OptionKind, oneOf, showGiven } from '../ir/options.js'
import { liveIds, topologicalOrder } from '../ir/order.js'
import { leafOps } from '../ir/printer.js'
import { showType } from '../ir/types.js'
import { type Attributes, printDot, quote, type Statement, withAttributes } from './dotText.js'
import { clip } from './textTable.js'

export interface GraphDotOptions {
  readonly title?: string
  readonly rankdir?: 'TB' | 'BT' | 'LR' | 'RL'
}

export const rankdirs: OptionKind = oneOf('TB', 'BT', 'LR', 'RL')
const graphDotOptions = { title: aString, rankdir: rankdirs } as const satisfies Record<keyof GraphDotOptions, OptionKind>

/** How the kinds of nodes look; all others are plain boxes. */
const looks: Readonly<Record<string, Attributes>> = {
  input: { shape: 'ellipse', fillcolor: '#dbe9f6' },
  variable: { shape: 'cylinder', fillcolor: '#fdf0d0' },
  constant: { shape: 'box', fillcolor: '#eeeeee' },
  phase: { shape: 'diamond', fillcolor: '#f3dff3' },
}

const resultLook: Attributes = { shape: 'box', style: 'rounded,filled,bold', fillcolor: '#d9f0d9' }
const longestLabel = 60

/**
 * The graph in Graphviz' DOT language; nodes that no result reaches are dashed.
 * @throws ArgumentError for what is no graph.
 */
export function graphToDot(graph: Graph, options: GraphDotOptions = {}): string {
  if (typeof graph !== 'object' || graph === null || !('nodes' in graph) || !('results' in graph))
    throw new ArgumentError(`graphToDot() takes a graph, got ${showGiven(graph)}`, 'model.trace().graph and exe.graph are graphs')
  checkOptions('graphToDot()', options, graphDotOptions)
  const { title = '', rankdir = 'TB' } = options
  const drawing = new Drawing()
  const body = drawing.draw(graph)
  const style = [
    withAttributes('graph', { rankdir, label: title, labelloc: 't', fontname: 'Helvetica' }),
    'node [shape="box", style="filled", fillcolor="white", fontname="Helvetica", fontsize=11]',
    'edge [fontname="Helvetica", fontsize=9]',
  ]
  return printDot({ head: 'digraph', body: [...style, ...body, ...drawing.edges] })
}

/** A layer call, with the calls inside it. */
interface Cluster {
  readonly parts: Map<string, Cluster>
  readonly nodes: Node[]
}

/** The DOT names of what stands for a node where it is read and where it reads. */
interface Ends {
  readonly inputs: (position: number) => string
  readonly output: (index: number) => string
}

class Drawing {
  readonly edges: string[] = []
  private count = 0

  /** The statements of a graph: its nodes in their clusters, then its results. */
  draw(graph: Graph): Statement[] {
    return this.drawGraph(graph).statements
  }

  private drawGraph(graph: Graph): { statements: Statement[]; ends: Ends } {
    const live = liveIds(graph)
    const ends = new Map<NodeId, Ends>()
    const root: Cluster = { parts: new Map(), nodes: [] }
    const order = topologicalOrder(graph)
    for (const node of order) clusterOf(root, node).nodes.push(node)
    const statements = this.drawCluster(root, node => this.drawNode(node, live.has(node.id), ends))
    for (const node of order) {
      node.inputs.forEach((operand, position) => {
        const index = node.op === 'get' ? node.attrs.index : 0
        const label = node.inputs.length > 1 ? { label: String(position) } : {}
        this.edges.push(withAttributes(`${endsOf(ends, operand).output(index)} -> ${endsOf(ends, node.id).inputs(position)}`, label))
      })
    }
    const results = this.drawResults(graph, ends)
    const inputs = graph.inputs.map(id => endsOf(ends, id).output(0))
    const own: Ends = { inputs: position => nameAt(inputs, position), output: index => nameAt(results.outputs, index) }
    return { statements: [...statements, ...results.statements], ends: own }
  }

  private drawCluster({ nodes, parts }: Cluster, drawNode: (node: Node) => Statement): Statement[] {
    const inner = [...parts].map(([name, part]) => this.cluster(name, 'rounded', this.drawCluster(part, drawNode)))
    return [...nodes.map(drawNode), ...inner]
  }

  private cluster(label: string | readonly string[], style: string, body: readonly Statement[]): Statement {
    return {
      head: `subgraph ${quote(`cluster_${this.count++}`)}`,
      body: [withAttributes('graph', { label, style, labeljust: 'l' }), ...body],
    }
  }

  private drawNode(node: Node, live: boolean, ends: Map<NodeId, Ends>): Statement {
    if (node.body) {
      const body = this.drawGraph(node.body)
      ends.set(node.id, body.ends)
      return this.cluster([headOf(node), node.id], 'dashed', body.statements)
    }
    const name = this.name()
    ends.set(node.id, { inputs: () => name, output: () => name })
    const look = { ...looks[node.op], ...(live ? {} : { style: 'dashed', fontcolor: 'gray' }) }
    const id = leafOps.has(node.op) && node.op !== 'constant' ? [] : [clip(node.id, longestLabel)]
    return withAttributes(name, { label: [headOf(node), ...id, showType(node.type)], tooltip: node.id, ...look })
  }

  private drawResults(graph: Graph, ends: ReadonlyMap<NodeId, Ends>): { statements: Statement[]; outputs: string[] } {
    const { outputs, losses, updates } = graph.results
    const all = [
      ...outputs.map(({ name, node }) => ({ label: `output ${name}`, node })),
      ...losses.map(({ name, node }) => ({ label: `loss ${name}`, node })),
      ...Object.entries(updates).map(([name, node]) => ({ label: `update ${name}`, node })),
    ]
    const names = all.map(() => this.name())
    const statements = all.map(({ label, node }, k) => {
      this.edges.push(`${endsOf(ends, node).output(0)} -> ${names[k]}`)
      return withAttributes(names[k] as string, { label: clip(label, longestLabel), ...resultLook })
    })
    return { statements, outputs: names.slice(0, outputs.length) }
  }

  private name(): string {
    return `n${this.count++}`
  }
}

/** The cluster of a node's origin: calls nest by path; a node merged from several calls stands where their paths part. */
function clusterOf(root: Cluster, { origin }: Node): Cluster {
  const [first = [], ...others] = origin.map(path => path.split('/'))
  const parted = first.findIndex((part, depth) => others.some(other => other[depth] !== part))
  const shared = parted < 0 ? first : [...first.slice(0, parted), origin.map(path => path.split('/').slice(parted).join('/')).join(', ')]
  let cluster = root
  for (const part of shared) {
    const known = cluster.parts.get(part) ?? { parts: new Map(), nodes: [] }
    cluster.parts.set(part, known)
    cluster = known
  }
  return cluster
}

function endsOf(ends: ReadonlyMap<NodeId, Ends>, id: NodeId): Ends {
  const found = ends.get(id)
  if (!found) throw new Error(`internal: "${id}" is not drawn`)
  return found
}

function nameAt(names: readonly string[], position: number): string {
  const name = names[position]
  if (name === undefined) throw new Error(`internal: a region has no operand or result ${position}`)
  return name
}

/** The op with its attributes, or the name of an input or variable. */
function headOf({ op, attrs }: Node): string {
  const entries = Object.entries(attrs).filter(([key]) => !(leafOps.has(op) && (key === 'dtype' || key === 'shape')))
  const shown = entries.map(([key, value]) => (leafOps.has(op) ? showValue(value) : `${key}: ${showValue(value)}`))
  return clip([op, ...shown].join(' '), longestLabel)
}

function showValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
