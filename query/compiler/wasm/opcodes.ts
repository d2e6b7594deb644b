/**
 * The WebAssembly instructions that kernels are made of: name, encoding, what it takes and gives.
 * Encodings from the core specification 2.0 (webassembly.github.io/spec/core/binary/instructions.html);
 * 0xfd begins the fixed-width SIMD instructions, followed by a LEB128 number.
 */
export type ValueKind = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';
export type ResultKind = ValueKind | 'void';

export interface Opcode {
  readonly bytes: readonly number[];
  readonly takes: readonly ValueKind[];
  readonly gives: ResultKind;
}

const simd = (code: number): readonly number[] =>
  code < 0x80 ? [0xfd, code] : [0xfd, (code & 0x7f) | 0x80, code >> 7];

const TABLE = new Map<string, Opcode>();

function define(takes: string, gives: ResultKind, codes: Readonly<Record<string, number>>): void {
  const kinds = takes === '' ? [] : (takes.split(' ') as ValueKind[]);
  for (const [name, code] of Object.entries(codes)) {
    TABLE.set(name, { bytes: [code], takes: kinds, gives });
  }
}

function defineSimd(
  takes: string,
  gives: ResultKind,
  codes: Readonly<Record<string, number>>,
): void {
  const kinds = takes.split(' ') as ValueKind[];
  for (const [name, code] of Object.entries(codes)) {
    TABLE.set(name, { bytes: simd(code), takes: kinds, gives });
  }
}

define('i32', 'i32', { 'i32.eqz': 0x45, 'i32.clz': 0x67, 'i32.ctz': 0x68, 'i32.popcnt': 0x69 });
define('i32 i32', 'i32', {
  'i32.eq': 0x46,
  'i32.ne': 0x47,
  'i32.lt_s': 0x48,
  'i32.lt_u': 0x49,
  'i32.gt_s': 0x4a,
  'i32.gt_u': 0x4b,
  'i32.le_s': 0x4c,
  'i32.le_u': 0x4d,
  'i32.ge_s': 0x4e,
  'i32.ge_u': 0x4f,
  'i32.add': 0x6a,
  'i32.sub': 0x6b,
  'i32.mul': 0x6c,
  'i32.and': 0x71,
  'i32.or': 0x72,
  'i32.xor': 0x73,
  'i32.shl': 0x74,
  'i32.shr_s': 0x75,
  'i32.shr_u': 0x76,
});
define('i64', 'i32', { 'i64.eqz': 0x50, 'i32.wrap_i64': 0xa7 });
define('i64 i64', 'i32', {
  'i64.eq': 0x51,
  'i64.ne': 0x52,
  'i64.lt_s': 0x53,
  'i64.lt_u': 0x54,
  'i64.gt_s': 0x55,
  'i64.gt_u': 0x56,
  'i64.le_s': 0x57,
  'i64.le_u': 0x58,
  'i64.ge_s': 0x59,
  'i64.ge_u': 0x5a,
});
define('i64', 'i64', { 'i64.clz': 0x79, 'i64.ctz': 0x7a, 'i64.popcnt': 0x7b });
define('i64 i64', 'i64', {
  'i64.add': 0x7c,
  'i64.sub': 0x7d,
  'i64.mul': 0x7e,
  // They fail on a divisor of 0, and the first on the least number by -1.
  'i64.div_s': 0x7f,
  'i64.rem_s': 0x81,
  'i64.and': 0x83,
  'i64.or': 0x84,
  'i64.xor': 0x85,
  'i64.shl': 0x86,
  'i64.shr_s': 0x87,
  'i64.shr_u': 0x88,
  'i64.rotl': 0x89,
});
define('i32', 'i64', { 'i64.extend_i32_s': 0xac, 'i64.extend_i32_u': 0xad });
define('f64 f64', 'i32', {
  'f64.eq': 0x61,
  'f64.ne': 0x62,
  'f64.lt': 0x63,
  'f64.gt': 0x64,
  'f64.le': 0x65,
  'f64.ge': 0x66,
});
define('f64', 'f64', { 'f64.abs': 0x99, 'f64.neg': 0x9a, 'f64.ceil': 0x9b, 'f64.floor': 0x9c });
define('f64', 'f64', { 'f64.trunc': 0x9d, 'f64.nearest': 0x9e, 'f64.sqrt': 0x9f });
define('f64 f64', 'f64', {
  'f64.add': 0xa0,
  'f64.sub': 0xa1,
  'f64.mul': 0xa2,
  'f64.div': 0xa3,
  'f64.min': 0xa4,
  'f64.max': 0xa5,
  'f64.copysign': 0xa6,
});
define('i64', 'f64', { 'f64.convert_i64_s': 0xb9, 'f64.reinterpret_i64': 0xbf });
define('f64', 'i64', { 'i64.reinterpret_f64': 0xbd });
define('f64', 'f32', { 'f32.demote_f64': 0xb6 });
define('f32', 'f64', { 'f64.promote_f32': 0xbb });
TABLE.set('i64.trunc_sat_f64_s', { bytes: [0xfc, 6], takes: ['f64'], gives: 'i64' });
TABLE.set('memory.fill', { bytes: [0xfc, 11, 0], takes: ['i32', 'i32', 'i32'], gives: 'void' });

