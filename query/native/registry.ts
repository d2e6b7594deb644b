import { isJsonObject, UnsupportedError } from '../../core/index.js';
import { type LookupNames, NO_LOOKUPS, pinLookups, withLookups } from '../../model/index.js';
import type { QueryReader } from './base.js';
import { readDataSourceMetadata } from './data-source-metadata.js';
import { badField, childField, shown } from './fields.js';
import { withoutFilterSource } from './filter-source.js';
import { readGroupBy } from './groupby.js';
import type { NativeQuery, ParseQuery, QueryType } from './query.js';
import { readScan } from './scan.js';
import { readSearch } from './search.js';
import { readSegmentMetadata } from './segment-metadata.js';
import { readTimeBoundary } from './time-boundary.js';
import { readTimeseries } from './timeseries.js';
import { readTopN } from './topn.js';
import { readWindowOperator } from './window-operator.js';

const READERS: Readonly<Record<QueryType, QueryReader>> = {
  timeseries: readTimeseries,
  topN: readTopN,
  groupBy: readGroupBy,
  scan: readScan,
  search: readSearch,
  timeBoundary: readTimeBoundary,
  segmentMetadata: readSegmentMetadata,
  dataSourceMetadata: readDataSourceMetadata,
  windowOperator: readWindowOperator,
};

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['select', 'use a "scan" query'],
  ['movingAverage', 'use a "windowOperator" query'],
  ['materializedView', 'query the table itself'],
  ['view', 'query the table itself'],
]);

/** They describe tables, whatever rows a filter leaves. */
const DESCRIBING: ReadonlySet<string> = new Set(['segmentMetadata', 'dataSourceMetadata']);

/** Queries inside queries nest no deeper than this. */
const MAX_DEPTH = 32;

/**
 * Reads a native query. Throws a UserError of kind `query` (or `context`) that names the field, or
 * UnsupportedError for what Druid has and we have not. Where it names lookups, its `spec` says which version of them it reads
 * (`model/lookups/pins.ts`), and can be read again without their names.
 */
export function parseNativeQuery(json: unknown, lookups: LookupNames = NO_LOOKUPS): NativeQuery {
  const parse = (spec: unknown) => withLookups(lookups, () => parseAt(spec, '', 0));
  const { result, met } = parse(json);
  if (!met) return result;
  const { result: pinned } = withLookups(lookups, () => pinLookups(json));
  return parse(pinned).result;
}

function parseAt(json: unknown, field: string, depth: number): NativeQuery {
  if (!isJsonObject(json)) {
    throw badField(field === '' ? 'query' : field, `want a query object; got ${shown(json)}`);
  }
  if (depth > MAX_DEPTH)
    throw badField(field, `queries nest deeper than ${MAX_DEPTH}; flatten them`);
  const { queryType } = json;
  const type = typeof queryType === 'string' ? queryType : '';
  const parseQuery: ParseQuery = (child, path) => parseAt(child, path, depth + 1);
  if (Object.hasOwn(READERS, type)) {
    const plain = DESCRIBING.has(type) ? json : withoutFilterSource(json, field);
    return READERS[type as QueryType](plain, field, parseQuery);
  }
  const typeField = childField(field, 'queryType');
  const remedy = REFUSED.get(type);
  if (remedy !== undefined) {
    throw new UnsupportedError(`${typeField}: "${type}" queries are not supported: ${remedy}`);
  }
  const known = `known type ids = [${Object.keys(READERS).join(', ')}]`;
  throw badField(
    typeField,
    queryType === undefined || queryType === null
      ? `missing type id property 'queryType': ${known}`
      : `Could not resolve type id '${typeof queryType === 'string' ? queryType : shown(queryType)}' as a subtype of \`Query\`: ${known}`,
  );
}
