import type { SortKey } from '../algebra/rel.js';
import type { Rex } from '../algebra/rex.js';
import { baseQuery } from './base.js';
import type { NativeColumn, NativePlan, PlanOptions } from './native-plan.js';
import type { Stage } from './stage.js';
import { isRowTime } from './time-bounds.js';
import { VirtualColumns } from './virtual-columns.js';

/** The scan that answers a stage without grouping. Orders other than by time are left to do afterwards. */
export function planScan(stage: Stage, options: PlanOptions): NativePlan {
  const virtual = new VirtualColumns();
  const place = (rex: Rex): NativeColumn => ({ name: virtual.column(rex), type: rex.type });
  const columns = stage.columns.map(place);
  const keys = stage.sort
    .filter(({ key }) => key.kind !== 'literal')
    .map((key): SortKey<NativeColumn> => ({ ...key, key: place(key.key) }));
  const native = timeOrder(stage);
  const later = keys.length > 0 && native === null;
  const names = new Set([...columns, ...keys.map(({ key }) => key)].map(({ name }) => name));
  const query = {
    queryType: 'scan',
    ...baseQuery(stage, virtual, options),
    columns: [...names],
    resultFormat: 'compactedList',
    ...(native === null ? {} : { order: native }),
    ...(later || stage.limit === null ? {} : { limit: stage.limit }),
    ...(later || stage.offset === 0 ? {} : { offset: stage.offset }),
  };
  const order = later ? { keys, limit: stage.limit, offset: stage.offset } : null;
  return { query, columns, order };
}

/** `ascending` or `descending` when the order is that of the row time alone. */
function timeOrder({ source, sort }: Stage): 'ascending' | 'descending' | null {
  const [first, ...rest] = sort;
  if (!source.stored || first === undefined || rest.length > 0 || !isRowTime(first.key))
    return null;
  return first.descending ? 'descending' : 'ascending';
}
