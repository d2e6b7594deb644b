import { VarveError } from '../../core/index.js';
import type { Segment } from '../../segments/index.js';
import type { BaseQuery } from '../native/query.js';

interface Known<T> {
  readonly segment: Segment;
  readonly value: T | null;
}

/** A plan that was taken apart takes some ten kilobytes. */
const MAX_KNOWN = 8192;

/**
 * What a query comes to in a segment, worked out once; null where the interpreter has to do it. What an earlier
 * snapshot of a segment that grows came to is taken where it `holds` for a later one. Goes with the query or the segment, and all of it
 * when it is too much: many queries over many segments are no reason to run out of memory.
 */
export class PerSegment<T> {
  #known = new WeakMap<BaseQuery, WeakMap<object, Known<T>>>();
  #made = 0;

  constructor(
    private readonly holds: (value: T, segment: Segment) => boolean,
    private readonly maxKnown = MAX_KNOWN,
  ) {}

  get(query: BaseQuery, segment: Segment, make: () => T | null): T | null {
    const key = segment.lineage ?? segment;
    const known = this.#known.get(query)?.get(key);
    if (known !== undefined && this.#isStill(known, segment)) return known.value;
    const value = unlessRefused(make);
    this.#remember(query, key, { segment, value });
    return value;
  }

  #remember(query: BaseQuery, key: object, known: Known<T>): void {
    if (++this.#made > this.maxKnown) {
      this.#known = new WeakMap();
      this.#made = 1;
    }
    const bySegment = this.#known.get(query) ?? new WeakMap<object, Known<T>>();
    this.#known.set(query, bySegment);
    bySegment.set(key, known);
  }

  #isStill({ segment: known, value }: Known<T>, segment: Segment): boolean {
    if (known === segment) return true;
    if (known.sortedByTime !== segment.sortedByTime) return false;
    return value !== null && this.holds(value, segment);
  }
}

/** What is wrong for some value of a dictionary may be in no row: the interpreter finds out. */
export function unlessRefused<T>(lower: () => T | null): T | null {
  try {
    return lower();
  } catch (error) {
    if (error instanceof VarveError && ['user', 'unsupported'].includes(error.family)) return null;
    throw error;
  }
}
