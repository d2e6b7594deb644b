import type { JsonObject } from '../../core/index.js';
import {
  DEAD_LETTER_SCHEMA,
  type DeclaredColumn,
  declaredColumns,
  declaredDimension,
  type StoredTable,
  TIME_COLUMN,
} from '../../ingest/index.js';

/** The columns that tables have whether rows have them or not: of those that were declared, and of the dead letters. */
export class DeclaredTables {
  readonly #columns = new Map<string, readonly DeclaredColumn[]>([
    [
      DEAD_LETTER_SCHEMA.dataSource,
      [TIME_COLUMN, ...DEAD_LETTER_SCHEMA.dimensions.map(declaredDimension)],
    ],
  ]);

  names(): Iterable<string> {
    return this.#columns.keys();
  }

  /** Null when there is no such table. */
  columns(table: string): readonly DeclaredColumn[] | null {
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
