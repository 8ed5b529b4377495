// How results look: one line of JSON per row, or a table of at most 100 columns; NO_COLOR is honoured.

import { cpus, loadavg } from 'node:os'
import type { PageSize, Size } from './bytes.js'
import type { ClockName } from './harness.js'
import { type PeerName, type PerPeer, peerNames } from './peer.js'
import type { Row } from './row.js'

export interface SizedRow extends Row {
  readonly bytes?: PerPeer<Size | null>
  /** What a page with this model downloads and compiles, Kerafold's only. */
  readonly page?: PageSize
}

const colour = process.stdout.isTTY === true && !process.env.NO_COLOR
const paint = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
const bold = paint(1)
const dim = paint(2)
const red = paint(31)

const titles: PerPeer<string> = {
  kerafold: 'Kerafold',
  tfjs: 'tfjs-layers',
  ortWeb: 'ORT Web',
  ortNative: 'ORT native',
  jaxjs: 'jax-js',
}
const nameWidth = 17
const cellWidth: PerPeer<number> = { kerafold: 12, tfjs: 15, ortWeb: 15, ortNative: 15, jaxjs: 15 }
const maxWidth = 100

/** One line; the keys that every consumer needs come first. */
export function toJson({ name, us, maxAbsDiff, ratio, gflops, bytes, page, unavailable, mismatches }: SizedRow): string {
  const times = Object.fromEntries(peerNames.map(peer => [peer, rounded(us[peer])]))
  const ratios = Object.fromEntries(peerNames.map(peer => [peer, rounded(ratio[peer])]))
  const speeds = gflops && Object.fromEntries(peerNames.map(peer => [peer, rounded(gflops[peer])]))
  return JSON.stringify({ name, us: times, maxAbsDiff, ratio: ratios, gflops: speeds, bytes, page, unavailable, mismatches })
}

function rounded(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4))
}

export function printHead(backend: string, clock: ClockName): void {
  const load = loadavg()[0]?.toFixed(1) ?? '?'
  console.log(dim(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? '?'}, load ${load}; Kerafold on ${backend}`))
  console.log(dim(`Medians of interleaved rounds, ${clock} time; × is the time over Kerafold’s, within the same round.\n`))
  const head = ['', ...peerNames.map(name => titles[name].padStart(cellWidth[name]))]
  console.log(bold(`${''.padEnd(nameWidth)}${head.join('')}  max diff`))
}

export function printRow(row: SizedRow): void {
  if (row.bytes) printBytes(row.name, row.bytes)
  else printTimes(row)
  if (row.page && row.us.kerafold) printPage(row.page, row.us.kerafold)
  const reasons = Object.entries(row.unavailable).filter(([peer]) => peer !== 'kerafold')
  for (const [peer, reason] of reasons) console.log(dim(clip(`  – ${titles[peer as PeerName]}: ${reason}`)))
  for (const mismatch of row.mismatches) console.log(red(clip(`  ✗ ${row.name}: ${mismatch}`)))
}

function printTimes({ name, us, ratio, maxAbsDiff, gflops }: Row): void {
  const cells = peerNames.map(peer => {
    const times = ratio[peer]
    const against = peer === 'kerafold' || times === null ? '' : ` ${times.toFixed(times < 9.95 ? 2 : 0)}×`
    return (us[peer] === null ? '–' : showTime(us[peer]) + against).padStart(cellWidth[peer])
  })
  console.log(`${name.padEnd(nameWidth)}${cells.join('')}  ${(maxAbsDiff?.toExponential(1) ?? '–').padStart(8)}`)
  if (gflops) {
    const speeds = peerNames.map(peer => (gflops[peer]?.toFixed(1) ?? '–').padStart(cellWidth[peer]))
    console.log(dim(`${'  GFLOP/s'.padEnd(nameWidth)}${speeds.join('')}`))
  }
}

function printBytes(name: string, bytes: PerPeer<Size | null>): void {
  const line = (title: string, pick: (size: Size) => number | null) => {
    const cells = peerNames.map(peer => {
      const size = bytes[peer]
      const count = size && pick(size)
      return (count === null ? '–' : showBytes(count)).padStart(cellWidth[peer])
    })
    console.log(`${title.padEnd(nameWidth)}${cells.join('')}`)
  }
  line(`${name}: wasm`, size => size.wasm)
  if (peerNames.some(peer => bytes[peer]?.js != null)) line(`${name}: js (gz)`, size => size.js)
}

function printPage({ wasm, js }: PageSize, us: number): void {
  const perSecond = (1 / us).toFixed(us < 0.1 ? 0 : 1)
  console.log(
    dim(`  ${perSecond} million predictions per second; ${showBytes(wasm)} of WebAssembly and ${showBytes(js)} of JavaScript, gzipped`),
  )
}

export function showTime(us: number): string {
  if (us < 1e4) return `${us.toFixed(us < 10 ? 2 : us < 100 ? 1 : 0)} µs`
  return `${(us / 1000).toFixed(us < 1e5 ? 1 : 0)} ms`
}

export function showBytes(bytes: number): string {
  if (bytes === 0) return 'made there'
  if (bytes < 1e6) return `${(bytes / 1000).toFixed(1)} kB`
  return `${(bytes / 1e6).toFixed(1)} MB`
}

function clip(line: string): string {
  return line.length <= maxWidth ? line : `${line.slice(0, maxWidth - 1)}…`
}
