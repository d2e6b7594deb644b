import type { LookupNames, Value, ValueType } from '../../model/index.js';
import type { SysTableName } from './system/sys-tables.js';

export interface CatalogColumn {
  readonly name: string;
  readonly type: ValueType;
}

/** A stored table whose name begins so is in schema `sys`, by the rest of its name. */
const SYSTEM_PREFIX = 'sys.';

/** The schema of a stored table and its name there. */
export const schemaOf = (stored: string): { schema: 'druid' | 'sys'; name: string } =>
  stored.startsWith(SYSTEM_PREFIX)
    ? { schema: 'sys', name: stored.slice(SYSTEM_PREFIX.length) }
    : { schema: 'druid', name: stored };

/** The name under which a table of a schema is stored; null for schemas that have no stored tables. */
export function storedName(schema: string, name: string): string | null {
  if (schema === 'sys') return `${SYSTEM_PREFIX}${name}`;
  return schema === 'druid' ? name : null;
}

/** The stored tables: what the broker knows of them when a statement is planned. */
export interface Catalog {
  /** Names of all tables. */
  tables(): readonly string[];
  /** The columns of a table in the order of SELECT *, `__time` first; null when there is no such table. */
  schema(table: string): { readonly columns: readonly CatalogColumn[] } | null;
  /** What registered lookups are called now; absent: there are none. */
  lookups?(): LookupNames;
}

/** The columns of every lookup. */
export const LOOKUP_COLUMNS: readonly CatalogColumn[] = [
  { name: 'k', type: 'STRING' },
  { name: 'v', type: 'STRING' },
];

/** A row of a `sys` table by column name; what is absent is NULL. */
export type SystemRow = Readonly<Record<string, Value>>;

/** The rows of schema `sys`, supplied by those who know the cluster. */
export interface SystemTables {
  rows(table: SysTableName): readonly SystemRow[] | Promise<readonly SystemRow[]>;
}
