import { countRows, intersectRows, type RowSet } from '../../indexes/index.js';
import { type Filter, TRUE } from '../../model/index.js';
import type { Columns } from '../compiler/columns.js';
import type { Candidate } from './candidate.js';
import { conjunctsOf } from './conjuncts.js';
import { FilterIndex } from './filter-index.js';
import { scanNsOf } from './scan-cost.js';
import { shareOf } from './share.js';

/**
 * How the rows of a segment that pass a filter are found:
 *
 *     nothing  there are none
 *     all      all rows pass
 *     bitmap   of the rows that indexes tell, `rowCount` in number, those that pass all of `rest` are the ones
 *     scan     they are the rows that pass all of `rest`
 *
 * `rest` is in the order in which it is best asked. `steps` tell how it came to that.
 */
export type FilterChoice = { readonly steps: readonly FilterStep[] } & (
  | { readonly kind: 'nothing' | 'all' }
  | {
      readonly kind: 'bitmap';
      readonly rows: RowSet;
      readonly rowCount: number;
      readonly rest: readonly Filter[];
    }
  | { readonly kind: 'scan'; readonly rest: readonly Filter[] }
);

/** One of the filters that all have to pass, in the order in which they were taken or are to be asked. */
export interface FilterStep {
  readonly filter: Filter;
  readonly by: 'index' | 'test';
  /** Rows of the segment that pass it, about. */
  readonly estimate: number;
  /** About how long it takes: to find the rows, or to test those that are left. */
  readonly costNs: number;
}

/** All rows are tested by one filter. */
export const scanBy = (filter: Filter, rowCount: number): FilterChoice => ({
  kind: 'scan',
  rest: [filter],
  steps: [{ filter, by: 'test', estimate: rowCount, costNs: rowCount * TEST_NS }],
});

/** About how many rows of a segment pass, as if one filter knew nothing of another. */
export function expectedRows(choice: FilterChoice, rowCount: number): number {
  if (choice.kind === 'nothing') return 0;
  const tested = choice.steps.filter(({ by }) => by === 'test');
  const share = tested.reduce((all, { estimate }) => (all * estimate) / rowCount, 1);
  return share * (choice.kind === 'bitmap' ? choice.rowCount : rowCount);
}

/** One filter of those that all have to pass. */
interface Conjunct {
  readonly filter: Filter;
  readonly candidate: Candidate | null;
  /** Its rows were taken. */
  readonly isTaken: boolean;
}

/** To test a row that others left. */
const TEST_NS = 60;

/** To go over rows that are left, each with all that is done with it, takes as long as to scan many. */
const SELECTIVE = 1 / 200;

/** As few rows are tested sooner than one more index is asked. */
const FEWEST_ROWS = 64;

/** Fewer rows than this are tested sooner than a dictionary is walked over to find out which they are. */
const FEW_ROWS = 2000;

/** The same segment, with the same indexes in memory, gets the same choice. */
export function chooseFilter(columns: Columns, filter: Filter): FilterChoice {
  const { scanMemory, lineage, isTransient } = columns.segment;
  // What grows has no indexes, nor have rows without a memory; and one scan is not worth it.
  const isLasting = scanMemory !== null && lineage === null && !isTransient;
  return isLasting ? new Chooser(columns).choose(filter) : scanBy(filter, columns.segment.rowCount);
}

class Chooser {
  readonly #index: FilterIndex;
  readonly #rowCount: number;
  #rows: RowSet | null = null;
  /** Rows that are left. */
  #left: number;
  readonly #steps: FilterStep[] = [];

  constructor(private readonly columns: Columns) {
    this.#index = new FilterIndex(columns);
    this.#rowCount = columns.segment.rowCount;
    this.#left = this.#rowCount;
  }

