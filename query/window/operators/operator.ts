import type { Pace, Turns } from '../../../core/index.js';
import type { Filter, Interval, VirtualColumn } from '../../../model/index.js';
import type { WindowStep } from '../processors/processor.js';
import type { ColumnOrder } from '../row-order.js';
import type { WindowRows } from '../window-rows.js';

/** One step of a window query: rows in, rows out. */
export interface WindowOperator extends WindowStep {
  run(rows: WindowRows, pace: Pace): Turns<WindowRows>;
  /** Set where it does what a scan query does. */
  readonly scan?: RowScan;
}

/** What a scan does, in this order. */
export interface RowScan {
  readonly virtualColumns: readonly VirtualColumn[];
  /** Null: all time, and rows that have none. */
  readonly timeRange: Interval | null;
  readonly filter: Filter | null;
  /** Empty: rows stay in their order. */
  readonly ordering: readonly ColumnOrder[];
  readonly offset: number;
  /** Null: all rows. */
  readonly limit: number | null;
  /** Null: all columns. */
  readonly projectedColumns: readonly string[] | null;
}
