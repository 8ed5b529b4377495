// WebAssembly opcodes by the specification's names, each with its stack signature.

/** Value types by their binary code. */
export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const
export type ValueType = keyof typeof valueTypes

/** What an instruction carries after its opcode. */
export type Immediate = 'none' | 'memarg' | 'lane' | 'memargLane'

export interface Opcode {
  readonly prefix: 0 | 0xfc | 0xfd
  readonly code: number
  readonly pops: readonly ValueType[]
  readonly pushes: readonly ValueType[]
  readonly immediate: Immediate
  /** log2 of the natural alignment of a memory access. */
  readonly align: number
}

const i = 'i32'
const f = 'f32'
const v = 'v128'

function plain(code: number, pops: readonly ValueType[], pushes: readonly ValueType[]): Opcode {
  return { prefix: 0, code, pops, pushes, immediate: 'none', align: 0 }
}
function simd(code: number, pops: readonly ValueType[], pushes: readonly ValueType[]): Opcode {
  return { prefix: 0xfd, code, pops, pushes, immediate: 'none', align: 0 }
}
function load(code: number, result: ValueType, align: number, prefix: 0 | 0xfd = 0): Opcode {
  return { prefix, code, pops: [i], pushes: [result], immediate: 'memarg', align }
}
function store(code: number, value: ValueType, align: number, prefix: 0 | 0xfd = 0): Opcode {
  return { prefix, code, pops: [i, value], pushes: [], immediate: 'memarg', align }
}

