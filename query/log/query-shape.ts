import type { JsonObject } from '../../core/index.js';
import { scanEngineOf } from '../engines/registry.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { DataSource, NativeQuery } from '../native/query.js';
import { QueryNames } from '../plan/query-names.js';
import { shapeAggregation } from './shape-aggregation.js';
import { conditionsOf } from './shape-condition.js';
import { type ShapeSpan, spanOf } from './shape-span.js';
import { TimeReads } from './shape-time.js';

/**
 * What a group query reads, and how: all that a star-tree for it depends on, and nothing that tells of the data. Queries that
 * differ in literals, names of outputs, order or limits have one shape. Plain data, equal where its JSON is.
 */
export interface QueryShape {
  readonly queryType: 'timeseries' | 'topN' | 'groupBy';
  readonly span: ShapeSpan;
  /** The JSON of the coarsest granularity that cuts nothing which is computed from `__time`; null where time does not matter. */
  readonly time: unknown;
  /** Stored columns that groups depend on, sorted; `__time` only where it is mixed with others. */
  readonly groups: readonly string[];
  /** All of them have to hold. Those of time alone are in `time`. */
  readonly conditions: readonly ShapeCondition[];
  readonly aggregations: readonly ShapeAggregation[];
}

/** A condition without its literals. */
export interface ShapeCondition {
  /** Stored ones, sorted. */
  readonly columns: readonly string[];
  /** The type of the filter; `in` stands for all that list values. */
  readonly kind: string;
  /** How many literals it has, rounded up to a power of two. */
  readonly values: number;
}

export interface ShapeAggregation {
  /** Without a name; only its type where it holds what may be data. */
  readonly spec: JsonObject;
  readonly isWhole: boolean;
  /** What its rows have to meet. */
  readonly where: readonly ShapeCondition[];
}

/** The shape of a query and the tables whose rows it reads; null for one that groups no rows of tables. Of nested queries, the innermost. */
export function shapeOf(query: NativeQuery): { shape: QueryShape; tables: string[] } | null {
  if (query.dataSource.type === 'query') return shapeOf(query.dataSource.query);
  const { queryType } = query;
  if (queryType !== 'timeseries' && queryType !== 'topN' && queryType !== 'groupBy') return null;
  const tables = tablesOf(query.dataSource);
  const groups = scanEngineOf(query)?.groups(query) ?? null;
  return groups === null || tables.length === 0
    ? null
    : { shape: { queryType, ...readsOf(query, groups) }, tables };
}

function tablesOf(dataSource: DataSource): string[] {
  if (dataSource.type === 'table') return [dataSource.name];
  return dataSource.type === 'union' ? [...dataSource.names] : [];
}

function readsOf(query: NativeQuery, plan: GroupPlan): Omit<QueryShape, 'queryType'> {
  const names = new QueryNames(query.virtualColumns);
  const time = new TimeReads(names, query.intervals);
  if (plan.granularity.kind !== 'all') time.add(plan.granularity);
  const groups = plan.dimensions.flatMap(({ inputs }) => time.others(inputs));
  const conditions = conditionsOf(query.filter, time);
  const aggregations = plan.aggregations.map((each) => shapeAggregation(each, names, time));
  return {
    span: spanOf(query.intervals),
    time: time.granularity(),
    groups: sortedSet(groups),
    conditions,
    aggregations: byText(aggregations),
  };
}

const sortedSet = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** In an order that does not depend on that of the query, each once. */
function byText<T>(values: readonly T[]): T[] {
  const texts = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...texts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
