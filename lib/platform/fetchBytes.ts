// Bytes by URL, the same way everywhere.

/** @throws Error when the server does not answer with the file. */
export async function fetchBytes(url: string | URL): Promise<Uint8Array> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`the server answered ${response.status} ${response.statusText}`.trim())
  return new Uint8Array(await response.arrayBuffer())
}
