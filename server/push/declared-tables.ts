import type { JsonObject } from '../../core/index.js';
import { DEAD_LETTER_SCHEMA, declaredColumns, type StoredTable } from '../../ingest/index.js';
import type { CatalogColumn } from '../../query/index.js';

/** The columns of tables before they have rows: of those that were declared, and of the dead letters. */
export class DeclaredTables {
  readonly #columns = new Map<string, readonly CatalogColumn[]>([
    [
      DEAD_LETTER_SCHEMA.dataSource,
      [{ name: '__time', type: 'LONG' }, ...DEAD_LETTER_SCHEMA.dimensions],
    ],
  ]);

  names(): Iterable<string> {
    return this.#columns.keys();
  }

  /** Null when there is no such table. */
  columns(table: string): readonly CatalogColumn[] | null {
    return this.#columns.get(table) ?? null;
  }

  /** The newest spec of each. */
  restore(tables: readonly StoredTable[]): void {
    for (const { name, versions } of tables) {
      const spec = versions.at(-1);
      if (spec !== undefined) this.declare(name, spec);
    }
  }

  declare(table: string, spec: JsonObject): void {
    this.#columns.set(table, declaredColumns(table, spec));
  }
}
