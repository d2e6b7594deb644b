import { clearNull, nullBitmapBytes, setNull } from '../null-bitmap.js';
import type { ArenaStore, Place } from './arena-store.js';

/** Rows of a mutable column lie in chunks of this many; row r is entry `r & CHUNK_MASK` of chunk `r >>> CHUNK_SHIFT`. */
export const CHUNK_SHIFT = 13;
export const CHUNK_ROWS = 1 << CHUNK_SHIFT;
export const CHUNK_MASK = CHUNK_ROWS - 1;

/** Equal runs of bytes, added at the end as rows come. */
export class Chunks<View> {
  readonly places: Place[] = [];
  /** One view per chunk. */
  readonly views: View[] = [];

  constructor(
    private readonly store: ArenaStore,
    private readonly bytesPerRow: number,
    private readonly view: (place: Place) => View,
  ) {}

  /** Makes room for rows 0 … rowCount-1. */
  ensure(rowCount: number): void {
    while (this.places.length * CHUNK_ROWS < rowCount) {
      const place = this.store.allocate(CHUNK_ROWS * this.bytesPerRow);
      this.places.push(place);
      this.views.push(this.view(place));
    }
  }
}

export const wordsAt = ({ memory, offset }: Place): Uint32Array =>
  new Uint32Array(memory.buffer, offset, 2 * CHUNK_ROWS);

export const idsAt = ({ memory, offset }: Place): Uint32Array =>
  new Uint32Array(memory.buffer, offset, CHUNK_ROWS);

export const doublesAt = ({ memory, offset }: Place): Float64Array =>
  new Float64Array(memory.buffer, offset, CHUNK_ROWS);

export const floatsAt = ({ memory, offset }: Place): Float32Array =>
  new Float32Array(memory.buffer, offset, CHUNK_ROWS);

export const nullsAt = ({ memory, offset }: Place): Uint8Array =>
  new Uint8Array(memory.buffer, offset, nullBitmapBytes(CHUNK_ROWS));

/** Null bitmaps by chunk, made where the first null of a chunk comes. */
export class NullChunks {
  /** Null where no row of the chunk is null. */
  readonly places: (Place | null)[] = [];
  readonly #bitmaps: (Uint8Array | null)[] = [];
  any = false;

  constructor(private readonly store: ArenaStore) {}

  set(row: number): void {
    setNull(this.#bitmap(row >>> CHUNK_SHIFT), row & CHUNK_MASK);
    this.any = true;
  }

  /** Needed since a row may be written again after an append that failed. */
  clear(row: number): void {
    const bitmap = this.#bitmaps[row >>> CHUNK_SHIFT];
    if (bitmap) clearNull(bitmap, row & CHUNK_MASK);
  }

  #bitmap(chunk: number): Uint8Array {
    while (this.places.length <= chunk) {
      this.places.push(null);
      this.#bitmaps.push(null);
    }
    let bitmap = this.#bitmaps[chunk] ?? null;
    if (bitmap === null) {
      const place = this.store.allocate(nullBitmapBytes(CHUNK_ROWS));
      bitmap = nullsAt(place);
      this.places[chunk] = place;
      this.#bitmaps[chunk] = bitmap;
    }
    return bitmap;
  }
}
