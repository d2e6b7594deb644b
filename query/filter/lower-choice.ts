import type { RowSet } from '../../indexes/index.js';
import { type Filter, TRUE } from '../../model/index.js';
import type { Columns } from '../compiler/columns.js';
import { lowerFilter } from '../compiler/filters.js';
import { inMask } from '../compiler/planned-rows.js';
import { ALWAYS, allInOrder, NEVER, type Test } from '../compiler/tests.js';
import { chooseFilter, type FilterChoice } from './filter-choice.js';

/** Ranges of fewer rows on average are bits: each range takes a call. */
const MIN_RANGE_ROWS = 256;

/** A chosen filter as a test. */
export interface LoweredChoice {
  readonly test: Test;
  /** No other rows need to be visited; null: each may. */
  readonly only: RowSet | null;
}

/** Null when some part has to be interpreted. */
export function lowerChoice(columns: Columns, choice: FilterChoice): LoweredChoice | null {
  switch (choice.kind) {
    case 'nothing':
      return { test: NEVER, only: null };
    case 'all':
      return { test: ALWAYS, only: null };
    case 'scan': {
      const tests = lowerAll(columns, choice.rest);
      return tests && { test: allInOrder(tests), only: null };
    }
    case 'bitmap': {
      const tests = lowerAll(columns, choice.rest);
      if (tests === null) return null;
      const { rows, rowCount } = choice;
      const isVisited =
        rows.kind === 'ranges' && rowCount >= (MIN_RANGE_ROWS / 2) * rows.ranges.length;
      const own = isVisited ? tests : [maskOf(columns, rows), ...tests];
      return { test: allInOrder(own), only: rows };
    }
  }
}

/** A filter of an aggregator as a test: of rows that others let pass. Null when it has to be interpreted. */
export function lowerInner(columns: Columns, filter: Filter): Test | null {
  // What depends on time alone is the same for whole runs of rows.
  if (filter.inputs.every((name) => name === '__time')) return lowerFilter(columns, filter, TRUE);
  const choice = chooseFilter(columns, filter);
  if (choice.kind !== 'bitmap') return lowerChoice(columns, choice)?.test ?? null;
  const tests = lowerAll(columns, choice.rest);
  return tests && allInOrder([maskOf(columns, choice.rows), ...tests]);
}

function maskOf(columns: Columns, rows: RowSet): Test {
  return inMask(columns.masks.push(rows) - 1);
}

function lowerAll(columns: Columns, filters: readonly Filter[]): Test[] | null {
  const tests = filters.map((filter) => lowerFilter(columns, filter, TRUE));
  return tests.includes(null) ? null : (tests as Test[]);
}
