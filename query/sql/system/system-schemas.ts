import type { Value } from '../../../model/index.js';
import type { RelColumn } from '../algebra/rel.js';
import { columnType } from '../algebra/types.js';
import type { SystemSchemas } from '../analyse/environment.js';
import type { Catalog, CatalogColumn, SystemTables } from '../catalog.js';
import { INFORMATION_SCHEMA, informationRows } from './information-schema.js';
import { isSysTable, SYS_TABLES } from './sys-tables.js';

const SCHEMAS: ReadonlyMap<string, Readonly<Record<string, readonly CatalogColumn[]>>> = new Map([
  ['INFORMATION_SCHEMA', INFORMATION_SCHEMA],
  ['sys', SYS_TABLES],
]);

/** The schemas whose tables are made when asked for. */
export const SYSTEM_SCHEMAS: SystemSchemas = {
  tables: (schema) => Object.keys(SCHEMAS.get(schema) ?? {}),
  columns(schema, table): RelColumn[] | null {
    const tables = SCHEMAS.get(schema);
    if (tables === undefined || !Object.hasOwn(tables, table)) return null;
    return tables[table]!.map(({ name, type }) => ({ name, type: columnType(name, type) }));
  },
};

/** The rows of such a table now. */
export async function systemRows(
  schema: string,
  table: string,
  catalog: Catalog,
  system: SystemTables,
): Promise<readonly (readonly Value[])[]> {
  if (schema === 'INFORMATION_SCHEMA') return informationRows(table, catalog);
  if (schema !== 'sys' || !isSysTable(table)) return [];
  const rows = await system.rows(table);
  return rows.map((row) => SYS_TABLES[table].map(({ name }) => row[name] ?? null));
}
