// Keras' progress bar: one line that grows on a terminal, a line per tenth elsewhere.

const width = 20

/** Shows `done` of `total` steps; call it after each. Format: keras/src/utils/progbar.py. */
export function progressBar(total: number, write: (text: string) => void = defaultWrite()): (done: number) => void {
  const started = performance.now()
  return done => {
    const filled = Math.round((done / total) * width)
    const elapsed = performance.now() - started
    const bar = '━'.repeat(filled) + ' '.repeat(width - filled)
    const step = elapsed / done
    const counter = `${String(done).padStart(String(total).length)}/${total}`
    write(`\r${counter} ${bar} ${(elapsed / 1000).toFixed(0)}s ${step.toFixed(step < 10 ? 1 : 0)}ms/step${done === total ? '\n' : ''}`)
  }
}

/** The terminal where there is one; otherwise only the finished line goes to the console. */
function defaultWrite(): (text: string) => void {
  const { process } = globalThis as { process?: { stdout?: { isTTY?: boolean; write(text: string): void } } }
  const { stdout } = process ?? {}
  if (stdout?.isTTY) return text => stdout.write(text)
  return text => {
    if (text.endsWith('\n')) console.log(text.trim())
  }
}
