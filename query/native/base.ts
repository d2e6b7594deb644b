import type { JsonObject } from '../../core/index.js';
import {
  checkVirtualReads,
  ETERNITY,
  type Interval,
  parseAggregators,
  parseFilter,
  parseGranularity,
  parseIntervals,
  parsePostAggregators,
  parseVirtualColumn,
  rowColumn,
  type VirtualColumn,
} from '../../model/index.js';
import { parseContext } from './context.js';
import { parseDataSource } from './datasource.js';
import { badField, childField, isAbsent, shown } from './fields.js';
import type { AggregationQuery, BaseQuery, NativeQuery, ParseQuery } from './query.js';

/** Reads one type of query; `field` is the path of the query, empty for the outermost. */
export type QueryReader = (json: JsonObject, field: string, parseQuery: ParseQuery) => NativeQuery;

/** Reads what every query has. */
export function readBase(
  json: JsonObject,
  field: string,
  parseQuery: ParseQuery,
  whenNoIntervals: 'refuse' | 'eternity' = 'refuse',
): BaseQuery {
  return {
    spec: json,
    dataSource: parseDataSource(json.dataSource, childField(field, 'dataSource'), parseQuery),
    intervals: readIntervals(json.intervals, childField(field, 'intervals'), whenNoIntervals),
    filter: isAbsent(json.filter) ? null : parseFilter(json.filter, childField(field, 'filter')),
    virtualColumns: readVirtualColumns(json.virtualColumns, childField(field, 'virtualColumns')),
    context: parseContext(json.context, childField(field, 'context')),
  };
}

/** Reads what timeseries, topN and groupBy share. */
export function readAggregationBase(
  json: JsonObject,
  field: string,
  parseQuery: ParseQuery,
): AggregationQuery {
  const granularityField = childField(field, 'granularity');
  if (isAbsent(json.granularity)) {
    throw badField(granularityField, 'must be given, such as "all" or "day"');
  }
  return {
    ...readBase(json, field, parseQuery),
    granularity: parseGranularity(json.granularity, granularityField),
    aggregations: parseAggregators(json.aggregations ?? [], childField(field, 'aggregations')),
    postAggregations: parsePostAggregators(
      json.postAggregations ?? [],
      childField(field, 'postAggregations'),
    ),
  };
}

/**
 * Refuses a name that two outputs (`others`, aggregators, post-aggregators) share or that is the bucket's own, and a
 * post-aggregator that reads what does not come before it.
 */
export function checkOutputs(
  query: AggregationQuery,
  others: readonly string[],
  field: string,
): void {
  checkOutputNames([...others, ...outputNames(query)], field);
  const known = new Set(['__time', ...others, ...query.aggregations.map(({ name }) => name)]);
  for (const [i, { name, inputs }] of query.postAggregations.entries()) {
    const missing = inputs.map(rowColumn).find((input) => !known.has(input));
    if (missing !== undefined) {
      throw badField(
        childField(field, `postAggregations[${i}]`),
        `Missing fields [${missing}] for postAggregator [${name}]; it reads dimensions, aggregations and post-aggregations before it`,
      );
    }
    known.add(name);
  }
}

function checkOutputNames(names: readonly string[], field: string): void {
  const seen = new Set<string>();
  const place = field === '' ? 'query' : field;
  for (const name of names) {
    if (name === '__time') {
      throw badField(place, '"__time" is the time of the bucket; give this output another name');
    }
    if (seen.has(name)) {
      throw badField(
        place,
        `[${name}] already defined; give each dimension, aggregation and post-aggregation a name of its own`,
      );
    }
    seen.add(name);
  }
}

/** The output names of an aggregation query, dimensions excluded. */
export const outputNames = (query: AggregationQuery): string[] => [
  ...query.aggregations.map((aggregator) => aggregator.name),
  ...query.postAggregations.map((post) => post.name),
];

function readIntervals(
  json: unknown,
  field: string,
  whenAbsent: 'refuse' | 'eternity',
): readonly Interval[] {
  if (!isAbsent(json)) return parseIntervals(json, field);
  if (whenAbsent === 'eternity') return [ETERNITY];
  throw badField(field, 'must be given, such as "2020-01-01/2020-02-01"');
}

/** Reads virtual columns of names of their own, none of which reads itself. */
export function readVirtualColumns(json: unknown, field: string): VirtualColumn[] {
  if (isAbsent(json)) return [];
  if (!Array.isArray(json)) throw badField(field, `want a list; got ${shown(json)}`);
  const columns = json.map((item: unknown, i) => parseVirtualColumn(item, `${field}[${i}]`));
  const seen = new Set<string>();
  for (const [i, { name, inputs }] of columns.entries()) {
    const path = `${field}[${i}].name`;
    if (inputs.includes(name)) {
      throw badField(path, `virtual column [${name}] reads itself; give it another name`);
    }
    if (name === '__time') {
      throw badField(path, 'a virtual column cannot be called "__time"; give it another name');
    }
    if (seen.has(name)) {
      throw badField(path, `virtual column [${name}] is already defined; give it another name`);
    }
    seen.add(name);
  }
  checkVirtualReads(columns, field);
  return columns;
}
