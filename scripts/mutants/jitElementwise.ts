// Sabotaged functions of the JIT: polynomials, integer division and shifts, ways to combine and to walk, epilogues, multiply-add.

import { type Mutant, mutantsOf } from './mutant.js'

const math = ['spec/backends/jitMath.spec.ts']
const ops = ['spec/backends/jitOps.spec.ts']
const programs = ['spec/backends/jitPrograms.spec.ts', 'spec/backends/jitGraphs.spec.ts', ...ops]

export const jitElementwiseMutants: readonly Mutant[] = [
  ...mutantsOf('backends/jit/math/exp.ts', math, [
    ['a coefficient of exp off by 3e-6', '0.16666516661643982', '0.166668'],
    ['no subnormal results of exp for what is not positive', 'm.keep(m.atLeast(x, -104))', 'm.keep(m.atLeast(x, -88))'],
    ['the rest of an exponent forgotten', 'if (rest) m.assign', 'if (rest && x < 0) m.assign'],
  ]),
  ...mutantsOf('backends/jit/math/log.ts', math, [
    ['logarithms of subnormal numbers a step of 2 off', 'm.assign(bias, m.and(tiny, 23))', 'm.assign(bias, m.and(tiny, 22))'],
    ['what 1 + x rounds off is lost', 'm.mul(lost, scale)', 'm.mul(lost, 0)'],
  ]),
  ...mutantsOf('backends/jit/math/erf.ts', math, [['a coefficient of erf off by 2e-7', '0.278216749', '0.2782169']]),
  ...mutantsOf('backends/jit/math/sigmoid.ts', math, [
    ['sigmoid of negative numbers as of positive ones', "m.op('f32x4.ge', x, 0)", "m.op('f32x4.ge', x, -1)"],
    ['tanh ends early', '-9.02', '-8'],
  ]),
  ...mutantsOf('backends/jit/math/normalCdf.ts', math, [
    ['gelu without its tail', "m.op('f32x4.lt', x, -far)", "m.op('f32x4.lt', x, -far * 4)"],
    ['x²/2 of the tail rounded', 'expNonPositive(f, square, lack)', 'expNonPositive(f, square)'],
    ['one squaring too few', 'squared < 3', 'squared < 2'],
  ]),
  ...mutantsOf('backends/jit/math/trig.ts', math, [
    ['sine and cosine exchanged in every second quarter', 'm.select(odd, cosine, sine)', 'm.select(odd, sine, sine)'],
    ['no more than three pieces of 2/π', 'for (const piece of twoOverPi)', 'for (const piece of twoOverPi.slice(0, 3))'],
  ]),
  ...mutantsOf('backends/jit/math/power.ts', math, [
    ['odd powers of negative numbers positive', 'm.and(m.and(x, m.bits(signBit)), isOdd)', 'm.and(m.bits(0), isOdd)'],
  ]),
  ...mutantsOf('backends/jit/math/double.ts', math, [
    ['the low pair of lanes twice', 'f.shuffle([0, 1, 4, 5])', 'f.shuffle([0, 1, 0, 1])'],
  ]),
  ...mutantsOf('backends/jit/math/lanes.ts', math, [
    ['a coefficient left out', '(i === coefficients.length - 1 ? c', '(i >= coefficients.length - 2 ? c'],
  ]),
  ...mutantsOf('backends/jit/scalar/functions.ts', ops, [
    ['counts from 32 to 63 shift by what is left', 'f.splat(~31,', 'f.splat(~63,'],
    ['the sign of NaN and of 0', "f.op('f32x4.gt')", "f.op('f32x4.ge')"],
  ]),
  ...mutantsOf('backends/jit/scalar/table.ts', ops, [
    ['NaN lost beside a constant', '(known(y) ? [x, y] : [y, x])', '(known(y) ? [y, x] : [x, y])'],
  ]),
  ...mutantsOf('backends/jit/scalar/division.ts', ops, [
    ['the high pair of lanes lost', 'f.shuffle([0, 1, 4, 5])', 'f.shuffle([0, 1, 0, 1])'],
  ]),
  ...mutantsOf('backends/jit/kernels/combine.ts', ops, [
    ['no bools are all true', "{ instruction: 'v128.and', identity: -1 }", "{ instruction: 'v128.and', identity: 0 }"],
    ['one lane of four combined twice', '[1, 0, 3, 2],', '[0, 0, 3, 2],'],
  ]),
  ...mutantsOf('backends/jit/kernels/walks.ts', ops, [
    ['axes merged that not all operands go straight through', 'walks.every((walk, k) =>', 'walks.slice(0, 2).every((walk, k) =>'],
  ]),
  ...mutantsOf(
    'backends/jit/gemm/plain.ts',
    ['spec/backends/jitGemm.spec.ts'],
    [['panels of a plain product too close', 'bPanel: panelColumns', 'bPanel: panelColumns - 4']],
  ),
  ...mutantsOf(
    'backends/jit/gemm/tile.ts',
    ['spec/backends/jitGemmFused.spec.ts'],
    [['multiply-add of the wrong two', 'fma ? [splat, column, sum]', 'fma ? [sum, column, splat]']],
  ),
  ...mutantsOf('backends/jit/lowerings/epilogue.ts', programs, [
    ['an operand of one column read as a row', 'shape[rank - 1] === 1 ? 0 : strides.at(-1)', '1'],
    ['the first row of an operand for every row', 'rowStride: rows.walks[0]?.strides[0] ?? 0', 'rowStride: 0'],
  ]),
]
