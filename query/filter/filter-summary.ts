import { stringifyJson } from '../../core/index.js';
import type { FilterReport } from './filter-report.js';

/** How the rows of a query's filter were found in all segments, as JSON. */
export interface FilterSummaryJson {
  /** Segments by how the rows were found in them. */
  readonly segments: Readonly<Record<FilterReport['kind'] | 'pruned', number>>;
  /** The filters that all had to pass, in the order in which they were mostly asked. */
  readonly conjuncts: readonly ConjunctJson[];
  /** One by one those that were not pruned, in their order. */
  readonly bySegment: readonly SegmentJson[];
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

interface SegmentJson {
  readonly segment: string;
  readonly choice: FilterReport['kind'];
  readonly rowsExpected: number;
  /** In the order in which they were asked here. */
  readonly steps: readonly StepJson[];
}

interface StepJson {
  /** Its place among `conjuncts`. */
  readonly conjunct: number;
  readonly by: 'index' | 'test';
  readonly estimatedRows: number;
  /** What it was thought to take, in microseconds. */
  readonly costUs: number;
}

type Known = Pick<FilterReport, 'kind' | 'rowsExpected' | 'steps'> & { readonly segment: string };

interface Conjunct {
  readonly filter: unknown;
  /** Of its places in the order: the sum of them. */
  places: number;
  byIndex: number;
  byTest: number;
  estimatedRows: number;
  rowsLeft: number;
}

/** A report of a segment, as it goes to another process: what is of the same part of the query has the same number. */
export interface ToldFilter {
  readonly part: number;
  readonly segment: string;
  readonly report: FilterReport;
}

/** Adds reports up. */
export class FilterSummary {
  readonly #added: {
    readonly part: object;
    readonly segment: string;
    readonly report: FilterReport;
  }[] = [];
  readonly #conjuncts = new Map<string, Conjunct>();
  /** By what stands for a segment. */
  readonly #segments = new Map<object, Known>();

  /** `part` stands for the one that the job is of: others of its jobs add their rows only. */
  add(part: object, segment: string, report: FilterReport): void {
    const { kind, rowsExpected, steps } = report;
    this.#added.push({ part, segment, report });
    const isFirst = !this.#segments.has(part);
    if (isFirst) this.#segments.set(part, { segment, kind, rowsExpected, steps });
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

  /** All that was added. */
  told(): ToldFilter[] {
    const numbers = new Map<object, number>();
    return this.#added.map(({ part, segment, report }) => {
      const number = numbers.get(part) ?? numbers.size;
      numbers.set(part, number);
      return { part: number, segment, report };
    });
  }

  json(pruned: number): FilterSummaryJson {
    const known = [...this.#segments.values()];
    const count = (wanted: FilterReport['kind']) =>
      known.filter(({ kind }) => kind === wanted).length;
    const placeOf = ({ places, byIndex, byTest }: Conjunct) => places / (byIndex + byTest);
    const conjuncts = [...this.#conjuncts].sort(([, a], [, b]) => placeOf(a) - placeOf(b));
    const places = new Map(conjuncts.map(([key], place) => [key, place]));
    return {
      segments: {
        pruned,
        nothing: count('nothing'),
        all: count('all'),
        bitmap: count('bitmap'),
        scan: count('scan'),
      },
      conjuncts: conjuncts.map(([, { places: _, ...conjunct }]) => conjunct),
      bySegment: known.map((each) => segmentJson(each, places)),
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

const tenths = (value: number): number => Math.round(10 * value) / 10;

function segmentJson(
  { segment, kind, rowsExpected, steps }: Known,
  places: ReadonlyMap<string, number>,
): SegmentJson {
  return {
    segment,
    choice: kind,
    rowsExpected: tenths(rowsExpected),
    steps: steps.map(({ filter, by, estimate, costNs }) => ({
      conjunct: places.get(stringifyJson(filter))!,
      by,
      estimatedRows: estimate,
      costUs: tenths(costNs / 1000),
    })),
  };
}
