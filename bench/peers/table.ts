// Every peer by name.

import type { Peer, PeerName } from '../peer.js'
import { jaxjsPeer } from './jaxjs.js'
import { kerafoldPeer } from './kerafold.js'
import { ortNativePeer, ortWebPeer } from './ort.js'
import { tfjsPeer } from './tfjs.js'

export function peerTable(backend: string): Readonly<Record<PeerName, Peer>> {
  return { kerafold: kerafoldPeer(backend), tfjs: tfjsPeer, ortWeb: ortWebPeer, ortNative: ortNativePeer, jaxjs: jaxjsPeer }
}
