import { bucketFinder } from '../interpreter/buckets.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { noVisibleTimes } from '../interpreter/visible-times.js';
import { type OpenScan, visibleRanges } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import { KernelCache } from './kernel-cache.js';
import { layoutOf, type Strategy } from './layout.js';
import { type Lowered, lowerPlan, timeValues } from './lowered.js';
import { type RowRuns, rowRuns } from './row-runs.js';
import { runKernel } from './run.js';
import { NoRoomError, Scratch } from './scratch.js';
import { ALWAYS } from './tests.js';

/** Of this thread: workers share nothing but the bytes of segments. */
const cache = new KernelCache();

/** Plans that were taken apart, by query and segment; null: to be interpreted. */
const known = new WeakMap<BaseQuery, WeakMap<object, Lowered | null>>();

export interface CompileOptions {
  /** Tests force each strategy on the same data. */
  readonly strategy?: Strategy;
}

/**
 * Groups the rows of a job with a compiled kernel. Null when the plan, the segment or the room there
 * is does not allow it: then the interpreter does.
 */
export function compiledGroups(
  scan: OpenScan,
  query: BaseQuery,
  plan: GroupPlan,
  options: CompileOptions = {},
): GroupPartial | null {
  const { target } = scan;
  const { scanMemory } = target.segment;
  if (scanMemory === null || target.scratchSlot === null) return null;
  const lowered = loweredOf(scan, query, plan);
  const scratch = lowered === null ? null : Scratch.of(scanMemory, target.scratchSlot);
  if (lowered === null || scratch === null) return null;
  const runs = extentRuns(scan, lowered, plan);
  if (runs === null) return null;
  const { from, to } = target.extent;
  const layout = layoutOf(lowered.keys, lowered.aggregates, {
    calls: Math.max(1, runs.calls.length),
    rowCount: to - from,
    isFiltered: lowered.filter !== ALWAYS,
    roomBytes: scratch.freeBytes / 2,
    force: options.strategy ?? null,
  });
  try {
    return runKernel({ scan, lowered, layout, runs }, cache, scratch);
  } catch (error) {
    if (error instanceof NoRoomError) return null;
    throw error;
  }
}

/** The runs of all rows that the scan may come to look at. */
function extentRuns(scan: OpenScan, lowered: Lowered, plan: GroupPlan): RowRuns | null {
  const { extent, spans } = scan.target;
  return rowRuns(scan, {
    ranges: visibleRanges(scan, extent, noVisibleTimes(spans.length)),
    grains: lowered.grains,
    bucketOf: bucketFinder(plan.granularity),
    values: timeValues(scan, lowered, plan),
  });
}

function loweredOf(scan: OpenScan, query: BaseQuery, plan: GroupPlan): Lowered | null {
  const { segment } = scan.target;
  let bySegment = known.get(query);
  if (bySegment === undefined) {
    bySegment = new WeakMap();
    known.set(query, bySegment);
  }
  let lowered = bySegment.get(segment);
  if (lowered === undefined) {
    lowered = lowerPlan(scan, query, plan);
    bySegment.set(segment, lowered);
  }
  return lowered;
}
