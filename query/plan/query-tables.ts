import { joinsOf, leafOf } from '../expansion/sources.js';
import type { DataSource, NativeQuery } from '../native/query.js';
import type { TablePart, TableSnapshot } from '../tables.js';

/** The tables of a data source; null when its rows are not in tables. */
export function tableNames(dataSource: DataSource): readonly string[] | null {
  if (dataSource.type === 'table') return [dataSource.name];
  return dataSource.type === 'union' ? dataSource.names : null;
}

/** A query and those whose answers it reads, however deep. */
export const queriesIn = (query: NativeQuery): readonly NativeQuery[] => [
  query,
  ...sourcesOf(query).flatMap((source) => (source.type === 'query' ? queriesIn(source.query) : [])),
];

/** Where a query's rows come from: one place, and one for each join. */
const sourcesOf = ({ dataSource }: NativeQuery): readonly DataSource[] => [
  leafOf(dataSource),
  ...joinsOf(dataSource).map(({ right }) => right),
];

/** The tables whose rows a query is answered from, however deep. */
export const innerTableNames = (query: NativeQuery): readonly string[] => [
  ...new Set(queriesIn(query).flatMap(namesRead)),
];

/** The tables that a query reads itself. */
export const namesRead = ({ dataSource }: NativeQuery): readonly string[] =>
  tableNames(leafOf(dataSource)) ?? [];

/** The parts of these tables that the query reads, in order. */
export const partsIn = (
  snapshot: TableSnapshot,
  names: readonly string[],
  { intervals }: NativeQuery,
): TablePart[] => names.flatMap((name) => snapshot.parts(name, intervals));
