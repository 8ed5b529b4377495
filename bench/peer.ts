// What a peer is: it makes a workload's model, gets it ready, and runs it.

import type { Workload } from './workloads.js'

export const peerNames = ['kerafold', 'tfjs', 'ortWeb', 'ortNative', 'jaxjs'] as const
export type PeerName = (typeof peerNames)[number]
export type PerPeer<T> = Readonly<Record<PeerName, T>>

/** Runs once, on the workload's input; a peer without a synchronous API gives promises. */
export interface Runner {
  (): Float32Array | Promise<Float32Array>
  /** Brings what a run gives into Keras' layout, where the peer has another; no part of what is timed. */
  readonly arrange?: ((values: Float32Array) => Float32Array) | undefined
}

/** Why a peer cannot run a row. */
export interface Unavailable {
  readonly unavailable: string
}

export interface Peer {
  readonly name: PeerName
  /**
   * Loads the peer's package and makes what its user holds before the engine starts: a model object or a model file.
   * The function it gives starts the engine and readies the model: with the first run that is the cold start.
   */
  model(workload: Workload): Promise<(() => Promise<Runner>) | Unavailable>
}

/** A peer whose package is missing or broken is unavailable; so is one that cannot run a row. */
export async function load(peer: Peer, workload: Workload): Promise<Runner | Unavailable> {
  try {
    const model = await peer.model(workload)
    return typeof model === 'function' ? await model() : model
  } catch (error) {
    return { unavailable: firstLine(error) }
  }
}

export function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0] ?? text
}

/** One value for each peer, in their order. */
export function perPeer<T>(value: (name: PeerName) => T): PerPeer<T> {
  const [kerafold, tfjs, ortWeb, ortNative, jaxjs] = [value('kerafold'), value('tfjs'), value('ortWeb'), value('ortNative'), value('jaxjs')]
  return { kerafold, tfjs, ortWeb, ortNative, jaxjs }
}
