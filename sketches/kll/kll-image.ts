import { CorruptSketchError } from '../../core/index.js';
import { LEAST_CAPACITY, MAX_LEVELS, totalCapacity } from './capacity.js';

/** What a sketch knows. */
export interface KllState {
  readonly k: number;
  /** The least k of all sketches that were merged into it and had lost something. */
  minK: number;
  count: number;
  /** The items of level 0 are in order; those of others always are. */
  isSorted: boolean;
  /** Of all values; meaningless when there is none. */
  min: number;
  max: number;
  /** Level h has the items from `levels[h]` to `levels[h + 1]`; the last of these is the length of `items`. */
  levels: number[];
  items: Float64Array<ArrayBuffer>;
}

/** What a sketch is of; floats have items of 4 bytes in its image. */
export type KllNumbers = 'doubles' | 'floats';

const FULL = 5;
const SHORT = 2;
const FAMILY = 15;
const VERSION = 1;
const SINGLE_VERSION = 2;
const EMPTY_FLAG = 1;
const SORTED_FLAG = 2;
const SINGLE_FLAG = 4;
const SHORT_BYTES = 8;
const FULL_BYTES = 20;

/**
 * The image of Apache DataSketches' `kll_doubles_sketch`, compact. Little-endian; l levels, r items in all of them. That of
 * `kll_floats_sketch` is the same with f32 for every f64, so that what follows one lies 4 bytes before:
 *
 *     offset         size  field
 *     0              1     preambleInts   u8, 2 with one value or none, else 5
 *     1              1     version        u8, 2 with one value, else 1
 *     2              1     family         u8, = 15
 *     3              1     flags          u8: 1 empty, 2 level 0 is sorted, 4 one value
 *     4              2     k              u16, from 8 on
 *     6              1     m              u8, = 8, the least capacity of a level
 *     7              1     zero
 *     8              8     value          f64, the only one; an empty image has none, and ends here
 *
 *     8              8     count          u64, how many values were added
 *     16             2     minK           u16
 *     18             1     levelCount     u8, 1 to 61
 *     19             1     zero
 *     20             4l    starts[]       u32 each: where each level begins in an array of the full capacity, which ends the last
 *     20 + 4l        8     min            f64
 *     28 + 4l        8     max            f64
 *     36 + 4l        8r    items[]        f64 each, level 0 first; ascending in each level, in level 0 where it is sorted
 */
export function encodeKll(state: KllState, of: KllNumbers): Uint8Array<ArrayBuffer> {
  const { k, minK, count, isSorted, min, max, levels, items } = state;
  const kept = items.subarray(levels[0], items.length);
  const levelCount = levels.length - 1;
  const size = ITEM_BYTES[of];
  const itemsAt = count > 1 ? FULL_BYTES + 4 * levelCount + 2 * size : SHORT_BYTES;
  const bytes = new Uint8Array(itemsAt + size * kept.length);
  const view = new DataView(bytes.buffer);
  const kind = count === 0 ? EMPTY_FLAG : count === 1 ? SINGLE_FLAG : 0;
  bytes.set([count > 1 ? FULL : SHORT, count === 1 ? SINGLE_VERSION : VERSION, FAMILY]);
  bytes[3] = kind | (isSorted ? SORTED_FLAG : 0);
  view.setUint16(4, k, true);
  bytes[6] = LEAST_CAPACITY;
  if (count > 1) {
    view.setBigUint64(8, BigInt(count), true);
    view.setUint16(16, minK, true);
    bytes[18] = levelCount;
    for (let level = 0; level < levelCount; level++)
      view.setUint32(FULL_BYTES + 4 * level, levels[level]!, true);
    writeNumbers(view, itemsAt - 2 * size, of, [min, max]);
  }
  writeNumbers(view, itemsAt, of, kept);
  return bytes;
}

