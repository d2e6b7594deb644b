import { CorruptSketchError } from '../../core/index.js';
import { sortItems } from '../kll/halve.js';
import { isQuantilesK, QuantilesSketch } from './quantiles-sketch.js';

/**
 * The image of Apache DataSketches' classic sketch of doubles, serial version 3, little-endian. b = n mod 2k.
 *
 *     offset  size  field
 *     0       1     preamble  u8, its size in 8 bytes: 1 when empty, else 2
 *     1       1     version   u8, = 3
 *     2       1     family    u8, = 8
 *     3       1     flags     u8: 2 read only, 4 empty, 8 compact, 16 ordered
 *     4       2     k         u16, a power of 2 from 2 to 32768
 *     6       2               0
 *     8       8     n         u64
 *     16      8     min       f64
 *     24      8     max       f64
 *     32      8b    items     f64 each, ascending when ordered
 *     …       8k    run       f64 each, ascending: of every bit that is set in n / 2k, from the lowest on
 *
 * Images that are not compact have room for 2k items, and for a run at every bit. Both are read, compact ones written.
 */
export function quantilesImage(sketch: QuantilesSketch): Uint8Array<ArrayBuffer> {
  const { k, n, min, max } = sketch;
  if (n === 0) return header(new Uint8Array(8), k, true);
  const { buffer, buffered, runs } = sketch.contents();
  let end = HEAD + buffered;
  const room = roomFor(end + k * runs.length);
  const { items, words, bytes } = room;
  header(bytes, k, false);
  words[2] = n;
  words[3] = n / 2 ** 32;
  items[2] = min;
  items[3] = max;
  for (let i = 0; i < buffered; i++) items[HEAD + i] = buffer[i]!;
  sortItems(items, HEAD, end);
  for (const run of runs) {
    if (run === null) continue;
    items.set(run, end);
    end += k;
  }
  return bytes.slice(0, 8 * end);
}

function header(bytes: Uint8Array<ArrayBuffer>, k: number, isEmpty: boolean): typeof bytes {
  bytes[0] = isEmpty ? 1 : 2;
  bytes[1] = VERSION;
  bytes[2] = FAMILY;
  bytes[3] = FLAGS + (isEmpty ? EMPTY : 0);
  bytes[4] = k & 0xff;
  bytes[5] = k >>> 8;
  bytes[6] = 0;
  bytes[7] = 0;
  return bytes;
}

/** An image, or one that is being made; little-endian, as every machine is that we run on. */
interface Room {
  readonly items: Float64Array;
  readonly words: Uint32Array;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

function roomOf(doubles: number): Room {
  const bytes = new Uint8Array(8 * doubles);
  const { buffer } = bytes;
  return { items: new Float64Array(buffer), words: new Uint32Array(buffer), bytes };
}

/** For one image after the other: of few items, buffers and views of their own would take many times as long as they do. */
const COMMON_ROOM = roomOf(2048);

const roomFor = (doubles: number): Room =>
  doubles <= COMMON_ROOM.items.length ? COMMON_ROOM : roomOf(doubles);

/** The sketch of an image. Throws CorruptSketchError for anything else than serial version 3. */
export function readQuantilesImage(image: Uint8Array): QuantilesSketch {
  const { length } = image;
  if (length < 8) throw damaged(`${length} bytes hold no header`);
  const flags = image[3]!;
  const k = image[4]! | (image[5]! << 8);
  if (image[1] !== VERSION) throw damaged(`serial version ${image[1]}, want ${VERSION}`);
  if (image[2] !== FAMILY) throw damaged(`family ${image[2]}, want ${FAMILY}`);
  if (!isQuantilesK(k)) throw damaged(`k ${k}`);
  if ((flags & EMPTY) !== 0) return new QuantilesSketch(k);
  if (image[0] !== 2) throw damaged(`a preamble of ${image[0]} longs`);
  if (length < 8 * HEAD) throw damaged(`${length} bytes cut the preamble`);
  const { items, words, bytes } = roomFor(Math.ceil(length / 8));
  bytes.set(image);
  const n = words[2]! + words[3]! * 2 ** 32;
  if (n === 0 || n > MAX_N) throw damaged(`n ${n}`);
  const isCompact = (flags & COMPACT) !== 0;
  const { runs, end } = readRuns(items, k, n, isCompact);
  if (8 * end > length || (isCompact && length !== 8 * end)) {
    throw damaged(`${length} bytes do not hold ${n} items of k ${k}`);
  }
  const extremes = { min: items[2]!, max: items[3]! };
  const buffer = items.slice(HEAD, HEAD + (n % (2 * k)));
  checkItems(buffer, extremes, false);
  for (const run of runs) if (run !== null) checkItems(run, extremes, true);
  return QuantilesSketch.of(k, extremes, buffer, runs);
}

/** The runs of an image, and where in its items they end. */
function readRuns(
  items: Float64Array,
  k: number,
  n: number,
  isCompact: boolean,
): { runs: (Float64Array | null)[]; end: number } {
  const runs: (Float64Array | null)[] = [];
  const buffered = n % (2 * k);
  let end = HEAD + (isCompact || n < 2 * k ? buffered : 2 * k);
  for (let bits = Math.floor(n / (2 * k)); bits > 0; bits = Math.floor(bits / 2)) {
    const isThere = bits % 2 === 1;
    runs.push(isThere ? items.slice(end, end + k) : null);
    if (isThere || !isCompact) end += k;
  }
  return { runs, end };
}

function checkItems(
  items: Float64Array,
  { min, max }: { min: number; max: number },
  isAscending: boolean,
): void {
  let previous = min;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    // Written so that NaN fails.
    if (!(item >= previous && item <= max)) throw damaged(`item ${item} is out of order`);
    if (isAscending) previous = item;
  }
}

/** Doubles before the items. */
const HEAD = 4;
const VERSION = 3;
const FAMILY = 8;
const EMPTY = 4;
const COMPACT = 8;
/** Read only, compact, ordered. */
const FLAGS = 2 | 8 | 16;
const MAX_N = Number.MAX_SAFE_INTEGER;

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('quantiles', detail);
}
