// The page of an exported model: one file with the module inside, which asks no network for anything.

import type { Description } from './shipped/abi.js'
import { pageText } from './texts.js'

const style = `
:root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif }
body { margin: 0 auto; padding: 1rem; max-width: 44rem }
h1 { font-size: 1.3rem; margin: 0 }
h2 { font-size: 1rem; margin: .5rem 0 }
small { color: GrayText; font-weight: normal }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1.5rem }
.pad { width: 100%; aspect-ratio: 1; box-sizing: border-box; border: 2px solid GrayText; border-radius: .5rem; touch-action: none; cursor: crosshair }
.tools { display: flex; justify-content: space-between; align-items: center; margin-top: .5rem }
.seen { width: 4rem; height: 4rem; image-rendering: pixelated; border: 1px solid GrayText }
button { font: inherit; padding: .6rem 1.6rem }
.best { font-size: 3rem; line-height: 1; margin: 0; min-height: 3rem }
.time { margin: .3rem 0; min-height: 1.4rem; font-variant-numeric: tabular-nums }
ol { list-style: none; margin: 0; padding: 0 }
li { display: grid; grid-template-columns: 1.6rem 1fr 5rem; align-items: center; font-variant-numeric: tabular-nums }
.bar { height: .9rem; border-radius: .2rem; background: color-mix(in srgb, GrayText 25%, transparent) }
.fill { display: block; height: 100%; border-radius: .2rem; background: #2a78d6; width: 0 }
.number { text-align: right }
label { display: block; margin-bottom: .7rem }
textarea { display: block; width: 100%; box-sizing: border-box; height: 5rem; font: .85rem monospace }
.problem { color: #c33 }
`

/** `wasm` has its weights inside. */
export function page({ name }: Description, wasm: Uint8Array): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'wasm-unsafe-eval'"
  const title = escaped(name)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title} <small>${wasm.length} bytes of WebAssembly</small></h1>
<script type="application/octet-stream" id="wasm">${base64(wasm)}</script>
<script type="module">
${pageText}
</script>
</body>
</html>
`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}

/** By hand: btoa takes seconds for ten megabytes. Source: RFC 4648. */
function base64(bytes: Uint8Array): string {
  const digits = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
  const out = new Uint8Array(Math.ceil(bytes.length / 3) * 4)
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    const word = ((bytes[from] ?? 0) << 16) | ((bytes[from + 1] ?? 0) << 8) | (bytes[from + 2] ?? 0)
    for (let k = 0; k < 4; k++) out[to + k] = digits[(word >> (18 - 6 * k)) & 63] as number
  }
  const rest = bytes.length % 3
  if (rest > 0) out.fill('='.charCodeAt(0), out.length - 3 + rest)
  return new TextDecoder().decode(out)
}
