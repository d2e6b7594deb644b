import { VarveError } from '../../core/index.js';
import type { Segment } from '../../segments/index.js';
import type { BaseQuery } from '../native/query.js';

/** What a query comes to in a segment, worked out once; null where the interpreter has to do it. */
export class PerSegment<T> {
  readonly #known = new WeakMap<BaseQuery, WeakMap<Segment, T | null>>();

  get(query: BaseQuery, segment: Segment, make: () => T | null): T | null {
    let bySegment = this.#known.get(query);
    if (bySegment === undefined) {
      bySegment = new WeakMap();
      this.#known.set(query, bySegment);
    }
    let known = bySegment.get(segment);
    if (known === undefined) {
      known = unlessRefused(make);
      bySegment.set(segment, known);
    }
    return known;
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
