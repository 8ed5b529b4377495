// Every layer against Keras 3.15.1: shapes, values, masks, losses, updates, configs; and what Keras refuses.

import assert from 'node:assert/strict'
import { KerafoldError } from '../../lib/ir/errors.js'
import { Input } from '../support/kerasInput.js'
import { InputLayer } from '../../lib/layers/inputLayer.js'
import { layerClasses, layerFromConfig } from '../../lib/layers/registry.js'
import type { Json } from '../../lib/layers/schema.js'
import { clearSession, configure } from '../../lib/layers/settings.js'
import { toValue } from '../../lib/ops/values.js'
import { assertClose, type GoldenTensor, goldenValue, readGolden } from '../support/golden.js'
import { applyTo, runLayer } from '../support/runLayer.js'
