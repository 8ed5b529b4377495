// The worker: makes reports, and sends back what went wrong as text.

import { type Request, report } from './report.js'

addEventListener('message', async ({ data }: MessageEvent<Request>) => {
  try {
    postMessage({ report: await report(data) })
  } catch (error) {
    postMessage({ problem: String(error) })
  }
})
