import { CorruptSketchError } from '../../core/index.js';
import { INVERSES } from './hll-estimate.js';
import {
  ADDRESS_BITS,
  ADDRESS_MASK,
  type Arrival,
  couponLimit,
  HllSketch,
  type HllType,
  inverseSum,
  MAX_LG_K,
  MAX_LIST,
  MIN_LG_K,
} from './hll-sketch.js';
import { packRanks, rankBytes, unpackRanks } from './packed-ranks.js';

/**
 * The compact HLL image of Apache DataSketches, serial version 1, little-endian. k = 2^lgK registers.
 *
 *     offset  size  field
 *     0       1     preamble    u8, its size in 4 bytes: 2 of a list, 3 of a set, 10 of registers
 *     1       1     version     u8, = 1
 *     2       1     family      u8, = 7
 *     3       1     lgK         u8, 4 to 21
 *     4       1     lgSlots     u8, of tables of coupons or exceptions that are not compact
 *     5       1     flags       u8: 4 empty, 8 compact, 16 out of order
 *     6       1     count       u8, coupons of a list; of registers what is subtracted from each (HLL_4)
 *     7       1     mode        u8: low 2 bits 0 list, 1 set, 2 registers; next 2 bits 0 HLL_4, 1 HLL_6, 2 HLL_8
 *     8             of a list:  coupons u32 each
 *     8       4     of a set:   count u32
 *     12                        coupons u32 each
 *     8       8     of registers: estimate f64, of values in order of arrival, else 0
 *     16      16                Σ 2^-rank f64, of ranks below 32 and of others
 *     32      4                 registers that equal offset 6, u32
 *     36      4                 exceptions, u32 (HLL_4)
 *     40                        registers: `packed-ranks.ts`
 *     …       4 each            exceptions: rank << 26 | register
 *
 * Written are coupons and exceptions in ascending order, so that equal sketches have equal bytes. Read are compact
 * images and others, where places of 0 are free.
 */
export function hllImage(sketch: HllSketch): Uint8Array<ArrayBuffer> {
  const { type } = sketch;
  const { coupons, ranks, arrival } = sketch.contents();
  if (coupons !== null) return couponImage(sketch.lgK, TYPES.indexOf(type), coupons.sorted());
  const packed = packRanks(ranks, type);
  const bytes = new Uint8Array(REGISTERS_AT + packed.bytes.length + 4 * packed.exceptions.length);
  const flags = COMPACT + (arrival === null ? OUT_OF_ORDER : 0);
  bytes.set([10, VERSION, FAMILY, sketch.lgK, 0, flags, packed.least]);
  bytes[7] = REGISTERS | (TYPES.indexOf(type) << 2);
  const view = new DataView(bytes.buffer);
  let [low, high, atLeast] = [0, 0, 0];
  for (const rank of ranks) {
    if (rank < 32) low += INVERSES[rank]!;
    else high += INVERSES[rank]!;
    if (rank === packed.least) atLeast++;
  }
  for (const [i, value] of [arrival?.estimate ?? 0, low, high].entries()) {
    view.setFloat64(8 + 8 * i, value, true);
  }
  view.setUint32(32, atLeast, true);
  view.setUint32(36, packed.exceptions.length, true);
  bytes.set(packed.bytes, REGISTERS_AT);
  for (const [i, exception] of packed.exceptions.entries()) {
    view.setUint32(REGISTERS_AT + packed.bytes.length + 4 * i, exception, true);
  }
  return bytes;
}

function couponImage(lgK: number, type: number, coupons: Uint32Array): Uint8Array<ArrayBuffer> {
  const isList = coupons.length <= MAX_LIST;
  const from = isList ? 8 : 12;
  const bytes = new Uint8Array(from + 4 * coupons.length);
  const view = new DataView(bytes.buffer);
  const lgSlots = isList ? 3 : Math.max(5, Math.ceil(Math.log2((coupons.length * 4) / 3)));
  const flags = COMPACT + (coupons.length === 0 ? EMPTY : 0);
  bytes.set([from / 4, VERSION, FAMILY, lgK, lgSlots, flags, isList ? coupons.length : 0]);
  bytes[7] = (isList ? LIST : SET) | (type << 2);
  if (!isList) view.setUint32(8, coupons.length, true);
  for (const [i, coupon] of coupons.entries()) view.setUint32(from + 4 * i, coupon, true);
  return bytes;
}

