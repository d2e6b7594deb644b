import type { JsonObject } from '../../../core/index.js';
import { JSON_TYPE } from '../../../model/index.js';
import type { SortKey } from '../algebra/rel.js';
import type { Rex, RexCall } from '../algebra/rex.js';
import { isArray, isComplex, isNumber, nativeType } from '../algebra/types.js';
import { callOf } from '../functions/definition.js';
import { IS_NULL } from '../functions/operators.js';
import { TIME_FLOOR } from '../functions/time-forms.js';
import { planError } from '../position.js';
import { baseQuery, MAX_TOP_N } from './base.js';
import { toFilter } from './filters.js';
import type { NativeColumn, NativePlan, PlanOptions } from './native-plan.js';
import { Outputs } from './outputs.js';
import { computesWith, type Stage } from './stage.js';
import { isRowTime } from './time-bounds.js';
import { VirtualColumns } from './virtual-columns.js';

/** The query for a stage with grouping: timeseries where time is the only group, topN for a short ranking, else groupBy. */
export function planGrouping(stage: Stage, options: PlanOptions): NativePlan {
  const { groups, sets } = stage.grouping!;
  // A timeseries has no offset; behind an offset the one row of all groups is gone anyway.
  if (groups.length === 0 && sets === null && stage.offset === 0) {
    return planTimeseries(stage, null, options);
  }
  const floor = timeFloor(stage);
  if (floor !== null) return planTimeseries(stage, floor, options);
  const ranking = options.approximateTopN ? rankingKey(stage) : null;
  return ranking === null ? planGroupBy(stage, options) : planTopN(stage, ranking, options);
}

/** The one group when it is a bucket of row time and the order, if any, is by it. */
function timeFloor(stage: Stage): RexCall | null {
  const { groups, sets, calls } = stage.grouping!;
  const [group] = groups;
  if (!stage.source.stored || sets !== null || groups.length !== 1 || calls.length === 0)
    return null;
  if (group?.kind !== 'call' || group.fn !== TIME_FLOOR || !isRowTime(group.args[0]!)) return null;
  if (stage.having !== null || stage.offset > 0 || computesWith(stage, 'd0')) return null;
  if (calls.some(({ fn }) => fn.name === 'GROUPING')) return null;
  return stage.sort.length > 1 || stage.sort.some(({ key }) => !isField(key, 'd0')) ? null : group;
}

const isField = (rex: Rex, name: string): boolean => rex.kind === 'field' && rex.name === name;

function planTimeseries(stage: Stage, floor: RexCall | null, options: PlanOptions): NativePlan {
  const virtual = new VirtualColumns(stage.source);
  const outputs = new Outputs(stage, virtual);
  const columns = stage.columns.map((rex): NativeColumn => {
    const name = outputs.column(rex);
    return { name: name === 'd0' && floor !== null ? '__time' : name, type: rex.type };
  });
  // The one row of all rows is there even when it counts nothing.
  const skipEmptyBuckets = floor !== null && (options.context.skipEmptyBuckets ?? true);
  const { skipEmptyBuckets: _, ...others } = options.context;
  const context = floor === null ? others : { ...others, skipEmptyBuckets };
  const query = {
    queryType: 'timeseries',
    ...baseQuery(stage, virtual, { ...options, context }),
    granularity: floor === null ? { type: 'all' } : granularityOf(floor),
    ...(stage.sort[0]?.descending ? { descending: true } : {}),
    ...outputs.spec(),
    ...(stage.limit === null ? {} : { limit: stage.limit }),
  };
  return { query, columns };
}

function granularityOf({ args }: RexCall): JsonObject {
  const [period, origin, zone] = args
    .slice(1)
    .map((arg) => (arg.kind === 'literal' ? arg.value : null));
  const start = typeof origin === 'number' ? { origin: new Date(origin).toISOString() } : {};
  return { type: 'period', period, timeZone: zone, ...start };
}

/** The sort key of a topN: one number or time that is not the group itself; null when a topN does not fit. */
function rankingKey(stage: Stage): SortKey<Rex> | null {
  const { groups, sets, calls } = stage.grouping!;
  const [key, ...more] = stage.sort;
  if (sets !== null || groups.length !== 1 || calls.length === 0 || isArray(groups[0]!.type))
    return null;
  if (key === undefined || more.length > 0 || !isDefaultNullOrder(key)) return null;
  if (stage.having !== null || stage.offset > 0) return null;
  if (stage.limit === null || stage.limit > MAX_TOP_N) return null;
  const ranked = key.key.type === 'TIMESTAMP' || isNumber(key.key.type);
  return ranked && !isField(key.key, 'd0') && key.key.kind !== 'literal' ? key : null;
}

