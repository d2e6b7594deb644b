/** What happened to a cache since it was made, and what it holds. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  /** Entries that made room for others. */
  readonly evictions: number;
  readonly entries: number;
  readonly bytes: number;
}

interface Entry<V> {
  readonly value: V;
  readonly bytes: number;
}

/** Of an entry, beside its value and the characters of its key: objects, and its place in the map. */
const ENTRY_BYTES = 160;

/** What an entry takes that has this key and a value of so many bytes. */
export const entryBytes = (key: string, valueBytes: number): number =>
  ENTRY_BYTES + key.length + valueBytes;

/** Values by ASCII text, bounded in bytes: those that nobody asked for longest leave first. */
export class ByteCache<V> {
  /** The one asked for longest ago first. */
  readonly #entries = new Map<string, Entry<V>>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly maxEntryBytes: number,
  ) {}

  get counts(): CacheCounts {
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      entries: this.#entries.size,
      bytes: this.#bytes,
    };
  }

  /** More than this is not taken. */
  get mostValueBytes(): number {
    return Math.min(this.maxBytes, this.maxEntryBytes);
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Adds a value, or puts it in the place of another one. Tells whether there is room for it. */
  add(key: string, value: V, valueBytes: number): boolean {
    this.#remove(key);
    const bytes = entryBytes(key, valueBytes);
    if (valueBytes > this.maxEntryBytes || bytes > this.maxBytes) return false;
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.maxBytes) break;
      this.#remove(oldest);
      this.#evictions++;
    }
    return true;
  }

  /** Counts somebody who asked, and whether there was an answer. */
  count(isHit: boolean): void {
    if (isHit) this.#hits++;
    else this.#misses++;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
}
