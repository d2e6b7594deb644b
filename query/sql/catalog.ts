import type { Value, ValueType } from '../../model/index.js';
import type { SysTableName } from './system/sys-tables.js';

export interface CatalogColumn {
  readonly name: string;
  readonly type: ValueType;
}

/** The stored tables: what the broker knows of them when a statement is planned. */
export interface Catalog {
  /** Names of all tables. */
  tables(): readonly string[];
  /** The columns of a table in the order of SELECT *, `__time` first; null when there is no such table. */
  schema(table: string): { readonly columns: readonly CatalogColumn[] } | null;
}

/** A row of a `sys` table by column name; what is absent is NULL. */
export type SystemRow = Readonly<Record<string, Value>>;

/** The rows of schema `sys`, supplied by those who know the cluster. */
export interface SystemTables {
  rows(table: SysTableName): readonly SystemRow[] | Promise<readonly SystemRow[]>;
}
