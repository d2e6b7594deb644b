import type { ArenaStore, Place } from './arena-store.js';

const ENTRIES_PER_CHUNK = 1024;
/** Words of an entry: page, offset in the page, length. */
const ENTRY_WORDS = 3;
/** The length of an entry that is null. */
const NULL_LENGTH = 0xffffffff;
const FIRST_PAGE_BYTES = 1 << 12;
const LAST_PAGE_BYTES = 1 << 20;

/** A heap as another thread reads it. */
export interface ByteHeapHandle {
  readonly entries: readonly Place[];
  readonly pages: readonly Place[];
}

/**
 * Byte strings of any length by number, in an arena: texts of a dictionary, lists, sketches.
 *
 *     entry i   words 3i … 3i+2 of the entry chunks (1024 entries each): page u32, offset in the
 *               page u32, length u32; length 0xffffffff is null
 *     pages     4 KiB, doubling up to 1 MiB; a longer string has a page of its own
 *
 * Nothing is ever moved or changed below the number of entries that a snapshot knows of.
 */
export class ByteHeap {
  readonly #entryPlaces: Place[] = [];
  readonly #entries: Uint32Array[] = [];
  readonly #pages: Place[] = [];
  #page: Uint8Array = new Uint8Array(0);
  #pageIndex = 0;
  #used = 0;
  #nextPageBytes = FIRST_PAGE_BYTES;

  constructor(private readonly store: ArenaStore) {}

  /** Makes `bytes` the content of entry `index`; earlier bytes of it are left behind. */
  set(index: number, bytes: Uint8Array | null): void {
    const entries = this.#entryChunk(index);
    const at = ENTRY_WORDS * (index % ENTRIES_PER_CHUNK);
    if (bytes === null) {
      entries[at + 2] = NULL_LENGTH;
      return;
    }
    this.#reserve(bytes.length);
    this.#page.set(bytes, this.#used);
    entries[at] = this.#pageIndex;
    entries[at + 1] = this.#used;
    entries[at + 2] = bytes.length;
    // Lists are words: every entry begins at a multiple of four.
    this.#used = Math.min(this.#page.length, Math.ceil((this.#used + bytes.length) / 4) * 4);
  }

  handle(): ByteHeapHandle {
    return { entries: this.#entryPlaces.slice(), pages: this.#pages.slice() };
  }

  #entryChunk(index: number): Uint32Array {
    const chunk = Math.floor(index / ENTRIES_PER_CHUNK);
    while (this.#entries.length <= chunk) {
      const place = this.store.allocate(4 * ENTRY_WORDS * ENTRIES_PER_CHUNK);
      this.#entryPlaces.push(place);
      this.#entries.push(entriesAt(place));
    }
    return this.#entries[chunk]!;
  }

  #reserve(sizeBytes: number): void {
    if (this.#pages.length > 0 && this.#used + sizeBytes <= this.#page.length) return;
    const pageBytes = Math.max(this.#nextPageBytes, sizeBytes);
    const place = this.store.allocate(pageBytes);
    this.#nextPageBytes = Math.min(LAST_PAGE_BYTES, 2 * this.#nextPageBytes);
    this.#page = new Uint8Array(place.memory.buffer, place.offset, pageBytes);
    this.#pageIndex = this.#pages.length;
    this.#pages.push(place);
    this.#used = 0;
  }
}

function entriesAt({ memory, offset }: Place): Uint32Array {
  return new Uint32Array(memory.buffer, offset, ENTRY_WORDS * ENTRIES_PER_CHUNK);
}

/** Reads a heap through its handle, in any thread. */
export class ByteHeapReader {
  readonly #entries: Uint32Array[];

  constructor(private readonly handle: ByteHeapHandle) {
    this.#entries = handle.entries.map(entriesAt);
  }

  /** A view of entry `index`, null when it is null. */
  bytes(index: number): Uint8Array | null {
    const entries = this.#entries[Math.floor(index / ENTRIES_PER_CHUNK)]!;
    const at = ENTRY_WORDS * (index % ENTRIES_PER_CHUNK);
    const length = entries[at + 2]!;
    if (length === NULL_LENGTH) return null;
    const { memory, offset } = this.handle.pages[entries[at]!]!;
    return new Uint8Array(memory.buffer, offset + entries[at + 1]!, length);
  }
}
