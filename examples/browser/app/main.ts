// The page: takes a file, has its report made where the user wants, and shows it.

import { type Report, type Request, report } from './report.js'

const find = <T extends HTMLElement>(id: string, kind: new () => T): T => {
  const found = document.getElementById(id)
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`)
  return found
}
const drop = find('drop', HTMLLabelElement)
const chooser = find('file', HTMLInputElement)
const values = find('values', HTMLTextAreaElement)
const show = (id: string, text: string): void => {
  find(id, HTMLElement).textContent = text
}

/** A worker of its own for each report, so that a damaged file cannot spoil the next. */
function inWorker(request: Request): Promise<Report> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  const answer = new Promise<Report>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ readonly report?: Report; readonly problem?: string }>) =>
      data.report ? resolve(data.report) : reject(new Error(data.problem))
    worker.onerror = ({ message }) => reject(new Error(message))
  })
  worker.postMessage(request)
  return answer.finally(() => worker.terminate())
}

async function open(file: File): Promise<void> {
  for (const id of ['problem', 'summary', 'explained', 'predictions']) show(id, '')
  show('status', `reading ${file.name}`)
  try {
    const request: Request = { file, values: JSON.parse(values.value || '{}') }
    const where = document.querySelector<HTMLInputElement>('input[name=where]:checked')?.value
    const { summary, explained, outputs, milliseconds } = await (where === 'worker' ? inWorker(request) : report(request))
    show('summary', summary)
    show('explained', explained)
    show('predictions', JSON.stringify(outputs))
    const times = Object.entries(milliseconds).map(([what, ms]) => `${what} ${ms.toFixed(1)} ms`)
    show('status', `${file.name} ${where === 'worker' ? 'in a worker' : 'on this thread'}: ${times.join(', ')}`)
  } catch (error) {
    show('status', '')
    show('problem', error instanceof Error ? error.message : String(error))
  }
}

chooser.addEventListener('change', () => {
  const [file] = chooser.files ?? []
  chooser.value = '' // so that the same file can be chosen again
  if (file) open(file)
})
for (const type of ['dragover', 'dragleave', 'drop'] as const) {
  drop.addEventListener(type, event => {
    event.preventDefault()
    drop.classList.toggle('over', type === 'dragover')
    const [file] = type === 'drop' ? (event.dataTransfer?.files ?? []) : []
    if (file) open(file)
  })
}
