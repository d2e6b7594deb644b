import { isJsonObject, type JsonObject } from '../../core/index.js';
import type { NativeQuery } from '../native/query.js';

/** Keys that differ from query to query and change nothing for a scan. */
const PRIVATE = new Set(['queryId', 'sqlQueryId', 'subQueryId', 'ingestToken']);

/** The query as it goes to workers: the same for queries that ask the same, of whatever table and under whatever name. */
export function withoutTable({ spec, context }: NativeQuery): JsonObject {
  const all = Object.fromEntries(Object.entries(context.all).filter(([key]) => !PRIVATE.has(key)));
  return { ...spec, dataSource: ofRows(spec.dataSource), context: all };
}

/** What is made of the rows of a table goes along. */
const ofRows = (source: unknown): unknown =>
  isJsonObject(source) && source.type === 'unnest'
    ? { ...source, base: ofRows(source.base) }
    : 'rows';
