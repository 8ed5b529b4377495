// A headless Chromium, where one is installed, and a server for its pages.

import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Context } from 'mocha'
import { type Browser, chromium } from 'playwright-core'
import { skipBecause } from './skip.js'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts the browser that CHROMIUM names, or the system's; skips the test where there is none. */
export async function openBrowser(context: Context): Promise<Browser> {
  const executablePath = [process.env.CHROMIUM ?? '', ...places].find(existsSync)
  if (!executablePath) skipBecause(context, 'there is no Chromium here; CHROMIUM may name one')
  return chromium.launch({ executablePath, args: flags })
}

export interface Site {
  readonly url: string
  close(): void
}

const types: Readonly<Record<string, string>> = { html: 'text/html', js: 'text/javascript', css: 'text/css', wasm: 'application/wasm' }

/** Serves these files by path, and an empty page at the root. */
export async function serve(
  files: Readonly<Record<string, string | Uint8Array>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Site> {
  const server = createServer(({ url = '/' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://site').pathname).slice(1) || 'index.html'
    const content = files[path] ?? (path === 'index.html' ? '<!doctype html>' : undefined)
    const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type, ...headers }).end(content)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close }
}