/** Throws CorruptSketchError for what `encodeKll` could not have written. */
export function decodeKll(bytes: Uint8Array, of: KllNumbers): KllState {
  if (bytes.length < SHORT_BYTES) throw damaged(`${bytes.length} bytes hold no preamble`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [preamble, version, family, flags] = [bytes[0]!, bytes[1]!, bytes[2]!, bytes[3]!];
  if (family !== FAMILY) throw damaged(`family ${family}, want ${FAMILY}`);
  const kind = flags & ~SORTED_FLAG;
  const wanted =
    kind === 0
      ? [FULL, VERSION]
      : kind === EMPTY_FLAG
        ? [SHORT, VERSION]
        : kind === SINGLE_FLAG
          ? [SHORT, SINGLE_VERSION]
          : [];
  if (preamble !== wanted[0] || version !== wanted[1]) {
    throw damaged(`preamble of ${preamble} ints, version ${version} and flags ${flags}`);
  }
  const k = view.getUint16(4, true);
  if (k < LEAST_CAPACITY || bytes[6] !== LEAST_CAPACITY || bytes[7] !== 0) {
    throw damaged(`k ${k}, m ${bytes[6]}, then ${bytes[7]}`);
  }
  const isSorted = (flags & SORTED_FLAG) !== 0;
  if (kind === 0) return decodeFull(view, k, isSorted, of);
  return decodeShort(view, k, isSorted, kind === EMPTY_FLAG ? 0 : 1, of);
}

function decodeShort(
  view: DataView,
  k: number,
  isSorted: boolean,
  count: 0 | 1,
  of: KllNumbers,
): KllState {
  expectLength(view, SHORT_BYTES + ITEM_BYTES[of] * count);
  const items = new Float64Array(totalCapacity(k, 1));
  const value = count === 0 ? 0 : numberAt(view, SHORT_BYTES, 0, of);
  if (Number.isNaN(value)) throw damaged('the value is NaN');
  items[items.length - 1] = value;
  const levels = [items.length - count, items.length];
  return { k, minK: k, count, isSorted, min: value, max: value, levels, items };
}

function decodeFull(view: DataView, k: number, isSorted: boolean, of: KllNumbers): KllState {
  if (view.byteLength < FULL_BYTES) throw damaged(`${view.byteLength} bytes cut the preamble`);
  const count = Number(view.getBigUint64(8, true));
  const minK = view.getUint16(16, true);
  const levelCount = view.getUint8(18);
  if (count < 2 || !Number.isSafeInteger(count)) throw damaged(`${count} values`);
  if (minK < LEAST_CAPACITY || minK > k || view.getUint8(19) !== 0) {
    throw damaged(`minK ${minK} for k ${k}, then ${view.getUint8(19)}`);
  }
  if (levelCount < 1 || levelCount > MAX_LEVELS) throw damaged(`${levelCount} levels`);
  const rangeAt = FULL_BYTES + 4 * levelCount;
  const capacity = totalCapacity(k, levelCount);
  const levels = readLevels(view, levelCount, capacity, count);
  const itemCount = capacity - levels[0]!;
  expectLength(view, rangeAt + ITEM_BYTES[of] * (2 + itemCount));
  const items = new Float64Array(capacity);
  for (let i = 0; i < itemCount; i++) {
    items[levels[0]! + i] = numberAt(view, rangeAt, 2 + i, of);
  }
  const [min, max] = [numberAt(view, rangeAt, 0, of), numberAt(view, rangeAt, 1, of)];
  const state = { k, minK, count, isSorted, min, max, levels, items };
  checkOrder(state);
  return state;
}

/** The starts of levels, whose weights make `count`. */
function readLevels(view: DataView, levelCount: number, capacity: number, count: number): number[] {
  if (view.byteLength < FULL_BYTES + 4 * levelCount) throw damaged('levels are cut');
  const levels = Array.from({ length: levelCount }, (_, i) =>
    view.getUint32(FULL_BYTES + 4 * i, true),
  );
  levels.push(capacity);
  let weight = 0;
  for (let level = 0; level < levelCount; level++) {
    const held = levels[level + 1]! - levels[level]!;
    if (held < 0) throw damaged(`level ${level} ends before it begins`);
    weight += held * 2 ** level;
  }
  if (weight !== count) throw damaged(`items stand for ${weight} of ${count} values`);
  return levels;
}

function checkOrder({ levels, items, min, max, isSorted }: KllState): void {
  if (Number.isNaN(min) || Number.isNaN(max)) throw damaged('the range is NaN');
  for (let level = 0; level + 1 < levels.length; level++) {
    const needsOrder = level > 0 || isSorted;
    for (let i = levels[level]!; i < levels[level + 1]!; i++) {
      const item = items[i]!;
      // Not "outside": NaN is neither.
      if (!(item >= min && item <= max)) throw damaged(`item ${item} is not in [${min}, ${max}]`);
      if (needsOrder && i > levels[level]! && items[i - 1]! > item) {
        throw damaged(`level ${level} is out of order`);
      }
    }
  }
}

const ITEM_BYTES = { doubles: 8, floats: 4 } as const;

/** Number i of those from an offset on. */
const numberAt = (view: DataView, offset: number, i: number, of: KllNumbers): number =>
  of === 'doubles' ? view.getFloat64(offset + 8 * i, true) : view.getFloat32(offset + 4 * i, true);

function writeNumbers(
  view: DataView,
  offset: number,
  of: KllNumbers,
  numbers: ArrayLike<number>,
): void {
  for (let i = 0; i < numbers.length; i++) {
    if (of === 'doubles') view.setFloat64(offset + 8 * i, numbers[i]!, true);
    else view.setFloat32(offset + 4 * i, numbers[i]!, true);
  }
}

function expectLength({ byteLength }: DataView, wanted: number): void {
  if (byteLength !== wanted) throw damaged(`${byteLength} bytes, want ${wanted}`);
}

const damaged = (detail: string): CorruptSketchError => new CorruptSketchError('KLL', detail);
