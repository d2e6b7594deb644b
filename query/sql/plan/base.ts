import type { JsonObject } from '../../../core/index.js';
import { ETERNITY, formatInterval } from '../../../model/index.js';
import { toFilter } from './filters.js';
import type { PlanOptions } from './native-plan.js';
import type { Stage } from './stage.js';
import { takeTimeBounds } from './time-bounds.js';
import type { VirtualColumns } from './virtual-columns.js';

/** Druid's groupBy and topN sort up to this many values. */
export const MAX_TOP_N = 100_000;

/**
 * The fields that all native queries share: data source, intervals, filter, virtual columns,
 * context. Call it last: the virtual columns are those asked for until then, and the filter's.
 */
export function baseQuery(stage: Stage, columns: VirtualColumns, options: PlanOptions): JsonObject {
  const { source, where } = stage;
  const { intervals, rest } = source.stored
    ? takeTimeBounds(where)
    : { intervals: [ETERNITY], rest: where };
  const filter = rest === null ? {} : { filter: toFilter(rest, (rex) => columns.column(rex)) };
  return {
    dataSource: source.dataSource,
    intervals: { type: 'intervals', intervals: intervals.map(formatInterval) },
    ...columns.spec(),
    ...filter,
    context: options.context,
  };
}
