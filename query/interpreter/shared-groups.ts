import { encodeGroups, type GroupPartial } from './group-partial.js';
import { type GroupPlan, RowGrouper } from './group-rows.js';
import { GroupTable } from './group-table.js';
import { mergeVisibleTimes, noVisibleTimes, type VisibleTimes } from './visible-times.js';
import type { OpenScan, WalkResult } from './walk.js';

interface Fold {
  readonly plan: GroupPlan;
  readonly table: GroupTable;
  readonly visible: VisibleTimes;
  rowsScanned: number;
}

/**
 * Groups of few rows out of several segments, folded into one table: an answer for each would cost as much as some of the rows.
 * All scans are of one query.
 */
export class SharedGroups {
  #fold: Fold | null = null;

  /** Folds rows of a scan. */
  grouper(scan: OpenScan, plan: GroupPlan): RowGrouper {
    return new RowGrouper(scan, plan, this.#open(scan, plan).table);
  }

  /** Call when a scan is done, whether it had rows or not. */
  add(scan: OpenScan, plan: GroupPlan, { rowsScanned, visible }: WalkResult): void {
    const fold = this.#open(scan, plan);
    fold.rowsScanned += rowsScanned;
    mergeVisibleTimes(fold.visible, visible);
  }

  /** What has been folded since it was last taken; null where there was no scan. */
  take(): GroupPartial | null {
    const fold = this.#fold;
    this.#fold = null;
    if (fold === null) return null;
    const { table, plan, visible, rowsScanned } = fold;
    return { ...encodeGroups(table, plan.aggregations, visible, rowsScanned), compiled: null };
  }

  #open({ target }: OpenScan, plan: GroupPlan): Fold {
    this.#fold ??= {
      plan,
      table: new GroupTable(plan.dimensions.length, plan.aggregations, target.limits.maxGroups),
      visible: noVisibleTimes(target.spans.length),
      rowsScanned: 0,
    };
    return this.#fold;
  }
}
