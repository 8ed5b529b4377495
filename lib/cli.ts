#!/usr/bin/env node
// The program `kerafold`: the command line on the real terminal.

import process from 'node:process'
import { main } from './cli/main.js'
import { nodeIo } from './cli/nodeIo.js'

// not process.exit(): what is written to a pipe may still be on its way
process.exitCode = await main(process.argv.slice(2), nodeIo())
