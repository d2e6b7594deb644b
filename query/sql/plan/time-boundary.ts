import { MAX, MIN } from '../functions/aggregates.js';
import { baseQuery } from './base.js';
import type { NativePlan, PlanOptions } from './native-plan.js';
import type { Stage } from './stage.js';
import { isRowTime } from './time-bounds.js';
import { VirtualColumns } from './virtual-columns.js';

/** The query for a lone MIN(__time) or MAX(__time), answered from the edges of the segments; null for anything else. */
export function planTimeBoundary(stage: Stage, options: PlanOptions): NativePlan | null {
  const { source, grouping, columns, limit, offset } = stage;
  if (!options.timeBoundary || !source.stored || grouping === null) return null;
  if (grouping.groups.length > 0 || grouping.calls.length !== 1 || limit !== null || offset > 0)
    return null;
  const call = grouping.calls[0]!;
  if ((call.fn !== MIN && call.fn !== MAX) || call.filter !== null || !isRowTime(call.args[0]!))
    return null;
  if (columns.length !== 1 || columns[0]!.kind !== 'field') return null;
  const bound = call.fn === MIN ? 'minTime' : 'maxTime';
  const virtual = new VirtualColumns(stage.source);
  const query = { queryType: 'timeBoundary', ...baseQuery(stage, virtual, options), bound };
  return { query, columns: [{ name: bound, type: call.type }], oneRow: true };
}
