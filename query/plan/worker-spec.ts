import type { JsonObject } from '../../core/index.js';
import type { DataSource, NativeQuery } from '../native/query.js';

/** Keys that differ from query to query and change nothing for a scan. */
const PRIVATE = new Set([
  'queryId',
  'sqlQueryId',
  'subQueryId',
  'ingestToken',
  'lane',
  'explainMetrics',
]);

/** The query as it goes to workers: the same for queries that ask the same, of whatever table and under whatever name. */
export function withoutTable({ spec, dataSource, context }: NativeQuery): JsonObject {
  const all = Object.fromEntries(Object.entries(context.all).filter(([key]) => !PRIVATE.has(key)));
  return { ...spec, dataSource: ofRows(dataSource), context: all };
}

/** What is made of rows goes along; the rows themselves come with the jobs. */
function ofRows(source: DataSource): unknown {
  switch (source.type) {
    case 'unnest': {
      const { type, base, column, filter } = source;
      const unnestFilter = filter?.spec ?? null;
      return { type, base: ofRows(base), virtualColumn: column.spec, unnestFilter };
    }
    case 'filter':
      return { type: 'filter', base: ofRows(source.base), filter: source.filter.spec };
    case 'join':
      return { ...source.spec, left: ofRows(source.base), right: columnsOf(source.right) };
    default:
      return 'rows';
  }
}

function columnsOf(source: DataSource): JsonObject {
  const fields = source.type === 'inline' ? source.fields : [];
  return {
    type: 'inline',
    columnNames: fields.map(({ name }) => name),
    columnTypes: fields.map(({ type }) => type),
    rows: [],
  };
}