/** The sketch of an image. Throws CorruptSketchError for anything else than serial version 1. */
export function readHllImage(bytes: Uint8Array): HllSketch {
  if (bytes.length < 8) throw damaged(`${bytes.length} bytes hold no header`);
  const lgK = bytes[3]!;
  if (bytes[1] !== VERSION) throw damaged(`serial version ${bytes[1]}, want ${VERSION}`);
  if (bytes[2] !== FAMILY) throw damaged(`family ${bytes[2]}, want ${FAMILY}`);
  if (lgK < MIN_LG_K || lgK > MAX_LG_K) throw damaged(`lgK ${lgK} is outside 4 to 21`);
  const mode = bytes[7]! & 3;
  const isOrdered = (bytes[5]! & OUT_OF_ORDER) === 0;
  const type = TYPES[(bytes[7]! >> 2) & 3];
  if (mode > REGISTERS || type === undefined) throw damaged(`mode ${bytes[7]}`);
  if (bytes[0] !== PREAMBLES[mode]) throw damaged(`a preamble of ${bytes[0]} ints`);
  if (bytes.length < 4 * PREAMBLES[mode]!) throw damaged(`${bytes.length} bytes cut the preamble`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (mode === REGISTERS) return readRegisters(bytes, view, type, isOrdered);
  return readCoupons(view, new HllSketch(lgK, type), mode);
}

function readCoupons(view: DataView, sketch: HllSketch, mode: number): HllSketch {
  const count = mode === LIST ? view.getUint8(6) : view.getUint32(8, true);
  const isEmpty = (view.getUint8(5) & EMPTY) !== 0;
  if (count > Math.max(MAX_LIST, couponLimit(sketch.lgK)) + 1) throw damaged(`${count} coupons`);
  const coupons: number[] = [];
  for (let at = 4 * PREAMBLES[mode]!; at + 4 <= view.byteLength; at += 4) {
    const coupon = view.getUint32(at, true);
    if (coupon === 0) continue;
    if (coupon >>> ADDRESS_BITS === 0) throw damaged('a coupon of rank 0');
    coupons.push(coupon);
  }
  if (coupons.length !== (isEmpty ? 0 : count)) {
    throw damaged(`${coupons.length} coupons, want ${count}`);
  }
  // Others write them in the order of their slots, in which ours would not fill evenly (`scattered-step.ts`).
  for (const coupon of Uint32Array.from(coupons).sort()) sketch.addCoupon(coupon);
  return sketch;
}

function readRegisters(
  bytes: Uint8Array,
  view: DataView,
  type: HllType,
  isOrdered: boolean,
): HllSketch {
  const k = 2 ** bytes[3]!;
  const end = REGISTERS_AT + rankBytes(k, type);
  if (bytes.length < end) throw damaged(`${bytes.length} bytes do not hold ${k} registers`);
  const exceptions = new Map<number, number>();
  if (type === 'HLL_4') {
    for (let at = end; at + 4 <= bytes.length; at += 4) {
      const word = view.getUint32(at, true);
      if (word !== 0) exceptions.set(word & ADDRESS_MASK & (k - 1), word >>> ADDRESS_BITS);
    }
    const count = view.getUint32(36, true);
    if (count !== exceptions.size) throw damaged(`${exceptions.size} exceptions, want ${count}`);
  }
  const ranks = unpackRanks(bytes.subarray(REGISTERS_AT, end), k, type, bytes[6]!, exceptions);
  if (ranks === null) throw damaged('a rank is beyond 63, or an exception is missing');
  return HllSketch.ofRegisters(ranks, type, isOrdered ? readArrival(view, ranks) : null);
}

/** The sum is that of the ranks, whatever was written: an estimate that goes on from another one may go anywhere. */
function readArrival(view: DataView, ranks: Uint8Array): Arrival {
  const estimate = view.getFloat64(8, true);
  if (!(estimate >= 0 && estimate < Number.POSITIVE_INFINITY)) {
    throw damaged(`an estimate of ${estimate}`);
  }
  return { estimate, inverseSum: inverseSum(ranks) };
}

const TYPES: readonly HllType[] = ['HLL_4', 'HLL_6', 'HLL_8'];
const VERSION = 1;
const FAMILY = 7;
const LIST = 0;
const SET = 1;
const REGISTERS = 2;
const PREAMBLES = [2, 3, 10];
const REGISTERS_AT = 40;
const EMPTY = 4;
const COMPACT = 8;
const OUT_OF_ORDER = 16;

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('HLL', detail);
}
