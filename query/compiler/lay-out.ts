import { bucketFinder } from '../interpreter/buckets.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import { type OpenScan, visibleRanges } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import { arrivalRuns } from './arrival-runs.js';
import { callKeysOf } from './call-keys.js';
import { mostKeys } from './filtered-keys.js';
import { type Layout, type LayoutFacts, layoutOf } from './layout.js';
import { type Lowered, timeValues } from './lowered.js';
import { unlessRefused } from './per-segment.js';
import { type RowRuns, type RunOptions, rowRuns } from './row-runs.js';
import { ALWAYS } from './tests.js';

/** How the rows of a scan are cut into calls, and how their groups lie in memory. */
export interface LaidOut {
  /** Of all rows that the scan may come to look at. */
  readonly runs: RowRuns;
  readonly layout: Layout;
  /** How the same groups would lie in a hash table. */
  readonly entryLayout: Layout;
}

/** The runs of all visible rows of a scan; null where they have too few rows. */
export function runsOf(
  scan: OpenScan,
  query: BaseQuery,
  options: Omit<RunOptions, 'ranges'>,
): RowRuns | null {
  const { extent, spans, segment } = scan.target;
  if (!segment.sortedByTime) return arrivalRuns(scan, query, { extent, spans, ...options });
  const ranges = visibleRanges(scan, extent, noVisibleTimes(spans.length));
  return rowRuns(scan, { ranges, ...options });
}

/** Null where runs of rows would be too short to be worth a call each, or what they need cannot be computed. */
export function layOut(
  scan: OpenScan,
  query: BaseQuery,
  lowered: Lowered,
  plan: GroupPlan,
  { roomBytes, force, fewSketches }: Pick<LayoutFacts, 'roomBytes' | 'force' | 'fewSketches'>,
): LaidOut | null {
  const runs = unlessRefused(() =>
    runsOf(scan, query, {
      grains: lowered.grains,
      bucketOf: bucketFinder(plan.granularity),
      values: timeValues(scan, lowered, plan),
      words: lowered.columns.runs.readers(scan.source),
    }),
  );
  if (runs === null) return null;
  const callParts = lowered.keys.filter(({ kind }) => kind === 'call').length;
  const rowCount = runs.runs.reduce(
    (sum, { from, to, seen }) => sum + (seen?.count ?? to - from),
    0,
  );
  const facts: LayoutFacts = {
    calls: Math.max(1, runs.calls.length),
    callKeys: callKeysOf(plan, callParts, runs),
    rowCount: Math.min(lowered.mostRows, rowCount),
    mostKeys: mostKeys(query.filter, plan.dimensions),
    isFiltered: lowered.filter !== ALWAYS || lowered.rows.only !== null,
    roomBytes,
    force,
    fewSketches,
  };
  const { keys, aggregates } = lowered;
  const layout = layoutOf(keys, aggregates, facts);
  if (layout.strategy === 'hash') return { runs, layout, entryLayout: layout };
  const { denseGroups } = layout;
  const entryLayout = { ...layoutOf(keys, aggregates, { ...facts, force: 'hash' }), denseGroups };
  return { runs, layout, entryLayout };
}
