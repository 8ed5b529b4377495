// Masks that end at a layer without mask support: a warning as in Keras 3, or an error under strictMasking.

import { MaskError } from '../ir/errors.js'
import { currentSettings } from './settings.js'
import type { MaskEnd } from './trace.js'

/** Masks that the record knows to end have been warned of, but strictness refuses them too. */
export function warnOfMasks(ends: readonly MaskEnd[]): void {
  const { strictMasking, warn } = currentSettings()
  for (const { title, recorded } of ends) {
    const problem = `${title} was passed an input with a mask, but does not support masks`
    if (strictMasking) throw new MaskError(problem, 'remove the mask before this layer, or set strictMasking: false to drop it here')
    if (!recorded) warn(`${problem}: the mask ends here and later layers will not see it.`)
  }
}
