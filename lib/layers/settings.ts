// Settings of the process: automatic names, warnings, strict masking. All can be reset in tests.

import { aBoolean, aFunction, checkOptions, type OptionKind } from '../ir/options.js'
import { onUndo } from './undo.js'

export interface Settings {
  /** Throw when a layer without mask support receives a mask (the seed page), instead of warning (Keras 3). */
  strictMasking: boolean
  /** Where warnings go; console.warn by default. */
  warn: (message: string) => void
}

const defaults: Settings = { strictMasking: false, warn: message => console.warn(message) }
const settings: Settings = { ...defaults }
const kinds = { strictMasking: aBoolean, warn: aFunction } as const satisfies Record<keyof Settings, OptionKind>
const counters = new Map<string, number>()

/**
 * Changes settings; what is not named stays. Gives the settings as they were.
 * @throws ArgumentError for a setting that does not exist or cannot be that; nothing is changed then.
 */
export function configure(changes: Partial<Settings>): Settings {
  checkOptions('configure()', changes, kinds)
  const before = { ...settings }
  settings.strictMasking = changes.strictMasking ?? before.strictMasking
  settings.warn = changes.warn ?? before.warn
  return before
}

export function currentSettings(): Readonly<Settings> {
  return settings
}

/** The next automatic name of a prefix: dense, dense_1, dense_2. */
export function uniqueName(prefix: string): string {
  const count = counters.get(prefix) ?? 0
  counters.set(prefix, count + 1)
  onUndo(() => counters.set(prefix, count))
  return count === 0 ? prefix : `${prefix}_${count}`
}

/** Starts automatic names anew, as keras.utils.clear_session does. */
export function clearSession(): void {
  counters.clear()
}
