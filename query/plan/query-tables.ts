import { leafOf } from '../expansion/sources.js';
import type { DataSource, NativeQuery } from '../native/query.js';
import type { TablePart, TableSnapshot } from '../tables.js';

/** The tables of a data source; null when its rows are not in tables. */
export function tableNames(dataSource: DataSource): readonly string[] | null {
  if (dataSource.type === 'table') return [dataSource.name];
  return dataSource.type === 'union' ? dataSource.names : null;
}

/** A query and those inside it, the innermost last: only that one can read tables. */
export function levels(query: NativeQuery): readonly NativeQuery[] {
  const dataSource = leafOf(query.dataSource);
  return dataSource.type === 'query' ? [query, ...levels(dataSource.query)] : [query];
}

/** The tables whose rows a query is answered from, however deep. */
export function innerTableNames(query: NativeQuery): readonly string[] {
  return levels(query).flatMap(({ dataSource }) => tableNames(leafOf(dataSource)) ?? []);
}

/** The parts of these tables that the query reads, in order. */
export const partsIn = (
  snapshot: TableSnapshot,
  names: readonly string[],
  { intervals }: NativeQuery,
): TablePart[] => names.flatMap((name) => snapshot.parts(name, intervals));
