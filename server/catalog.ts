import type { SegmentInventory } from '../cluster/index.js';
import type { Catalog } from '../query/index.js';
import type { Lookups } from './lookups/lookups.js';
import type { DeclaredTables } from './push/declared-tables.js';

/** The tables of SQL: those that have rows, and those that may get some; and lookups. */
export function sqlCatalog(
  inventory: Pick<SegmentInventory, 'tables' | 'schema'>,
  declared: DeclaredTables,
  lookups: Pick<Lookups, 'names'>,
): Catalog {
  return {
    lookups: lookups.names,
    tables: () => [...new Set([...inventory.tables(), ...declared.names()])],
    schema(table) {
      const columns = declared.columns(table);
      return inventory.schema(table) ?? (columns === null ? null : { columns });
    },
  };
}
