import type { JsonObject } from '../../core/index.js';
import {
  DEAD_LETTER_SCHEMA,
  type DeclaredColumn,
  type DeclaredTable,
  declaredDimension,
  declaredTable,
  type StoredTable,
  TIME_COLUMN,
} from '../../ingest/index.js';

/** What tables have whether rows have it or not: those that were declared, and the dead letters. */
export class DeclaredTables {
  readonly #tables = new Map<string, DeclaredTable>([
    [
      DEAD_LETTER_SCHEMA.dataSource,
      {
        columns: [TIME_COLUMN, ...DEAD_LETTER_SCHEMA.dimensions.map(declaredDimension)],
        starTrees: undefined,
      },
    ],
  ]);

  names(): Iterable<string> {
    return this.#tables.keys();
  }

  /** Null when there is no such table. */
  columns(table: string): readonly DeclaredColumn[] | null {
    return this.#tables.get(table)?.columns ?? null;
  }

  /** Undefined when nobody said anything of them. */
  starTrees(table: string): DeclaredTable['starTrees'] {
    return this.#tables.get(table)?.starTrees;
  }

  /** The newest spec of each. */
  restore(tables: readonly StoredTable[]): void {
    for (const { name, versions } of tables) {
      const spec = versions.at(-1);
      if (spec !== undefined) this.declare(name, spec);
    }
  }

  declare(table: string, spec: JsonObject): void {
    this.#tables.set(table, declaredTable(table, spec));
  }
}
