// A custom layer as a user would write it: output = x · amount · factor, as scripts/goldens/models.py defines it.

import type { TensorType } from '../../lib/ir/types.js'
import { type CallContext, Layer } from '../../lib/layers/layer.js'
import { initializer } from '../../lib/layers/parts/initializers.js'
import { number } from '../../lib/layers/schema.js'
import type { Variable } from '../../lib/layers/variable.js'
import type { TracedTensor } from '../../lib/ops/builder.js'
import * as K from '../../lib/ops/functional/index.js'

export class Scale extends Layer {
  static override readonly className = 'Scale'
  static override readonly schema = { factor: number() }
  private readonly options = this.parse(Scale.schema)
  private amount: Variable | undefined

  protected override build([input]: readonly [TensorType]): void {
    const ones = initializer('ones').parse('ones', 'Scale')
    this.amount = this.addWeight('amount', { shape: [this.knownSize(input.shape.at(-1), -1, input)], initializer: ones })
  }
  protected override call([x]: readonly [TracedTensor], { weight }: CallContext): TracedTensor {
    return K.multiply(K.multiply(x, weight(this.amount as Variable)), this.options.factor)
  }
}
