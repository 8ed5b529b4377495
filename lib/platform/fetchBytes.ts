// Bytes by URL, the same way everywhere.

/** @throws Error when the server does not answer with the file. */
export async function fetchBytes(url: string | URL): Promise<Uint8Array> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim())
  return new Uint8Array(await response.arrayBuffer())
}

/** A file in the folder of another one, with the query of its address: it may hold the key to both. */
export function besidesUrl(url: URL, name: string): URL {
  const target = new URL(name.split('/').map(encodeURIComponent).join('/'), url)
  target.search = url.search
  return target
}
