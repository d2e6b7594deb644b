import { CorruptSketchError } from '../../core/index.js';
import { SEED_HASH } from '../theta/theta-image.js';
import { MAX_THETA, MIN_LG_K } from '../theta/theta-sketch.js';
import { tupleUnion } from './tuple-set.js';
import { type TupleEntries, TupleSketch } from './tuple-sketch.js';

/**
 * The compact array-of-doubles image of Apache DataSketches, little-endian. n = kept entries, w = values of each.
 *
 *     offset   size  field
 *     0        1     preamble  u8, = 1
 *     1        1     version   u8, = 1
 *     2        1     family    u8, = 9 (tuple)
 *     3        1     type      u8, = 3 (array of doubles, compact)
 *     4        1     flags     u8: 1 big-endian, 4 empty, 8 has entries, 16 ordered
 *     5        1     w         u8
 *     6        2     seedHash  u16, of the seed 9001; not read without entries
 *     8        8     theta     u64
 *     16       4     n         u32; it and all that follows only with entries
 *     20       4     zero
 *     24       8n    hashes    u64 each, ascending when ordered
 *     24 + 8n  8nw   values    f64 each, entry by entry
 */
export function tupleImage(sketch: TupleSketch): Uint8Array<ArrayBuffer> {
  const { hashes, values } = sketch.entries();
  const count = hashes.length;
  const bytes = new Uint8Array(count === 0 ? 16 : 24 + hashes.byteLength + values.byteLength);
  const view = new DataView(bytes.buffer);
  const kind = (sketch.isEmpty ? EMPTY : 0) | (count > 0 ? HAS_ENTRIES : 0);
  bytes.set([1, 1, FAMILY, COMPACT, ORDERED | kind, sketch.width]);
  view.setUint16(6, SEED_HASH, true);
  view.setBigUint64(8, sketch.theta, true);
  if (count === 0) return bytes;
  view.setUint32(16, count, true);
  bytes.set(new Uint8Array(hashes.buffer), 24);
  bytes.set(new Uint8Array(values.buffer), 24 + 8 * count);
  return bytes;
}

/**
 * The sketch of an image, of which k entries are kept; all of them unless `lgK` is given. Throws CorruptSketchError for
 * anything but a compact image of the usual seed.
 */
export function readTupleImage(bytes: Uint8Array, lgK?: number): TupleSketch {
  if (bytes.length < 16) throw damaged(`${bytes.length} bytes hold no header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [, version, family, type, flags, width] = bytes;
  if (version !== 1 || family !== FAMILY || type !== COMPACT) {
    throw damaged(`version ${version}, family ${family}, type ${type}, want 1, 9 and 3`);
  }
  if ((flags! & BIG_ENDIAN) !== 0) throw damaged('big-endian images are not read');
  if (width === 0) throw damaged('no values');
  const isEmpty = (flags! & EMPTY) !== 0;
  const theta = view.getBigUint64(8, true);
  if (theta < 1n || theta > MAX_THETA) throw damaged(`theta ${theta}`);
  const entries = readEntries(view, (flags! & HAS_ENTRIES) !== 0, width!);
  const count = entries.hashes.length;
  if (isEmpty && count > 0) throw damaged(`empty with ${count} entries`);
  const enough = Math.max(MIN_LG_K, Math.ceil(Math.log2(Math.max(1, count))));
  const shape = { lgK: Math.max(enough, lgK ?? 0), width: width! };
  const sketch = TupleSketch.of(shape, theta, isEmpty, entries);
  if (sketch.count !== count) throw damaged(`${sketch.count} hashes below theta, want ${count}`);
  return lgK === undefined || lgK >= enough ? sketch : tupleUnion(lgK, width!, [sketch]);
}

function readEntries(view: DataView, areThere: boolean, width: number): TupleEntries {
  const { byteLength, buffer, byteOffset } = view;
  if (!areThere) {
    if (byteLength !== 16) throw damaged(`${byteLength} bytes, want 16 without entries`);
    return { hashes: new BigUint64Array(), values: new Float64Array() };
  }
  const seedHash = view.getUint16(6, true);
  if (seedHash !== SEED_HASH) throw damaged(`made with another seed (its hash is ${seedHash})`);
  const count = byteLength < 24 ? 0 : view.getUint32(16, true);
  const wanted = 24 + 8 * count * (1 + width);
  if (count === 0 || byteLength !== wanted) {
    throw damaged(`${byteLength} bytes, want ${wanted} of ${count} entries`);
  }
  const at = byteOffset + 24;
  const copy = buffer.slice(at, at + 8 * count * (1 + width)) as ArrayBuffer;
  return {
    hashes: new BigUint64Array(copy, 0, count),
    values: new Float64Array(copy, 8 * count),
  };
}

const FAMILY = 9;
const COMPACT = 3;
const BIG_ENDIAN = 1;
const EMPTY = 4;
const HAS_ENTRIES = 8;
const ORDERED = 16;

const damaged = (detail: string): CorruptSketchError => new CorruptSketchError('tuple', detail);
