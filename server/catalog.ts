import type { SegmentInventory } from '../cluster/index.js';
import { DEAD_LETTER_SCHEMA } from '../ingest/index.js';
import type { Catalog } from '../query/index.js';

const { dataSource: DEAD_LETTERS, dimensions } = DEAD_LETTER_SCHEMA;

/** The columns of dead letters before there are any. */
const DEAD_LETTER_COLUMNS = {
  columns: [{ name: '__time', type: 'LONG' as const }, ...dimensions],
};

/** The tables of SQL: those that have rows, and that of the dead letters, which is always there. */
export function sqlCatalog(inventory: SegmentInventory): Catalog {
  return {
    tables: () => [...new Set([...inventory.tables(), DEAD_LETTERS])],
    schema: (table) =>
      inventory.schema(table) ?? (table === DEAD_LETTERS ? DEAD_LETTER_COLUMNS : null),
  };
}