  choose(filter: Filter): FilterChoice {
    const rest = this.#narrowAll(conjunctsOf(filter));
    if (this.#left === 0) {
      // What is wrong with a condition is told whether rows are left to look at or not.
      if (!isOfValues(filter)) filter.predicate(this.columns.rows().source);
      return { kind: 'nothing', steps: this.#steps };
    }
    const asked = this.#ordered(rest);
    const steps = [...this.#steps, ...asked];
    const filters = asked.map((step) => step.filter);
    if (this.#rows !== null) {
      return { kind: 'bitmap', rows: this.#rows, rowCount: this.#left, rest: filters, steps };
    }
    return filters.length === 0 ? { kind: 'all', steps } : { kind: 'scan', rest: filters, steps };
  }

  /** Takes what indexes tell; gives the conjuncts that are left to be tested. */
  #narrowAll(filters: readonly Filter[]): Conjunct[] {
    const needle = this.columns.rules.isForced ? undefined : this.#needleOf(filters);
    let rest: Conjunct[] = [];
    if (needle !== undefined) {
      rest = this.#narrow([this.#conjunct(needle, false)]);
      const others = filters.filter((each) => each !== needle);
      if (this.#left <= FEWEST_ROWS) return [...rest, ...others.map(untold)];
      rest.push(...others.map((each) => this.#conjunct(each, false)));
    } else rest = filters.map((each) => this.#conjunct(each, false));
    rest = this.#narrow(rest);
    if (this.#left <= FEW_ROWS) return rest;
    return this.#narrow(
      rest.map((each) => (each.candidate ? each : this.#conjunct(each.filter, true))),
    );
  }

  /** The filter that passes the fewest rows, where statistics say that these are so few that no other needs to be asked. */
  #needleOf(filters: readonly Filter[]): Filter | undefined {
    const shares = filters.map((each) => shareOf(this.#described, each));
    const least = Math.min(...shares);
    return least * this.#rowCount <= FEWEST_ROWS ? filters[shares.indexOf(least)] : undefined;
  }

  #conjunct(filter: Filter, mayWalk: boolean): Conjunct {
    return { filter, candidate: this.#index.candidate(filter, TRUE, mayWalk), isTaken: false };
  }

  /** Takes rows of conjuncts where that is cheaper than to test them, the fewest first; gives those that are left to be tested. */
  #narrow(conjuncts: readonly Conjunct[]): Conjunct[] {
    const order = [...conjuncts].sort((a, b) => this.#estimate(a) - this.#estimate(b));
    return order.flatMap((each): Conjunct[] => {
      if (each.candidate === null || each.isTaken || !this.#isWorth(each, each.candidate))
        return [each];
      const answer = each.candidate.rows();
      if (answer === null) return [each];
      this.#take(answer.rows);
      const { estimate, costNs } = each.candidate;
      this.#steps.push({ filter: each.filter, by: 'index', estimate, costNs });
      return answer.exact ? [] : [{ ...each, isTaken: true }];
    });
  }

  readonly #described = (name: string) => {
    if (this.columns.virtual(name) !== null) return undefined;
    return this.columns.segment.describe(name);
  };

  #estimate({ candidate }: Conjunct): number {
    return candidate?.estimate ?? this.#rowCount;
  }

  #isWorth({ filter }: Conjunct, { estimate, costNs }: Candidate): boolean {
    if (this.columns.rules.isForced || estimate === 0 || costNs === 0) return true;
    if (this.#rows === null && estimate <= SELECTIVE * this.#rowCount) return true;
    return costNs <= this.#testNs(scanNsOf(this.columns, filter));
  }

  /** To test what is left: all rows at so much a row, or those that are left one by one. */
  #testNs(scanNs: number): number {
    return Math.min(this.#rowCount * scanNs, this.#left * TEST_NS);
  }

  #take(rows: RowSet): void {
    const count = countRows(rows);
    if (count === this.#rowCount) return;
    this.#rows = this.#rows === null ? rows : intersectRows(this.#rows, rows, this.#rowCount);
    this.#left = this.#rows === rows ? count : countRows(this.#rows);
  }

  /** By what they cost for each row that they leave out. */
  #ordered(conjuncts: readonly Conjunct[]): FilterStep[] {
    const ranked = conjuncts.map(({ filter, candidate }) => {
      const share = candidate
        ? candidate.estimate / this.#rowCount
        : shareOf(this.#described, filter, this.#index.sketchedShare);
      const scanNs = scanNsOf(this.columns, filter);
      const rank = scanNs / Math.max(1e-3, 1 - share);
      const estimate = Math.round(share * this.#rowCount);
      const costNs = this.#testNs(scanNs);
      return { rank, step: { filter, by: 'test', estimate, costNs } as const };
    });
    return ranked.sort((a, b) => a.rank - b.rank).map(({ step }) => step);
  }
}

const untold = (filter: Filter): Conjunct => ({ filter, candidate: null, isTaken: false });

/** Whether a filter compares values of columns, and nothing else: this can be done whatever their types are. */
function isOfValues({ form }: Filter): boolean {
  switch (form?.kind) {
    case 'and':
    case 'or':
      return form.filters.every(isOfValues);
    case 'not':
    case 'is':
      return isOfValues(form.filter);
    default:
      return form?.kind === 'values' || form?.kind === 'constant';
  }
}
