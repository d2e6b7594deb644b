import { type Filter, TRUE } from '../../model/index.js';
import type { RowRange, ScanTarget } from '../interpreter/target.js';
import { openScan, RowWalk } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import { expectedRows, type FilterChoice, type FilterStep } from './filter-choice.js';
import { filterChoice } from './known-choice.js';

/** How the rows of one job were found, for those who ask. */
export interface FilterReport {
  readonly job: number;
  readonly kind: FilterChoice['kind'];
  /** Rows of the segment that were expected to pass. */
  readonly rowsExpected: number;
  readonly steps: readonly ReportedStep[];
}

export interface ReportedStep extends Omit<FilterStep, 'filter'> {
  /** Its JSON. */
  readonly filter: Filter['spec'];
  /** Rows of the job that pass it and those before it. */
  readonly left: number;
}

/** Looks at every visible row of a job's range: this takes as long as to interpret the filter. */
export function filterReport(
  job: number,
  range: RowRange,
  target: Omit<ScanTarget, 'ranges' | 'extent'>,
  query: BaseQuery,
): FilterReport {
  const scan = openScan({ ...target, ranges: () => [range], extent: range }, query.virtualColumns);
  const choice = filterChoice(scan.target, query);
  const { kind, steps } = choice;
  const predicates = steps.map(({ filter }) => filter.predicate(scan.source));
  const left = steps.map(() => 0);
  const count = (row: number): void => {
    scan.cursor.row = row;
    for (let i = 0; i < predicates.length && predicates[i]!() === TRUE; i++) left[i]!++;
  };
  const walk = new RowWalk(scan, {
    isCompiled: false,
    maxRows: 1024,
    select(from, to) {
      for (let row = from; row < to; row++) count(row);
      return new Uint32Array();
    },
  });
  for (const _ of walk.pieces());
  const reported = steps.map(({ filter, ...step }, i) => ({
    ...step,
    filter: filter.spec,
    left: left[i]!,
  }));
  const rowsExpected = expectedRows(choice, target.segment.rowCount);
  return { job, kind, rowsExpected, steps: reported };
}
