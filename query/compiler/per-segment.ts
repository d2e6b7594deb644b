import { VarveError } from '../../core/index.js';
import type { Segment } from '../../segments/index.js';
import type { BaseQuery } from '../native/query.js';

interface Known<T> {
  readonly segment: Segment;
  readonly value: T | null;
}

/**
 * What a query comes to in a segment, worked out once; null where the interpreter has to do it. What an earlier
 * snapshot of a segment that grows came to is taken where it `holds` for a later one.
 */
export class PerSegment<T> {
  readonly #known = new WeakMap<BaseQuery, WeakMap<object, Known<T>>>();

  constructor(private readonly holds: (value: T, segment: Segment) => boolean) {}

  get(query: BaseQuery, segment: Segment, make: () => T | null): T | null {
    let bySegment = this.#known.get(query);
    if (bySegment === undefined) {
      bySegment = new WeakMap();
      this.#known.set(query, bySegment);
    }
    const key = segment.lineage ?? segment;
    const known = bySegment.get(key);
    if (known !== undefined && this.#isStill(known, segment)) return known.value;
    const value = unlessRefused(make);
    bySegment.set(key, { segment, value });
    return value;
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
