// Where channels lie: ONNX has them before the other axes of a row, Keras behind them.

/** The shape of a row whose channels have come first. */
export function channelsFirst(shape: readonly number[]): number[] {
  return [...shape.slice(-1), ...shape.slice(0, -1)]
}

/** Rows of a shape as Keras has it, rearranged so that channels come first. */
export function toChannelsFirst(values: Float32Array, shape: readonly number[]): Float32Array {
  const channels = shape.at(-1) ?? 1
  return swapped(values, shape, (cell, channel, cells) => [channel * cells + cell, cell * channels + channel])
}

/** The other way: back to Keras' order. */
export function toChannelsLast(values: Float32Array, shape: readonly number[]): Float32Array {
  const channels = shape.at(-1) ?? 1
  return swapped(values, shape, (cell, channel, cells) => [cell * channels + channel, channel * cells + cell])
}

/** `places` gives where an element goes and where it comes from, within its row. */
function swapped(
  values: Float32Array,
  shape: readonly number[],
  places: (cell: number, channel: number, cells: number) => readonly [number, number],
): Float32Array {
  const size = shape.reduce((product, extent) => product * extent, 1)
  const channels = shape.at(-1) ?? 1
  const cells = size / channels
  const out = new Float32Array(values.length)
  for (let row = 0; row < values.length; row += size) {
    for (let cell = 0; cell < cells; cell++) {
      for (let channel = 0; channel < channels; channel++) {
        const [to, from] = places(cell, channel, cells)
        out[row + to] = values[row + from] as number
      }
    }
  }
  return out
}
