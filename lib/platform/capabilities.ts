// What the JavaScript engine and its policies allow, found out by trying.

/** What the platform offers, as far as backends need to know. */
export interface Platform {
  /** Whether WebAssembly exists and may compile bytes (a policy can forbid it). */
  readonly webAssembly: boolean
  readonly simd: boolean
}

/** Probes this platform, each time anew: a few microseconds. */
export function platform(): Platform {
  const webAssembly = typeof WebAssembly === 'object' && compiles(emptyModule)
  return { webAssembly, simd: webAssembly && WebAssembly.validate(simdModule) }
}

/** A content security policy forbids compiling, not validating. */
function compiles(bytes: Uint8Array<ArrayBuffer>): boolean {
  try {
    return new WebAssembly.Module(bytes) instanceof WebAssembly.Module
  } catch {
    return false
  }
}

const emptyModule = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)

/** (module (func i32.const 0 i8x16.splat drop)) */
const simdModule = Uint8Array.of(
  ...emptyModule,
  ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00], // type 0: () → ()
  ...[0x03, 0x02, 0x01, 0x00], // function 0 has type 0
  ...[0x0a, 0x09, 0x01, 0x07, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x1a, 0x0b],
)
