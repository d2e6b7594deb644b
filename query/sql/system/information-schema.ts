import type { ScalarType, Value } from '../../../model/index.js';
import { columnType, isArray, isComplex, type SqlType } from '../algebra/types.js';
import { type Catalog, type CatalogColumn, LOOKUP_COLUMNS, schemaOf } from '../catalog.js';
import { signature } from '../functions/definition.js';
import { AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS } from '../functions/registry.js';
import { SYS_TABLES } from './sys-tables.js';

const CATALOGUE = 'druid';

const texts = (names: string, numbers: readonly string[] = []): CatalogColumn[] =>
  names.split(' ').map((name): { name: string; type: ScalarType } => ({
    name,
    type: numbers.includes(name) ? 'LONG' : 'STRING',
  }));

/** The tables of INFORMATION_SCHEMA and their columns. */
export const INFORMATION_SCHEMA: Readonly<Record<string, readonly CatalogColumn[]>> = {
  SCHEMATA: texts(
    'CATALOG_NAME SCHEMA_NAME SCHEMA_OWNER DEFAULT_CHARACTER_SET_CATALOG DEFAULT_CHARACTER_SET_SCHEMA DEFAULT_CHARACTER_SET_NAME SQL_PATH',
  ),
  TABLES: texts('TABLE_CATALOG TABLE_SCHEMA TABLE_NAME TABLE_TYPE IS_JOINABLE IS_BROADCAST'),
  COLUMNS: texts(
    'TABLE_CATALOG TABLE_SCHEMA TABLE_NAME COLUMN_NAME ORDINAL_POSITION COLUMN_DEFAULT IS_NULLABLE DATA_TYPE CHARACTER_MAXIMUM_LENGTH CHARACTER_OCTET_LENGTH NUMERIC_PRECISION NUMERIC_PRECISION_RADIX NUMERIC_SCALE DATETIME_PRECISION CHARACTER_SET_NAME COLLATION_NAME JDBC_TYPE',
    ['ORDINAL_POSITION', 'JDBC_TYPE'],
  ),
  ROUTINES: texts(
    'ROUTINE_CATALOG ROUTINE_SCHEMA ROUTINE_NAME ROUTINE_TYPE IS_AGGREGATOR SIGNATURES',
  ),
};

/** Numbers of java.sql.Types. */
const JDBC_TYPES: ReadonlyMap<SqlType, number> = new Map<SqlType, number>([
  ['VARCHAR', 12],
  ['BIGINT', -5],
  ['DOUBLE', 8],
  ['FLOAT', 6],
  ['BOOLEAN', 16],
  ['TIMESTAMP', 93],
  ['DATE', 91],
]);
const JDBC_ARRAY = 2003;
const JDBC_OTHER = 1111;

interface ListedTable {
  readonly schema: string;
  readonly name: string;
  readonly type: 'TABLE' | 'SYSTEM_TABLE' | 'LOOKUP';
  readonly columns: readonly CatalogColumn[];
}

function listedTables(catalog: Catalog): ListedTable[] {
  const stored = [...catalog.tables()].sort().map((table): ListedTable => {
    const place = schemaOf(table);
    const columns = catalog.schema(table)?.columns ?? [];
    return { ...place, type: place.schema === 'sys' ? 'SYSTEM_TABLE' : 'TABLE', columns };
  });
  const inSchema = (name: string) => stored.filter(({ schema }) => schema === name);
  const system = (schema: string, tables: Readonly<Record<string, readonly CatalogColumn[]>>) =>
    Object.entries(tables).map(
      ([name, columns]): ListedTable => ({ schema, name, type: 'SYSTEM_TABLE', columns }),
    );
  const lookups = [...(catalog.lookups?.().keys() ?? [])].sort();
  return [
    ...inSchema('druid'),
    ...lookups.map((name): ListedTable => {
      return { schema: 'lookup', name, type: 'LOOKUP', columns: LOOKUP_COLUMNS };
    }),
    ...system('INFORMATION_SCHEMA', INFORMATION_SCHEMA),
    ...system('sys', SYS_TABLES),
    ...inSchema('sys'),
  ];
}

/** The rows of a table of INFORMATION_SCHEMA, in the order of its columns; empty for an unknown table. */
export function informationRows(table: string, catalog: Catalog): Value[][] {
  switch (table) {
    case 'SCHEMATA':
      return ['INFORMATION_SCHEMA', 'druid', 'lookup', 'sys'].map((name) => [
        CATALOGUE,
        name,
        null,
        null,
        null,
        null,
        null,
      ]);
    case 'TABLES':
      return listedTables(catalog).map(({ schema, name, type }) => [
        CATALOGUE,
        schema,
        name,
        type,
        type === 'LOOKUP' ? 'YES' : 'NO',
        type === 'LOOKUP' ? 'YES' : 'NO',
      ]);
    case 'COLUMNS':
      return listedTables(catalog).flatMap(columnRows);
    case 'ROUTINES':
      return [...routineRows()];
    default:
      return [];
  }
}

function columnRows({ schema, name: table, columns }: ListedTable): Value[][] {
  return columns.map(({ name, type: native }, i) => {
    const type = columnType(name, native);
    const nullable = name === '__time' ? 'NO' : 'YES';
    const unknown = [null, null, null, null, null, null, null, null];
    return [
      CATALOGUE,
      schema,
      table,
      name,
      i + 1,
      null,
      nullable,
      type,
      ...unknown,
      jdbcType(type),
    ];
  });
}

function jdbcType(type: SqlType): number {
  if (isArray(type)) return JDBC_ARRAY;
  return isComplex(type) ? JDBC_OTHER : (JDBC_TYPES.get(type) ?? JDBC_OTHER);
}

function* routineRows(): Generator<Value[]> {
  const row = (name: string, aggregator: 'YES' | 'NO', text: string): Value[] => [
    CATALOGUE,
    'INFORMATION_SCHEMA',
    name,
    'FUNCTION',
    aggregator,
    text,
  ];
  for (const fn of SCALAR_FUNCTIONS.values()) yield row(fn.name, 'NO', `'${signature(fn)}'`);
  for (const fn of AGGREGATE_FUNCTIONS.values()) yield row(fn.name, 'YES', `'${signature(fn)}'`);
}
