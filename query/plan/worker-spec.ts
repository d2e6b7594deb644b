import type { JsonObject } from '../../core/index.js';
import type { NativeQuery } from '../native/query.js';

/** The query as it goes to workers: the same for queries that ask the same, of whatever table and under whatever name. */
export function withoutTable({ spec, context }: NativeQuery): JsonObject {
  const { queryId: _, sqlQueryId: __, subQueryId: ___, ...all } = context.all;
  return { ...spec, dataSource: 'rows', context: all };
}
