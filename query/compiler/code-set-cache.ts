import type { Segment } from '../../segments/index.js';
import { bytesOfSet, type CodeSet } from './code-set.js';

const MAX_BYTES = 32 * 2 ** 20;

/** Bytes that an entry takes beside its set. */
const ENTRY_BYTES = 256;

/**
 * Sets of codes that took a walk over a dictionary to find, kept for further queries. Those unused for longest
 * go when all of them take more than `maxBytes`.
 */
export class CodeSetCache {
  readonly #sets = new Map<string, CodeSet>();
  readonly #numbers = new WeakMap<Segment, number>();
  #segments = 0;
  #bytes = 0;

  constructor(private readonly maxBytes = MAX_BYTES) {}

  get size(): number {
    return this.#sets.size;
  }

  /** The set that `name` stands for in a segment. */
  get(segment: Segment, name: string, make: () => CodeSet): CodeSet {
    const key = `${this.#numberOf(segment)} ${name}`;
    const known = this.#sets.get(key);
    const set = known ?? make();
    if (known === undefined) this.#bytes += costOf(key, set);
    else this.#sets.delete(key);
    this.#sets.set(key, set);
    for (const [oldest, old] of this.#sets) {
      if (this.#bytes <= this.maxBytes) break;
      this.#sets.delete(oldest);
      this.#bytes -= costOf(oldest, old);
    }
    return set;
  }

  #numberOf(segment: Segment): number {
    const known = this.#numbers.get(segment) ?? this.#segments++;
    this.#numbers.set(segment, known);
    return known;
  }
}

const costOf = (key: string, set: CodeSet): number =>
  ENTRY_BYTES + 2 * key.length + bytesOfSet(set);
