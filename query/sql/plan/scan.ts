import type { JsonObject } from '../../../core/index.js';
import { scanOrderSpec } from '../../native/scan-order.js';
import type { SortKey } from '../algebra/rel.js';
import type { Rex } from '../algebra/rex.js';
import { isComplex } from '../algebra/types.js';
import { planError } from '../position.js';
import { baseQuery } from './base.js';
import type { NativeColumn, NativePlan, PlanOptions } from './native-plan.js';
import type { Stage } from './stage.js';
import { isRowTime } from './time-bounds.js';
import { VirtualColumns } from './virtual-columns.js';

/** The scan that answers a stage without grouping. */
export function planScan(stage: Stage, options: PlanOptions): NativePlan {
  const virtual = new VirtualColumns(stage.source);
  const columns = stage.columns.map(
    (rex): NativeColumn => ({ name: virtual.column(rex), type: rex.type }),
  );
  const names = new Set(columns.map(({ name }) => name));
  const time = timeOrder(stage);
  if (time !== null) names.add('__time');
  const order = time === null ? orderBySpec(stage.sort, virtual) : { order: time };
  const query = {
    queryType: 'scan',
    ...baseQuery(stage, virtual, options),
    columns: [...names],
    resultFormat: 'compactedList',
    ...order,
    ...(stage.limit === null ? {} : { limit: stage.limit }),
    ...(stage.offset === 0 ? {} : { offset: stage.offset }),
  };
  return { query, columns };
}

/** `ascending` or `descending` when the order is that of the row time alone. */
function timeOrder({ source, sort }: Stage): 'ascending' | 'descending' | null {
  const [first, ...rest] = sort;
  if (!source.stored || first === undefined || rest.length > 0 || !isRowTime(first.key))
    return null;
  return first.descending ? 'descending' : 'ascending';
}

/** Constants order nothing, nor does a key that was there before. */
function orderBySpec(sort: readonly SortKey<Rex>[], virtual: VirtualColumns): JsonObject {
  const keys = new Map<string, JsonObject>();
  for (const { key, descending, nullsFirst } of sort) {
    if (key.kind === 'literal') continue;
    if (isComplex(key.type)) throw planError(`Cannot order by ${key.type}`, key.position);
    const name = virtual.column(key);
    if (!keys.has(name)) keys.set(name, scanOrderSpec({ name, descending, nullsFirst }));
  }
  return keys.size === 0 ? {} : { orderBy: [...keys.values()] };
}
