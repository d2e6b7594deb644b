import { CorruptSketchError } from '../../core/index.js';
import { thetaUnion } from './theta-set.js';
import { MAX_THETA, MIN_LG_K, ThetaSketch } from './theta-sketch.js';

/**
 * The compact theta image of Apache DataSketches, serial version 3, little-endian. n = kept hashes.
 *
 *     offset  size  field
 *     0       1     preamble     u8, low 6 bits: its size in 8 bytes. 1 when empty or of one hash, 2 when exact, else 3
 *     1       1     version      u8, = 3
 *     2       1     family       u8, = 3 (compact); 2 is the table of a sketch under way
 *     3       1     lgNominal    u8, of tables
 *     4       1     lgSlots      u8, of tables
 *     5       1     flags        u8: 1 big-endian, 2 read only, 4 empty, 8 compact, 16 ordered, 32 one hash
 *     6       2     seedHash     u16, of the seed 9001; not read when empty
 *     8       4     n            u32, from a preamble of 2 on
 *     12      4     p            f32, = 1
 *     16      8     theta        u64, in a preamble of 3; else the greatest there is
 *     8·preamble 8n hashes       u64 each, ascending when ordered; of a table 2^lgSlots, 0 where free
 */
export function thetaImage(sketch: ThetaSketch): Uint8Array<ArrayBuffer> {
  const hashes = sketch.hashes();
  const { theta, isEmpty } = sketch;
  const count = hashes.length;
  const isExact = theta === MAX_THETA;
  const isSingle = count === 1 && isExact;
  const preamble = isEmpty || isSingle ? 1 : isExact ? 2 : 3;
  const bytes = new Uint8Array(8 * (preamble + count));
  const view = new DataView(bytes.buffer);
  bytes.set([preamble, VERSION, COMPACT, 0, 0, FLAGS + (isEmpty ? EMPTY : 0)]);
  if (isSingle) bytes[5] = FLAGS + SINGLE;
  view.setUint16(6, SEED_HASH, true);
  if (preamble > 1) {
    view.setUint32(8, count, true);
    view.setFloat32(12, 1, true);
  }
  if (preamble > 2) view.setBigUint64(16, theta, true);
  new BigUint64Array(bytes.buffer, 8 * preamble).set(hashes);
  return bytes;
}

/**
 * The sketch of an image, of which k hashes are kept; all of them unless `lgK` is given. Throws CorruptSketchError for
 * anything but serial versions 1 to 3 with the usual seed. Versions 1 and 2 had no flags, version 1 no seed hash, and always a
 * preamble of 3; a sketch without hashes was empty there.
 */
export function readThetaImage(bytes: Uint8Array, lgK?: number): ThetaSketch {
  if (bytes.length < 8) throw damaged(`${bytes.length} bytes hold no header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const preamble = bytes[0]! & 0x3f;
  const family = bytes[2]!;
  const flags = bytes[5]!;
  const version = bytes[1]!;
  if (version < 1 || version > VERSION) throw damaged(`serial version ${version}, want 1 to 3`);
  if (family !== COMPACT && family !== TABLE) throw damaged(`family ${family}, want 2 or 3`);
  if ((flags & BIG_ENDIAN) !== 0) throw damaged('big-endian images are not read');
  if (preamble < 1 || preamble > 3) throw damaged(`a preamble of ${preamble} longs`);
  if (version === VERSION ? (flags & EMPTY) !== 0 : preamble === 1) {
    return new ThetaSketch(lgK ?? MIN_LG_K);
  }
  const seedHash = view.getUint16(6, true);
  if (version > 1 && seedHash !== SEED_HASH)
    throw damaged(`made with another seed (its hash is ${seedHash})`);
  if (bytes.length < 8 * preamble) throw damaged(`${bytes.length} bytes cut the preamble`);
  const theta = preamble > 2 ? view.getBigUint64(16, true) : MAX_THETA;
  if (theta < 1n || theta > MAX_THETA) throw damaged(`theta ${theta}`);
  const count = preamble === 1 ? 1 : view.getUint32(8, true);
  const hashes = hashesFrom(bytes, 8 * preamble);
  const placeCount = family === TABLE ? 2 ** bytes[4]! : count;
  if (hashes === null || hashes.length !== placeCount || count > placeCount) {
    throw damaged(`${bytes.length} bytes do not hold ${count} hashes`);
  }
  const isEmpty = version < VERSION && count === 0 && theta === MAX_THETA;
  const enough = Math.max(MIN_LG_K, Math.ceil(Math.log2(count)));
  const sketch = ThetaSketch.of(Math.max(enough, lgK ?? 0), theta, hashes, isEmpty);
  // Of a table also hashes that theta has gone below of lie there; they do not count.
  if (sketch.count !== count) throw damaged(`${sketch.count} hashes below theta, want ${count}`);
  return lgK === undefined || lgK >= enough ? sketch : thetaUnion(lgK, [sketch]);
}

/** The hashes from an offset on, in bytes of their own; null when one is cut. */
function hashesFrom(bytes: Uint8Array, from: number): BigUint64Array | null {
  const copy = new Uint8Array(bytes.subarray(from));
  return copy.length % 8 === 0 ? new BigUint64Array(copy.buffer) : null;
}

const VERSION = 3;
const COMPACT = 3;
const TABLE = 2;
const BIG_ENDIAN = 1;
const EMPTY = 4;
const SINGLE = 32;
/** Read only, compact, ordered. */
const FLAGS = 2 | 8 | 16;
/** The low 16 bits of the hash of the 8 bytes of 9001, itself with seed 0. */
export const SEED_HASH = 0x93cc;

function damaged(detail: string): CorruptSketchError {
  return new CorruptSketchError('theta', detail);
}
