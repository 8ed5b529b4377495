// A writer of ONNX files: the few protobuf messages that a chain of operators needs (onnx.proto3, field numbers and all).

/** Whole numbers, unless said to be a float. */
export type Attribute = number | readonly number[] | { readonly float: number }

export interface OnnxNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes?: Readonly<Record<string, Attribute>>
}

export interface OnnxTensor {
  readonly name: string
  readonly dims: readonly number[]
  readonly data: Float32Array | BigInt64Array
}

export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  /** Name and shape; all are float32. */
  readonly input: Omit<OnnxTensor, 'data'>
  readonly output: Omit<OnnxTensor, 'data'>
}

const irVersion = 8
const opset = 17
const elementType = { float: 1, int64: 7 } as const
const attributeType = { float: 1, int: 2, ints: 7 } as const
const text = new TextEncoder()

/** A ModelProto. */
export function writeModel({ nodes, initializers, input, output }: OnnxGraph): Uint8Array {
  const graph = message(
    ...nodes.map(node => bytesField(1, nodeProto(node))),
    stringField(2, 'bench'),
    ...initializers.map(tensor => bytesField(5, tensorProto(tensor))),
    bytesField(11, valueInfoProto(input)),
    bytesField(12, valueInfoProto(output)),
  )
  return message(intField(1, irVersion), bytesField(7, graph), bytesField(8, message(stringField(1, ''), intField(2, opset))))
}

function nodeProto({ op, inputs, output, attributes = {} }: OnnxNode): Uint8Array {
  return message(
    ...inputs.map(name => stringField(1, name)),
    stringField(2, output),
    stringField(4, op),
    ...Object.entries(attributes).map(([name, value]) => bytesField(5, attributeProto(name, value))),
  )
}

function attributeProto(name: string, value: Attribute): Uint8Array {
  if (typeof value === 'number') return message(stringField(1, name), intField(3, value), intField(20, attributeType.int))
  if ('float' in value) return message(stringField(1, name), floatField(2, value.float), intField(20, attributeType.float))
  return message(stringField(1, name), ...value.map(one => intField(8, one)), intField(20, attributeType.ints))
}

function tensorProto({ name, dims, data }: OnnxTensor): Uint8Array {
  const type = data instanceof Float32Array ? elementType.float : elementType.int64
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return message(...dims.map(size => intField(1, size)), intField(2, type), stringField(8, name), bytesField(9, raw))
}

function valueInfoProto({ name, dims }: Omit<OnnxTensor, 'data'>): Uint8Array {
  const shape = message(...dims.map(size => bytesField(1, message(intField(1, size)))))
  const type = message(bytesField(1, message(intField(1, elementType.float), bytesField(2, shape))))
  return message(stringField(1, name), bytesField(2, type))
}

// ---- protobuf's wire format

function message(...fields: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(fields.reduce((sum, field) => sum + field.length, 0))
  let at = 0
  for (const field of fields) {
    whole.set(field, at)
    at += field.length
  }
  return whole
}

/** Seven bits per byte, low ones first; negative numbers as 64-bit two's complement. */
function varint(value: number): Uint8Array {
  const digits: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    const more = rest >= 0x80n ? 0x80 : 0
    digits.push(Number(rest & 0x7fn) | more)
    rest >>= 7n
  } while (rest > 0n)
  return Uint8Array.from(digits)
}

function intField(number: number, value: number): Uint8Array {
  return message(varint(number << 3), varint(value))
}

/** 32 bits, little-endian. */
function floatField(number: number, value: number): Uint8Array {
  const bits = new Uint8Array(4)
  new DataView(bits.buffer).setFloat32(0, value, true)
  return message(varint((number << 3) | 5), bits)
}

function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return message(varint((number << 3) | 2), varint(bytes.length), bytes)
}

function stringField(number: number, value: string): Uint8Array {
  return bytesField(number, text.encode(value))
}
