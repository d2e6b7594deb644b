import { type FilterForm, type NumberTest, rangesOf, type Ternary } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import { anyOfRows, type Candidate, noRows, rangeSet } from './candidate.js';
import { numberPredicates } from './predicates.js';

/** The rows whose times pass, where rows are sorted by time: found by halving. */
export function rowsOfTimes(
  segment: Segment,
  { numbersOf }: Extract<FilterForm, { kind: 'values' }>,
  wanted: Ternary,
): Candidate | null {
  const time = segment.describe('__time');
  const test = numbersOf('LONG');
  if (!segment.sortedByTime || time === null || time.stats.hasNulls || test === null) return null;
  const predicates = numberPredicates(test, wanted);
  if (predicates === null) return null;
  const found = predicates.flatMap((predicate) =>
    predicate.kind === 'numbers' ? rowsWithin(segment, predicate) : [],
  );
  return found.length === 0 ? noRows : anyOfRows(found, segment.rowCount);
}

function rowsWithin(segment: Segment, test: Pick<NumberTest, 'ranges' | 'points'>): Candidate[] {
  return rangesOf(test).map(({ lower, upper, lowerStrict, upperStrict }) => {
    const from =
      lower === null ? 0 : firstRow(segment, (ms) => (lowerStrict ? ms > lower : ms >= lower));
    const to =
      upper === null
        ? segment.rowCount
        : firstRow(segment, (ms) => (upperStrict ? ms >= upper : ms > upper));
    const rows = rangeSet(from, to);
    return { estimate: Math.max(0, to - from), costNs: 0, rows: () => ({ rows, exact: true }) };
  });
}

/** The first row whose time passes a test that is false and then true along the rows. */
function firstRow(segment: Segment, passes: (timeMs: number) => boolean): number {
  const cursor = segment.cursor();
  let [from, to] = [0, segment.rowCount];
  while (from < to) {
    const middle = (from + to) >>> 1;
    cursor.row = middle;
    if (passes(cursor.timeMs())) to = middle;
    else from = middle + 1;
  }
  return from;
}
