// fields: what the schema of a layer of one's own says of its options: how each is read, written, and what it is by default.

export { activation } from './parts/activations.js'
export { constraint } from './parts/constraints.js'
export { initializer } from './parts/initializers.js'
export { regularizer } from './parts/regularizers.js'
export { alias, boolean, integer, list, nullable, number, oneOf, oneOrMany, optional, sizes, string } from './schema.js'
