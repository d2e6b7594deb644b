import type { NamedLookup } from '../../model/index.js';
import { BoundedMap } from './bounded-map.js';

/** What a lookup was when queries asked it last. */
interface Asked {
  readonly contentId: string;
  queries: number[];
}

/**
 * The queries that a worker knows. Those of a version of a lookup are forgotten when a query of another version comes, so that nobody holds
 * pairs that are replaced. As with `BoundedMap`, two that see the same additions hold the same.
 */
export class KnownQueries<V> {
  readonly #queries: BoundedMap<number, V>;
  readonly #asked = new Map<string, Asked>();

  constructor(private readonly capacity: number) {
    this.#queries = new BoundedMap(capacity);
  }

  get(key: number): V | undefined {
    return this.#queries.get(key);
  }

  has(key: number): boolean {
    return this.#queries.has(key);
  }

  /** Adds a query that is not there yet. */
  add(key: number, lookups: readonly NamedLookup[], value: V): void {
    for (const { name, contentId } of lookups) {
      const before = this.#asked.get(name);
      const isSame = before?.contentId === contentId;
      if (!isSame) for (const old of before?.queries ?? []) this.#queries.delete(old);
      const queries = [...(isSame ? before.queries : []), key];
      // Names that nobody asks for any more go with their last query.
      this.#asked.set(name, { contentId, queries });
    }
    this.#queries.add(key, value);
    if (lookups.length > 0) this.#forgetOld();
  }

  #forgetOld(): void {
    for (const [name, asked] of this.#asked) {
      if (asked.queries.length > this.capacity || !this.#queries.has(asked.queries[0]!)) {
        asked.queries = asked.queries.filter((key) => this.#queries.has(key));
      }
      if (asked.queries.length === 0) this.#asked.delete(name);
    }
  }
}