define('i32', 'i32', { 'i32.load': 0x28, 'i32.load8_u': 0x2d, 'i32.load16_u': 0x2f });
define('i32', 'i64', { 'i64.load': 0x29, 'i64.load8_u': 0x31, 'i64.load16_u': 0x33 });
define('i32', 'i64', { 'i64.load32_u': 0x35 });
define('i32', 'f32', { 'f32.load': 0x2a });
define('i32', 'f64', { 'f64.load': 0x2b });
define('i32 i32', 'void', { 'i32.store': 0x36, 'i32.store8': 0x3a, 'i32.store16': 0x3b });
define('i32 i64', 'void', { 'i64.store': 0x37 });
define('i32 f64', 'void', { 'f64.store': 0x39 });

defineSimd('i32', 'v128', { 'v128.load': 0 });
defineSimd('i32 v128', 'void', { 'v128.store': 11 });
defineSimd('i32', 'v128', { 'i8x16.splat': 15, 'i16x8.splat': 16, 'i32x4.splat': 17 });
defineSimd('v128 v128', 'v128', {
  'i8x16.eq': 35,
  'i8x16.le_u': 42,
  'i8x16.ge_u': 44,
  'i16x8.eq': 45,
  'i16x8.le_u': 52,
  'i16x8.ge_u': 54,
  'i32x4.eq': 55,
  'i32x4.le_u': 62,
  'i32x4.ge_u': 64,
  'v128.and': 78,
  'i8x16.narrow_i16x8_s': 101,
  'i16x8.narrow_i32x4_s': 133,
  'i8x16.sub': 113,
  'i16x8.sub': 145,
  'i32x4.sub': 177,
});
defineSimd('v128 v128', 'v128', {
  'i8x16.min_u': 119,
  'i8x16.max_u': 121,
  'i16x8.add': 142,
  'i16x8.min_u': 151,
  'i16x8.max_u': 153,
  'i32x4.add': 174,
  'i32x4.min_u': 183,
  'i32x4.max_u': 185,
  'i64x2.add': 206,
  'i64x2.eq': 214,
  'i64x2.lt_s': 216,
  'i64x2.gt_s': 217,
});
defineSimd('v128', 'v128', {
  'i16x8.extadd_pairwise_i8x16_u': 125,
  'i32x4.extadd_pairwise_i16x8_u': 127,
  'i64x2.extend_low_i32x4_u': 201,
  'i64x2.extend_high_i32x4_u': 202,
});
defineSimd('i64', 'v128', { 'i64x2.splat': 18 });
defineSimd('v128 i32', 'v128', { 'i64x2.shr_u': 205 });
defineSimd('v128 v128 v128', 'v128', { 'v128.bitselect': 82 });
// With the lane behind the encoding.
for (const lane of [0, 1]) {
  const bytes = [...simd(29), lane];
  TABLE.set(`i64x2.extract_lane ${lane}`, { bytes, takes: ['v128'], gives: 'i64' });
}
defineSimd('v128', 'i32', { 'i8x16.bitmask': 100, 'i16x8.bitmask': 132, 'i32x4.bitmask': 164 });

/** How many bytes a load or store touches: its natural alignment. */
export function accessBytes(name: string): number {
  if (name.startsWith('v128')) return 16;
  if (/(load|store)8/.test(name)) return 1;
  if (/(load|store)16/.test(name)) return 2;
  if (/(load|store)32/.test(name)) return 4;
  return name.startsWith('i64') || name.startsWith('f64') ? 8 : 4;
}

/** The instruction of this name. Throws for one that is not in the table: a fault of the compiler. */
export function opcode(name: string): Opcode {
  const found = TABLE.get(name);
  if (found === undefined) throw new Error(`no WebAssembly instruction ${name}`);
  return found;
}
