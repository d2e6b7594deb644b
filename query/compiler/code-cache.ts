import type { Segment } from '../../segments/index.js';

const MAX_BYTES = 32 * 2 ** 20;

/** Bytes that an entry takes beside its value. */
const ENTRY_BYTES = 256;

/**
 * What it took work to find out about a segment, such as a walk over the codes of a column, kept for further queries. Values unused for longest
 * go when all of them take more than `maxBytes`.
 */
export class CodeCache<V> {
  readonly #values = new Map<string, V>();
  readonly #numbers = new WeakMap<object, number>();
  #segments = 0;
  #bytes = 0;

  constructor(
    private readonly bytesOf: (value: V) => number,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  get size(): number {
    return this.#values.size;
  }

  /**
   * The value that `name` stands for in a segment; kept unless the segment is transient. Of a segment that grows it
   * may be that of an earlier snapshot, unless it does not hold any more: then `make` is given it.
   */
  get(
    segment: Segment,
    name: string,
    make: (earlier: V | null) => V,
    holds: (value: V) => boolean = () => true,
  ): V {
    if (segment.isTransient) return make(null);
    const key = `${this.#numberOf(segment.lineage ?? segment)} ${name}`;
    const known = this.#values.get(key);
    const value = known !== undefined && holds(known) ? known : make(known ?? null);
    if (known !== undefined) this.#bytes -= this.#costOf(key, known);
    this.#bytes += this.#costOf(key, value);
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const [oldest, old] of this.#values) {
      if (this.#bytes <= this.maxBytes) break;
      this.#values.delete(oldest);
      this.#bytes -= this.#costOf(oldest, old);
    }
    return value;
  }

  #numberOf(segment: object): number {
    const known = this.#numbers.get(segment) ?? this.#segments++;
    this.#numbers.set(segment, known);
    return known;
  }

  #costOf(key: string, value: V): number {
    return ENTRY_BYTES + 2 * key.length + this.bytesOf(value);
  }
}
