import { stringifyJson } from '../../core/index.js';
import type { FilterReport } from './filter-report.js';

/** How the rows of a query's filter were found in all segments, as JSON. */
export interface FilterSummaryJson {
  /** Segments by how the rows were found in them. */
  readonly segments: Readonly<Record<FilterReport['kind'] | 'pruned', number>>;
  /** The filters that all had to pass, in the order in which they were asked. */
  readonly conjuncts: readonly ConjunctJson[];
}

interface ConjunctJson {
  readonly filter: unknown;
  /** In how many segments an index told the rows, and in how many rows were tested. */
  readonly byIndex: number;
  readonly byTest: number;
  /** Rows that pass it alone, about, of the segments where it was asked. */
  readonly estimatedRows: number;
  /** Rows that pass it and those that were asked before it. */
  readonly rowsLeft: number;
}

interface Conjunct {
  readonly filter: unknown;
  /** Of its places in the order: the sum of them, and how many there are. */
  places: number;
  byIndex: number;
  byTest: number;
  estimatedRows: number;
  rowsLeft: number;
}

/** Adds reports up. */
export class FilterSummary {
  readonly #kinds = { nothing: 0, all: 0, bitmap: 0, scan: 0 };
  readonly #conjuncts = new Map<string, Conjunct>();
  readonly #seen = new Set<object>();

  /** `segment` stands for the one that the job is of: others of its jobs add their rows only. */
  add(segment: object, { kind, steps }: FilterReport): void {
    const isFirst = !this.#seen.has(segment);
    this.#seen.add(segment);
    if (isFirst) this.#kinds[kind]++;
    for (const [place, { filter, by, estimate, left }] of steps.entries()) {
      const conjunct = this.#conjunct(filter);
      conjunct.rowsLeft += left;
      if (!isFirst) continue;
      conjunct.places += place;
      conjunct.estimatedRows += estimate;
      if (by === 'index') conjunct.byIndex++;
      else conjunct.byTest++;
    }
  }

  json(pruned: number): FilterSummaryJson {
    const placeOf = ({ places, byIndex, byTest }: Conjunct) => places / (byIndex + byTest);
    const conjuncts = [...this.#conjuncts.values()].sort((a, b) => placeOf(a) - placeOf(b));
    return {
      segments: { pruned, ...this.#kinds },
      conjuncts: conjuncts.map(({ places: _, ...conjunct }) => conjunct),
    };
  }

  #conjunct(filter: unknown): Conjunct {
    const key = stringifyJson(filter);
    const known = this.#conjuncts.get(key) ?? {
      filter,
      places: 0,
      byIndex: 0,
      byTest: 0,
      estimatedRows: 0,
      rowsLeft: 0,
    };
    this.#conjuncts.set(key, known);
    return known;
  }
}
