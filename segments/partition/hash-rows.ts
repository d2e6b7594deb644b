import { utf8Encode } from '../../core/index.js';
import type { Cell } from '../cells.js';
import { bucketOfKey, cellJson, memberJson } from './bucket-hash.js';
import type { PartitionColumn } from './partition-column.js';

/** The bucket of each row by its values of the columns. */
export function hashRows(
  columns: readonly PartitionColumn[],
  rowCount: number,
  numBuckets: number,
): Uint32Array {
  const key = new KeyBytes();
  const lists = columns.map(({ ids, cells }) => ({ ids, pieces: cells.map(encoded(cellJson)) }));
  const buckets = new Uint32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    key.clear();
    for (const { ids, pieces } of lists) {
      key.add(key.length === 0 ? OPEN : COMMA);
      key.add(pieces[ids[row]!]!);
    }
    key.add(CLOSE);
    buckets[row] = bucketOfKey(key.bytes, key.length, numBuckets);
  }
  return buckets;
}

/** The same by time and all columns. */
export function hashWholeRows(
  times: Float64Array,
  columns: readonly PartitionColumn[],
  numBuckets: number,
): Uint32Array {
  const key = new KeyBytes();
  const members = [...columns]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, ids, cells }) => ({
      ids,
      pieces: cells.map(encoded((cell) => memberJson(name, cell))),
    }));
  const buckets = new Uint32Array(times.length);
  for (let row = 0; row < times.length; row++) {
    key.clear();
    key.add(utf8Encode(`[${times[row]},{`));
    let isFirst = true;
    for (const { ids, pieces } of members) {
      const piece = pieces[ids[row]!]!;
      if (piece.length === 0) continue;
      if (!isFirst) key.add(COMMA);
      key.add(piece);
      isFirst = false;
    }
    key.add(CLOSE_BOTH);
    buckets[row] = bucketOfKey(key.bytes, key.length, numBuckets);
  }
  return buckets;
}

const encoded =
  (json: (cell: Cell) => string) =>
  (cell: Cell): Uint8Array =>
    utf8Encode(json(cell));

const OPEN = utf8Encode('[');
const COMMA = utf8Encode(',');
const CLOSE = utf8Encode(']');
const CLOSE_BOTH = utf8Encode('}]');

/** Bytes put together one row after another, in the same room. */
class KeyBytes {
  bytes = new Uint8Array(256);
  length = 0;

  clear(): void {
    this.length = 0;
  }

  add(piece: Uint8Array): void {
    const end = this.length + piece.length;
    if (end > this.bytes.length) {
      const larger = new Uint8Array(2 * end);
      larger.set(this.bytes);
      this.bytes = larger;
    }
    this.bytes.set(piece, this.length);
    this.length = end;
  }
}