const isDefaultNullOrder = ({ descending, nullsFirst }: SortKey<unknown>): boolean =>
  nullsFirst === !descending;

function planTopN(stage: Stage, key: SortKey<Rex>, options: PlanOptions): NativePlan {
  const virtual = new VirtualColumns(stage.source);
  const dimension = dimensionSpec(stage.grouping!.groups[0]!, 0, virtual);
  const outputs = new Outputs(stage, virtual);
  const columns = fieldsOf(stage, outputs);
  const metric = { type: 'numeric', metric: outputs.column(key.key) };
  const query = {
    queryType: 'topN',
    ...baseQuery(stage, virtual, options),
    granularity: { type: 'all' },
    dimension,
    metric: key.descending ? metric : { type: 'inverted', metric },
    threshold: stage.limit,
    ...outputs.spec(),
  };
  return { query, columns };
}

const fieldsOf = (stage: Stage, outputs: Outputs): NativeColumn[] =>
  stage.columns.map((rex) => ({ name: outputs.column(rex), type: rex.type }));

function dimensionSpec(rex: Rex, index: number, virtual: VirtualColumns): JsonObject {
  if (isComplex(rex.type)) {
    const hint = rex.type === JSON_TYPE ? '; group by JSON_VALUE or TO_JSON_STRING of it' : '';
    throw planError(`Cannot group by ${rex.type}${hint}`, rex.position);
  }
  const dimension = virtual.column(rex);
  return { type: 'default', dimension, outputName: `d${index}`, outputType: nativeType(rex.type) };
}

function planGroupBy(stage: Stage, options: PlanOptions): NativePlan {
  const { groups, sets } = stage.grouping!;
  const virtual = new VirtualColumns(stage.source);
  const dimensions = groups.map((rex, i) => dimensionSpec(rex, i, virtual));
  const outputs = new Outputs(stage, virtual);
  const columns = fieldsOf(stage, outputs);
  const limitSpec = limitSpecOf(stage, outputs);
  const query = {
    queryType: 'groupBy',
    ...baseQuery(stage, virtual, options),
    granularity: { type: 'all' },
    dimensions,
    ...outputs.spec(),
    ...(stage.having === null ? {} : { having: havingSpec(stage.having) }),
    ...limitSpec,
    ...(sets === null ? {} : { subtotalsSpec: sets.map((set) => set.map((i) => `d${i}`)) }),
  };
  return { query, columns };
}

/** A having filter reads outputs only: whatever is computed stays an expression. */
const havingSpec = (having: Rex): JsonObject => ({
  type: 'filter',
  filter: toFilter(having, (rex) => (rex.kind === 'field' ? rex.name : null)),
});

function limitSpecOf(stage: Stage, outputs: Outputs): JsonObject {
  const columns = stage.sort
    .filter(({ key }) => key.kind !== 'literal')
    .flatMap((key) => orderColumns(key, outputs));
  const { limit, offset } = stage;
  if (columns.length === 0 && limit === null && offset === 0) return {};
  return {
    limitSpec: {
      type: 'default',
      columns,
      ...(limit === null ? {} : { limit }),
      ...(offset === 0 ? {} : { offset }),
    },
  };
}

/** The column to order by; before it, where nulls go to the unusual end, whether it is null. */
function orderColumns(sort: SortKey<Rex>, outputs: Outputs): JsonObject[] {
  const { key, descending, nullsFirst } = sort;
  const column = {
    dimension: outputs.column(key),
    direction: descending ? 'descending' : 'ascending',
    dimensionOrder: isArray(key.type)
      ? 'natural'
      : key.type === 'VARCHAR'
        ? 'lexicographic'
        : 'numeric',
  };
  if (isDefaultNullOrder(sort)) return [column];
  const nulls = outputs.column(callOf(IS_NULL, [key], key.position));
  const direction = nullsFirst ? 'descending' : 'ascending';
  return [{ dimension: nulls, direction, dimensionOrder: 'numeric' }, column];
}