/** Every plain instruction the code generator uses; structured control, locals and calls are the assembler's own. */
export const opcodes = {
  'i32.load': load(0x28, i, 2),
  'f32.load': load(0x2a, f, 2),
  'i32.load8_u': load(0x2d, i, 0),
  'i32.load16_u': load(0x2f, i, 1),
  'i32.store': store(0x36, i, 2),
  'f32.store': store(0x38, f, 2),
  'i32.store8': store(0x3a, i, 0),
  'i32.store16': store(0x3b, i, 1),
  drop_i32: plain(0x1a, [i], []),
  drop_v128: plain(0x1a, [v], []),
  select_i32: plain(0x1b, [i, i, i], [i]),
  select_f32: plain(0x1b, [f, f, i], [f]),
  'i32.eqz': plain(0x45, [i], [i]),
  'i32.eq': plain(0x46, [i, i], [i]),
  'i32.ne': plain(0x47, [i, i], [i]),
  'i32.lt_s': plain(0x48, [i, i], [i]),
  'i32.lt_u': plain(0x49, [i, i], [i]),
  'i32.gt_s': plain(0x4a, [i, i], [i]),
  'i32.gt_u': plain(0x4b, [i, i], [i]),
  'i32.le_s': plain(0x4c, [i, i], [i]),
  'i32.le_u': plain(0x4d, [i, i], [i]),
  'i32.ge_s': plain(0x4e, [i, i], [i]),
  'i32.ge_u': plain(0x4f, [i, i], [i]),
  'f32.eq': plain(0x5b, [f, f], [i]),
  'f32.ne': plain(0x5c, [f, f], [i]),
  'f32.lt': plain(0x5d, [f, f], [i]),
  'f32.gt': plain(0x5e, [f, f], [i]),
  'f32.le': plain(0x5f, [f, f], [i]),
  'f32.ge': plain(0x60, [f, f], [i]),
  'i32.clz': plain(0x67, [i], [i]),
  'i32.add': plain(0x6a, [i, i], [i]),
  'i32.sub': plain(0x6b, [i, i], [i]),
  'i32.mul': plain(0x6c, [i, i], [i]),
  'i32.div_s': plain(0x6d, [i, i], [i]),
  'i32.div_u': plain(0x6e, [i, i], [i]),
  'i32.rem_s': plain(0x6f, [i, i], [i]),
  'i32.rem_u': plain(0x70, [i, i], [i]),
  'i32.and': plain(0x71, [i, i], [i]),
  'i32.or': plain(0x72, [i, i], [i]),
  'i32.xor': plain(0x73, [i, i], [i]),
  'i32.shl': plain(0x74, [i, i], [i]),
  'i32.shr_s': plain(0x75, [i, i], [i]),
  'i32.shr_u': plain(0x76, [i, i], [i]),
  'i32.rotl': plain(0x77, [i, i], [i]),
  'f32.abs': plain(0x8b, [f], [f]),
  'f32.neg': plain(0x8c, [f], [f]),
  'f32.ceil': plain(0x8d, [f], [f]),
  'f32.floor': plain(0x8e, [f], [f]),
  'f32.trunc': plain(0x8f, [f], [f]),
  'f32.nearest': plain(0x90, [f], [f]),
  'f32.sqrt': plain(0x91, [f], [f]),
  'f32.add': plain(0x92, [f, f], [f]),
  'f32.sub': plain(0x93, [f, f], [f]),
  'f32.mul': plain(0x94, [f, f], [f]),
  'f32.div': plain(0x95, [f, f], [f]),
  'f32.min': plain(0x96, [f, f], [f]),
  'f32.max': plain(0x97, [f, f], [f]),
  'f32.copysign': plain(0x98, [f, f], [f]),
  'f32.convert_i32_s': plain(0xb2, [i], [f]),
  'i32.reinterpret_f32': plain(0xbc, [f], [i]),
  'f32.reinterpret_i32': plain(0xbe, [i], [f]),
  'i32.trunc_sat_f32_s': { prefix: 0xfc, code: 0x00, pops: [f], pushes: [i], immediate: 'none', align: 0 },
  'v128.load': load(0x00, v, 4, 0xfd),
  'v128.load32_splat': load(0x09, v, 2, 0xfd),
  'v128.store': store(0x0b, v, 4, 0xfd),
  'v128.load32_zero': load(0x5c, v, 2, 0xfd),
  'v128.load64_zero': load(0x5d, v, 3, 0xfd),
  'v128.load8x8_u': load(0x02, v, 3, 0xfd),
  'v128.load32_lane': { prefix: 0xfd, code: 0x56, pops: [i, v], pushes: [v], immediate: 'memargLane', align: 2 },
  'v128.store8_lane': { prefix: 0xfd, code: 0x58, pops: [i, v], pushes: [], immediate: 'memargLane', align: 0 },
  'v128.store32_lane': { prefix: 0xfd, code: 0x5a, pops: [i, v], pushes: [], immediate: 'memargLane', align: 2 },
  'v128.store64_lane': { prefix: 0xfd, code: 0x5b, pops: [i, v], pushes: [], immediate: 'memargLane', align: 3 },
  'i32x4.splat': simd(0x11, [i], [v]),
  'f32x4.splat': simd(0x13, [f], [v]),
  'i32x4.extract_lane': { prefix: 0xfd, code: 0x1b, pops: [v], pushes: [i], immediate: 'lane', align: 0 },
  'i32x4.replace_lane': { prefix: 0xfd, code: 0x1c, pops: [v, i], pushes: [v], immediate: 'lane', align: 0 },
  'f32x4.extract_lane': { prefix: 0xfd, code: 0x1f, pops: [v], pushes: [f], immediate: 'lane', align: 0 },
  'f32x4.replace_lane': { prefix: 0xfd, code: 0x20, pops: [v, f], pushes: [v], immediate: 'lane', align: 0 },
  'i32x4.eq': simd(0x37, [v, v], [v]),
  'i32x4.ne': simd(0x38, [v, v], [v]),
  'i32x4.lt_s': simd(0x39, [v, v], [v]),
  'i32x4.gt_s': simd(0x3b, [v, v], [v]),
  'i32x4.le_s': simd(0x3d, [v, v], [v]),
  'i32x4.ge_s': simd(0x3f, [v, v], [v]),
  'f32x4.eq': simd(0x41, [v, v], [v]),
  'f32x4.ne': simd(0x42, [v, v], [v]),
  'f32x4.lt': simd(0x43, [v, v], [v]),
  'f32x4.gt': simd(0x44, [v, v], [v]),
  'f32x4.le': simd(0x45, [v, v], [v]),
  'f32x4.ge': simd(0x46, [v, v], [v]),
  'f64x2.eq': simd(0x47, [v, v], [v]),
  'f64x2.ne': simd(0x48, [v, v], [v]),
  'f64x2.lt': simd(0x49, [v, v], [v]),
  'f64x2.ge': simd(0x4c, [v, v], [v]),
  'v128.not': simd(0x4d, [v], [v]),
  'v128.and': simd(0x4e, [v, v], [v]),
  'v128.andnot': simd(0x4f, [v, v], [v]),
  'v128.or': simd(0x50, [v, v], [v]),
  'v128.xor': simd(0x51, [v, v], [v]),
  'v128.bitselect': simd(0x52, [v, v, v], [v]),
  'v128.any_true': simd(0x53, [v], [i]),
  'i8x16.narrow_i16x8_u': simd(0x66, [v, v], [v]),
  'i16x8.narrow_i32x4_s': simd(0x85, [v, v], [v]),
  'i16x8.extend_low_i8x16_u': simd(0x89, [v], [v]),
  'i32x4.extend_low_i16x8_u': simd(0xa9, [v], [v]),
  'f32x4.demote_f64x2_zero': simd(0x5e, [v], [v]),
  'f64x2.promote_low_f32x4': simd(0x5f, [v], [v]),
  'f64x2.floor': simd(0x75, [v], [v]),
  'f64x2.nearest': simd(0x94, [v], [v]),
  'f64x2.trunc': simd(0x7a, [v], [v]),
  'f64x2.abs': simd(0xec, [v], [v]),
  'f64x2.add': simd(0xf0, [v, v], [v]),
  'f64x2.sub': simd(0xf1, [v, v], [v]),
  'f64x2.mul': simd(0xf2, [v, v], [v]),
  'f64x2.div': simd(0xf3, [v, v], [v]),
  'f64x2.pmin': simd(0xf6, [v, v], [v]),
  'f64x2.pmax': simd(0xf7, [v, v], [v]),
  'i32x4.trunc_sat_f64x2_s_zero': simd(0xfc, [v], [v]),
  'f64x2.convert_low_i32x4_s': simd(0xfe, [v], [v]),
  'f32x4.ceil': simd(0x67, [v], [v]),
  'f32x4.floor': simd(0x68, [v], [v]),
  'f32x4.trunc': simd(0x69, [v], [v]),
  'f32x4.nearest': simd(0x6a, [v], [v]),
  'i32x4.abs': simd(0xa0, [v], [v]),
  'i32x4.neg': simd(0xa1, [v], [v]),
  'i32x4.all_true': simd(0xa3, [v], [i]),
  'i32x4.bitmask': simd(0xa4, [v], [i]),
  'i32x4.shl': simd(0xab, [v, i], [v]),
  'i32x4.shr_s': simd(0xac, [v, i], [v]),
  'i32x4.shr_u': simd(0xad, [v, i], [v]),
  'i32x4.add': simd(0xae, [v, v], [v]),
  'i32x4.sub': simd(0xb1, [v, v], [v]),
  'i32x4.mul': simd(0xb5, [v, v], [v]),
  'i32x4.min_s': simd(0xb6, [v, v], [v]),
  'i32x4.max_s': simd(0xb8, [v, v], [v]),
  'i64x2.shl': simd(0xcb, [v, i], [v]),
  'i64x2.shr_u': simd(0xcd, [v, i], [v]),
  'i64x2.add': simd(0xce, [v, v], [v]),
  'f32x4.abs': simd(0xe0, [v], [v]),
  'f32x4.neg': simd(0xe1, [v], [v]),
  'f32x4.sqrt': simd(0xe3, [v], [v]),
  'f32x4.add': simd(0xe4, [v, v], [v]),
  'f32x4.sub': simd(0xe5, [v, v], [v]),
  'f32x4.mul': simd(0xe6, [v, v], [v]),
  'f32x4.div': simd(0xe7, [v, v], [v]),
  'f32x4.min': simd(0xe8, [v, v], [v]),
  'f32x4.max': simd(0xe9, [v, v], [v]),
  'f32x4.pmin': simd(0xea, [v, v], [v]),
  'f32x4.pmax': simd(0xeb, [v, v], [v]),
  'i32x4.trunc_sat_f32x4_s': simd(0xf8, [v], [v]),
  'f32x4.convert_i32x4_s': simd(0xfa, [v], [v]),
  /** Relaxed SIMD: a·b + c with one rounding or two, as the machine likes; behind a probe. */
  'f32x4.relaxed_madd': simd(0x105, [v, v, v], [v]),
} as const satisfies Record<string, Opcode>

export type Instruction = keyof typeof opcodes

/** Opcodes as a plain lookup. */
export function opcodeOf(name: Instruction): Opcode {
  return opcodes[name]
}
