import { CorruptSketchError } from '../../core/index.js';

const DENSE_VERSION = 1;
const SPARSE_VERSION = 2;
const HEADER_BYTES = 16;
const ENTRY_BYTES = 12;
const CONSERVATIVE_FLAG = 1;
const MIN_LG_WIDTH = 1;
const MAX_LG_WIDTH = 24;
const MAX_DEPTH = 16;

export interface CountMinShape {
  /** Counters of a row: 2^lgWidth. */
  readonly lgWidth: number;
  readonly depth: number;
  /** Only counters that have to grow do: smaller errors, and other bytes. */
  readonly isConservative: boolean;
}

export interface CountMinState {
  readonly shape: CountMinShape;
  readonly total: number;
  /** Counts of hashes, which are of 0 or more and ascending; null where there are counters. */
  readonly few: readonly (readonly [hash: number, count: number])[] | null;
  /** Row by row; empty where there is a list of few. */
  readonly counters: Float64Array;
}

/** How many hashes are few. */
export const mostFew = ({ depth, lgWidth }: CountMinShape): number => (depth << lgWidth) >> 4;

export const isCountMinShape = ({ lgWidth, depth }: CountMinShape): boolean =>
  isIn(lgWidth, MIN_LG_WIDTH, MAX_LG_WIDTH) && isIn(depth, 1, MAX_DEPTH);

export const isSameShape = (a: CountMinShape, b: CountMinShape): boolean =>
  a.lgWidth === b.lgWidth && a.depth === b.depth && a.isConservative === b.isConservative;

const isIn = (number: number, least: number, most: number): boolean =>
  Number.isInteger(number) && number >= least && number <= most;

/**
 * A Count-Min sketch, little-endian. Version 2 is that of few hashes, version 1 that of counters:
 *
 *     offset  size  field
 *     0       1     version       u8, = 1 or 2
 *     1       1     flags         u8, 1 conservative
 *     2       1     lgWidth       u8, 1 to 24
 *     3       1     depth         u8, 1 to 16
 *     4       4     1: counterBytes u32, 4 or 8, as few as will do
 *                   2: entryCount   u32, at most depth × 2^lgWidth / 16
 *     8       8     total         u64, of what was added
 *     16      …     1: counters[]   u32 or u64 each, row by row
 *                   2: entries[]    by hash, ascending: hash u32, count u64, more than 0
 */
export function encodeCountMin(state: CountMinState): Uint8Array<ArrayBuffer> {
  const { few, counters } = state;
  if (few !== null) {
    const bytes = headed(state, SPARSE_VERSION, few.length, ENTRY_BYTES * few.length);
    const view = new DataView(bytes.buffer);
    for (const [i, [hash, count]] of few.entries()) {
      view.setUint32(HEADER_BYTES + ENTRY_BYTES * i, hash, true);
      view.setBigUint64(HEADER_BYTES + ENTRY_BYTES * i + 4, BigInt(count), true);
    }
    return bytes;
  }
  const width = widthOf(counters);
  const bytes = headed(state, DENSE_VERSION, width, width * counters.length);
  if (width === 4) new Uint32Array(bytes.buffer, HEADER_BYTES).set(counters);
  else new BigUint64Array(bytes.buffer, HEADER_BYTES).set(Array.from(counters, BigInt));
  return bytes;
}

function headed(
  { shape, total }: CountMinState,
  version: number,
  detail: number,
  size: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(HEADER_BYTES + size);
  const view = new DataView(bytes.buffer);
  const flags = shape.isConservative ? CONSERVATIVE_FLAG : 0;
  bytes.set([version, flags, shape.lgWidth, shape.depth]);
  view.setUint32(4, detail, true);
  view.setBigUint64(8, BigInt(total), true);
  return bytes;
}

/** Throws CorruptSketchError for what `encodeCountMin` could not have written. */
export function decodeCountMin(bytes: Uint8Array): CountMinState {
  if (bytes.length < HEADER_BYTES) throw damaged(`${bytes.length} bytes hold no header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [version, flags, lgWidth, depth] = [bytes[0]!, bytes[1]!, bytes[2]!, bytes[3]!];
  if (version !== DENSE_VERSION && version !== SPARSE_VERSION) {
    throw damaged(`version ${version}, want ${DENSE_VERSION} or ${SPARSE_VERSION}`);
  }
  if (flags > CONSERVATIVE_FLAG) throw damaged(`flags ${flags}`);
  const shape = { lgWidth, depth, isConservative: flags === CONSERVATIVE_FLAG };
  if (!isCountMinShape(shape)) throw damaged(`${depth} rows of 2^${lgWidth} counters`);
  const total = Number(view.getBigUint64(8, true));
  if (!Number.isSafeInteger(total)) throw damaged('a total beyond 2^53');
  return version === DENSE_VERSION
    ? { shape, total, few: null, counters: decodeCounters(view, shape, total) }
    : { shape, total, few: decodeFew(view, shape, total), counters: new Float64Array(0) };
}

function decodeFew(view: DataView, shape: CountMinShape, total: number): [number, number][] {
  const count = view.getUint32(4, true);
  if (count > mostFew(shape) || mostFew(shape) === 0) throw damaged(`${count} hashes are not few`);
  checkLength(view, ENTRY_BYTES * count, `${count} hashes`);
  let left = total;
  const entries: [number, number][] = [];
  for (let i = 0; i < count; i++) {
    const at = HEADER_BYTES + ENTRY_BYTES * i;
    const entry: [number, number] = [
      view.getUint32(at, true),
      Number(view.getBigUint64(at + 4, true)),
    ];
    if (i > 0 && entries[i - 1]![0] >= entry[0]) throw damaged(`hash ${i} is out of order`);
    if (entry[1] === 0) throw damaged(`hash ${i} did not come`);
    left -= entry[1];
    entries.push(entry);
  }
  if (left !== 0) throw damaged(`a total of ${total}, ${left} more than of all hashes`);
  return entries;
}

function decodeCounters(view: DataView, shape: CountMinShape, total: number): Float64Array {
  const { depth, lgWidth, isConservative } = shape;
  const width = view.getUint32(4, true);
  const counters = depth * 2 ** lgWidth;
  if (width !== 4 && width !== 8) throw damaged(`counters of ${width} bytes`);
  checkLength(view, width * counters, `counters of ${width}`);
  const at = (offset: number) =>
    width === 4 ? view.getUint32(offset, true) : Number(view.getBigUint64(offset, true));
  const values = Float64Array.from({ length: counters }, (_, i) => at(HEADER_BYTES + width * i));
  if (widthOf(values) !== width) throw damaged(`counters of ${width} bytes, all below 2^32`);
  for (let row = 0; row < depth; row++) {
    const sum = sumOf(values.subarray(row << lgWidth, (row + 1) << lgWidth));
    // What is added is in one counter of each row, in full or, conservatively, at most.
    if (isConservative ? sum > total : sum !== total) {
      throw damaged(`row ${row} sums up to ${sum} of ${total}`);
    }
  }
  return values;
}

function checkLength(view: DataView, wanted: number, what: string): void {
  if (view.byteLength === HEADER_BYTES + wanted) return;
  throw damaged(`${view.byteLength} bytes, want ${HEADER_BYTES + wanted} with ${what}`);
}

const widthOf = (counters: Float64Array): 4 | 8 =>
  counters.some((counter) => counter >= 2 ** 32) ? 8 : 4;

const sumOf = (counters: Float64Array): number =>
  counters.reduce((sum, counter) => sum + counter, 0);

const damaged = (detail: string): CorruptSketchError => new CorruptSketchError('Count-Min', detail);
