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
  const { buffer, runs } = sketch.contents();
  const present = runs.filter((run) => run !== null);
  const items = new Float64Array(4 + buffer.length + k * present.length);
  items[2] = min;
  items[3] = max;
  items.set(buffer, 4);
  // Of few items a call takes longer than they do.
  sortItems(items, 4, 4 + buffer.length);
  for (const [i, run] of present.entries()) items.set(run, 4 + buffer.length + k * i);
  const bytes = header(new Uint8Array(items.buffer), k, false);
  new DataView(bytes.buffer).setBigUint64(8, BigInt(n), true);
  return bytes;
}

function header(bytes: Uint8Array<ArrayBuffer>, k: number, isEmpty: boolean): typeof bytes {
  bytes[0] = isEmpty ? 1 : 2;
  bytes[1] = VERSION;
  bytes[2] = FAMILY;
  bytes[3] = FLAGS + (isEmpty ? EMPTY : 0);
  bytes[4] = k & 0xff;
  bytes[5] = k >>> 8;
  return bytes;
}

/** The sketch of an image. Throws CorruptSketchError for anything else than serial version 3. */
export function readQuantilesImage(bytes: Uint8Array): QuantilesSketch {
  if (bytes.length < 8) throw damaged(`${bytes.length} bytes hold no header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = bytes[3]!;
  const k = view.getUint16(4, true);
  if (bytes[1] !== VERSION) throw damaged(`serial version ${bytes[1]}, want ${VERSION}`);
  if (bytes[2] !== FAMILY) throw damaged(`family ${bytes[2]}, want ${FAMILY}`);
  if (!isQuantilesK(k)) throw damaged(`k ${k}`);
  if ((flags & EMPTY) !== 0) return new QuantilesSketch(k);
  if (bytes[0] !== 2) throw damaged(`a preamble of ${bytes[0]} longs`);
  if (bytes.length < 32) throw damaged(`${bytes.length} bytes cut the preamble`);
  const n = Number(view.getBigUint64(8, true));
  if (n === 0 || n > MAX_N) throw damaged(`n ${n}`);
  const items = doublesOf(bytes.subarray(16));
  const extremes = { min: items[0]!, max: items[1]! };
  const buffered = n % (2 * k);
  const isCompact = (flags & COMPACT) !== 0;
  const { runs, end } = readRuns(items.subarray(2), k, n, isCompact);
  if (end > items.length - 2 || (isCompact && bytes.length !== 32 + 8 * end)) {
    throw damaged(`${bytes.length} bytes do not hold ${n} items of k ${k}`);
  }
  const buffer = items.slice(2, 2 + buffered);
  for (const run of [buffer, ...runs]) if (run !== null) checkItems(run, extremes, run !== buffer);
  return QuantilesSketch.of(k, extremes, buffer, runs);
}

/** As they lie, or a copy where they lie as doubles must not. Little-endian, as every machine is that we run on. */
function doublesOf(bytes: Uint8Array): Float64Array {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  return new Float64Array(aligned.buffer, aligned.byteOffset, Math.floor(bytes.length / 8));
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
  let end = isCompact || n < 2 * k ? buffered : 2 * k;
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
