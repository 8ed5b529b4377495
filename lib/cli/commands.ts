// The commands by name, in the order of the help: a new one is a line here and a file beside it.

import { bench } from './bench.js'
import { bisect } from './bisect.js'
import type { Command } from './command.js'
import { dump } from './dump.js'
import { explain } from './explain.js'
import { exportCommand } from './export.js'
import { plot } from './plot.js'
import { predict } from './predict.js'
import { summary } from './summary.js'
import { verify } from './verify.js'

export const commands = { summary, plot, predict, verify, explain, dump, bisect, bench, export: exportCommand } as const satisfies Record<
  string,
  Command
>
