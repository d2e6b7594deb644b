import { setBitmapBits } from '../bitmap/portable.js';
import { writeBitmap } from '../bitmap/roaring.js';
import { bytesOf, wordsOf } from '../blocks.js';
import type { BlockSink, LoadedBlocks, WrittenIndex } from '../types.js';
import { bitWords, clearTail } from './bits.js';
import { NO_ROWS, type RowSet } from './row-set.js';

const GAPS = 0;
const BITMAP = 1;

/** Lists of no more rows are never smaller as bitmaps: gaps take a byte each at least, and sets of 65,536 bits as many bytes as this. */
const BITMAP_ROWS = 8192;

const CHUNK_BYTES = 1 << 16;
/** A gap, or the head of a list. */
const VARINT_BYTES = 5;

/** The rows of each key, ascending and distinct: those of key i are `rows` from `starts[i]` to `starts[i + 1]`. */
export interface KeyRows {
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
}

/**
 * Rows by key as two blocks:
 *
 *     lists.bytes      a list per key; a key without rows has no bytes. Each begins with a varint: 2 × rows + form. Then
 *                        form 0    rows × varint: the first row, then for each row how many rows lie between it and the last one
 *                        form 1    a Roaring bitmap in the portable format, where that is smaller
 *     lists.offsets    (keys + 1) × u32: list i is bytes [offsets[i], offsets[i + 1])
 *
 * A varint has 7 bits a byte, the lowest first, and the eighth bit set in all but its last byte.
 */
export function writeRowLists(lists: KeyRows, sink: BlockSink): void {
  const offsets = new Uint32Array(lists.starts.length);
  sink.block('lists.bytes', encodeLists(lists, offsets));
  sink.block('lists.offsets', [bytesOf(offsets)]);
}

/** Fills `offsets` on the way. */
function* encodeLists({ starts, rows }: KeyRows, offsets: Uint32Array): Generator<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let used = 0;
  let total = 0;
  for (let key = 0; key + 1 < starts.length; key++) {
    const start = starts[key]!;
    const count = starts[key + 1]! - start;
    if (count > BITMAP_ROWS || used + VARINT_BYTES * (count + 1) > CHUNK_BYTES) {
      yield chunk.subarray(0, used);
      used = 0;
    }
    if (count > BITMAP_ROWS) {
      const list = encodeList(rows.subarray(start, start + count));
      total += list.length;
      yield list;
    } else if (count > 0) {
      const end = putGaps(chunk, used, rows, start, start + count);
      total += end - used;
      used = end;
    }
    offsets[key + 1] = total;
  }
  yield chunk.subarray(0, used);
}

/** In the smaller form. */
function encodeList(rows: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(VARINT_BYTES * (rows.length + 1));
  const gaps = bytes.subarray(0, putGaps(bytes, 0, rows, 0, rows.length));
  const bitmap = writeBitmap(rows);
  const head = new Uint8Array(VARINT_BYTES);
  const headBytes = putVarint(head, 0, 2 * rows.length + BITMAP);
  if (headBytes + bitmap.length >= gaps.length) return gaps;
  const list = new Uint8Array(headBytes + bitmap.length);
  list.set(head.subarray(0, headBytes));
  list.set(bitmap, headBytes);
  return list;
}

/** A list of form 0, `rows` from `from` to `to`; gives where it ends. */
function putGaps(
  bytes: Uint8Array,
  at: number,
  rows: Uint32Array,
  from: number,
  to: number,
): number {
  let end = putVarint(bytes, at, 2 * (to - from) + GAPS);
  let next = 0;
  for (let i = from; i < to; i++) {
    const row = rows[i]!;
    let gap = row - next;
    while (gap > 127) {
      bytes[end++] = gap | 128;
      gap >>>= 7;
    }
    bytes[end++] = gap;
    next = row + 1;
  }
  return end;
}

/** Up to 2^33, which a count of rows and a form make. */
function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let end = at;
  let rest = value;
  while (rest > 127) {
    bytes[end++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  bytes[end++] = rest;
  return end;
}

/** What is wrong with the two blocks in a directory; null when their lengths fit. */
export function checkRowLists({ blocks }: WrittenIndex, keys: number): string | null {
  const offsets = blocks.find(({ name }) => name === 'lists.offsets');
  if (blocks.every(({ name }) => name !== 'lists.bytes')) return 'block "lists.bytes" is missing';
  return offsets?.length === 4 * (keys + 1)
    ? null
    : 'block "lists.offsets" is missing or too short';
}

/** Reads lists where they lie. Bytes that no writer wrote make other rows, all of them below the row count. */
export class RowLists {
  readonly #bytes: Uint8Array;
  readonly #offsets: Uint32Array;
  readonly #rowCount: number;

  constructor(blocks: LoadedBlocks) {
    this.#bytes = blocks.bytes('lists.bytes');
    this.#offsets = wordsOf(blocks.bytes('lists.offsets'));
    this.#rowCount = blocks.rowCount;
  }

  get keyCount(): number {
    return this.#offsets.length - 1;
  }

  count(key: number): number {
    const head = this.#head(key);
    return head === null ? 0 : head.count;
  }

  /** A bitmap as bits, else the rows. */
  rows(key: number): RowSet {
    const head = this.#head(key);
    if (head === null) return NO_ROWS;
    if (head.form === GAPS) return { kind: 'rows', rows: this.#gaps(head) };
    const bits = new Uint32Array(bitWords(this.#rowCount));
    this.#addBitmap(head, bits, true);
    return { kind: 'bits', bits };
  }

  /** Sets the bits of the key's rows. */
  addTo(key: number, bits: Uint32Array): void {
    const head = this.#head(key);
    if (head === null) return;
    if (head.form === BITMAP) this.#addBitmap(head, bits, false);
    else this.#addGaps(head, bits);
  }

  #head(key: number): ListHead | null {
    const from = this.#offsets[key]!;
    const end = Math.min(this.#offsets[key + 1]!, this.#bytes.length);
    if (from >= end) return null;
    const headEnd = Math.min(from + VARINT_BYTES, end);
    let value = 0;
    let at = from;
    for (let scale = 1; at < headEnd; scale *= 128) {
      const byte = this.#bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    const form = value % 2;
    const most = form === GAPS ? Math.min(end - at, this.#rowCount) : this.#rowCount;
    return { form, count: Math.max(0, Math.min(Math.floor(value / 2), most)), at, end };
  }

  #gaps({ count, at, end }: ListHead): Uint32Array {
    const bytes = this.#bytes;
    const rows = new Uint32Array(count);
    let row = -1;
    let i = 0;
    for (let next = at; i < count && next < end; ) {
      let byte = bytes[next++]!;
      let gap = byte & 127;
      for (let shift = 7; byte > 127 && next < end; shift += 7) {
        byte = bytes[next++]!;
        gap |= (byte & 127) << shift;
      }
      row += 1 + (gap >>> 0);
      if (row >= this.#rowCount) break;
      rows[i++] = row;
    }
    return rows.subarray(0, i);
  }

  #addGaps(head: ListHead, bits: Uint32Array): void {
    const rows = this.#gaps(head);
    for (let i = 0; i < rows.length; i++) bits[rows[i]! >>> 5]! |= 1 << (rows[i]! & 31);
  }

  #addBitmap({ at, end }: ListHead, bits: Uint32Array, areFresh: boolean): void {
    setBitmapBits(this.#bytes, at, end, bits, areFresh);
    clearTail(bits, this.#rowCount);
  }
}

interface ListHead {
  readonly form: number;
  readonly count: number;
  /** Where its rows begin and end. */
  readonly at: number;
  readonly end: number;
}
