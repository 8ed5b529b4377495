import assert from 'node:assert/strict'
import { type Saveable, variableGroups } from '../../lib/saving/weightPaths.js'

const layer = (className: string, ...variables: string[]): Saveable<string> => ({
  name: className.toLowerCase(),
  className,
  variables,
  parts: [],
})
const model = (className: string, ...layers: Saveable<string>[]): Saveable<string> => ({
  name: 'any name',
  className,
  variables: [],
  parts: [{ attribute: 'layers', content: layers }],
})
const paths = (root: Saveable<string>, container: 'layers' | '_layer_checkpoint_dependencies' = 'layers') =>
  variableGroups(root, container).map(({ path }) => path)

describe('paths of weights', () => {
  it('follow the snake-case class, numbered per container', () => {
    const net = model(
      'Functional',
      layer('InputLayer'),
      layer('Dense'),
      layer('BatchNormalization'),
      layer('Dense'),
      layer('PReLU'),
      layer('SpatialDropout1D'),
      layer('Dense'),
    )
    assert.deepEqual(paths(net), [
      'vars',
      'layers/input_layer/vars',
      'layers/dense/vars',
      'layers/batch_normalization/vars',
      'layers/dense_1/vars',
      'layers/p_re_lu/vars',
      'layers/spatial_dropout1d/vars',
      'layers/dense_2/vars',
    ])
  })

  it('count anew in a nested model, which stands under its class', () => {
    const net = model(
      'Sequential',
      layer('Dense'),
      model('Sequential', layer('Dense'), model('Functional', layer('Dense'))),
      layer('Dense'),
      model('Sequential'),
    )
    assert.deepEqual(paths(net), [
      'vars',
      'layers/dense/vars',
      'layers/sequential/vars',
      'layers/sequential/layers/dense/vars',
      'layers/sequential/layers/functional/vars',
      'layers/sequential/layers/functional/layers/dense/vars',
      'layers/dense_1/vars',
      'layers/sequential_1/vars',
    ])
  })

  it('go by attribute below a wrapper', () => {
    const lstm = (): Saveable<string> => ({ ...layer('LSTM'), parts: [{ attribute: 'cell', content: layer('LSTMCell', 'kernel') }] })
    const both: Saveable<string> = {
      ...layer('Bidirectional'),
      parts: [
        { attribute: 'forward_layer', content: lstm() },
        { attribute: 'backward_layer', content: lstm() },
      ],
    }
    assert.deepEqual(paths(model('Sequential', both)), [
      'vars',
      'layers/bidirectional/vars',
      'layers/bidirectional/forward_layer/vars',
      'layers/bidirectional/forward_layer/cell/vars',
      'layers/bidirectional/backward_layer/vars',
      'layers/bidirectional/backward_layer/cell/vars',
    ])
  })

  it('use the older name of the container throughout', () => {
    assert.deepEqual(paths(model('Functional', model('Functional', layer('Dense'))), '_layer_checkpoint_dependencies'), [
      'vars',
      '_layer_checkpoint_dependencies/functional/vars',
      '_layer_checkpoint_dependencies/functional/_layer_checkpoint_dependencies/dense/vars',
    ])
  })

  it('give a shared object one group, at its first place, and still count it at the second', () => {
    const shared = layer('Dense')
    assert.deepEqual(paths(model('Functional', model('Functional', shared), shared, layer('Dense'))), [
      'vars',
      'layers/functional/vars',
      'layers/functional/layers/dense/vars',
      'layers/dense_1/vars',
    ])
  })
})
