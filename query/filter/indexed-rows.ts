import { rowsIn } from '../../indexes/index.js';
import { TRUE } from '../../model/index.js';
import type { Segment } from '../../segments/index.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan, RowGrouper } from '../interpreter/group-rows.js';
import { SharedGroups } from '../interpreter/shared-groups.js';
import type { RowRange } from '../interpreter/target.js';
import { type OpenScan, type RowSelector, walk } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import type { FilterChoice } from './filter-choice.js';
import { filterChoice } from './known-choice.js';

/** As few rows are read one by one in less time than it takes to write a kernel for them. */
export const FEW_ROWS = 1000;

/** Whether a kernel for a segment's rows is worth the time to write it, and the memory that it holds. */
export const isWorthAKernel = ({ rowCount }: Segment, { context }: BaseQuery): boolean =>
  rowCount > FEW_ROWS || context.forceKernels;

/**
 * Finds rows by what indexes tell, and asks the filters that are left row by row. Null where there are no such rows, or too many
 * to ask.
 */
export function indexedSelector(
  scan: OpenScan,
  query: BaseQuery,
  fewRows = FEW_ROWS,
): RowSelector | null {
  const choice = filterChoice(scan.target, query);
  if (choice.kind === 'nothing') return NONE;
  if (choice.kind !== 'bitmap') return null;
  return choice.rest.length > 0 && choice.rowCount > fewRows ? null : selectorOf(scan, choice);
}

const NONE: RowSelector = {
  isCompiled: true,
  maxRows: Number.POSITIVE_INFINITY,
  select: () => new Uint32Array(),
};

function selectorOf(
  { cursor, source }: OpenScan,
  { rows, rest }: Extract<FilterChoice, { kind: 'bitmap' }>,
): RowSelector {
  const predicates = rest.map((filter) => filter.predicate(source));
  const passes = (row: number): boolean => {
    cursor.row = row;
    return predicates.every((predicate) => predicate() === TRUE);
  };
  return {
    isCompiled: true,
    maxRows: Number.POSITIVE_INFINITY,
    select(from, to) {
      const within = rowsIn(rows, from, to);
      return predicates.length === 0 ? within : within.filter(passes);
    },
  };
}

/** Groups the rows of a target where indexes leave few of them, into what the target shares with others; null where they do not. */
export function indexedGroups(
  scan: OpenScan,
  query: BaseQuery,
  plan: GroupPlan,
  fewRows = FEW_ROWS,
): GroupPartial | 'shared' | null {
  const choice = filterChoice(scan.target, query);
  if (choice.kind === 'bitmap' ? choice.rowCount > fewRows : choice.kind !== 'nothing') return null;
  const selector = indexedSelector(scan, query, fewRows)!;
  const { target } = scan;
  const joined = { ...scan, target: { ...target, ranges: () => joinedRanges(target.ranges()) } };
  const shared = target.shared ?? new SharedGroups();
  let grouper: RowGrouper | null = null;
  const result = walk(joined, selector, () => {
    grouper ??= shared.grouper(scan, plan);
    grouper.add();
  });
  shared.add(scan, plan, result);
  return target.shared === undefined ? shared.take() : 'shared';
}

/** Ranges that meet as one: each costs as much as some rows. */
function joinedRanges(ranges: Iterable<RowRange>): RowRange[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of ranges) {
    const last = joined.at(-1);
    if (last?.to === from) last.to = to;
    else joined.push({ from, to });
  }
  return joined;
}
