import { DEAD_LETTERS, type LivePart, type LiveTable } from '../../ingest/index.js';

/**
 * What push tables have beside their published segments, as it was last announced, and how far each
 * is published. A generation counts exactly while its table's position is below its end.
 */
export class LiveTables {
  /** By name of the table, in that order. */
  #announced = new Map<string, LiveTable>();
  #positions: ReadonlyMap<string, number> = new Map();

  /** Gives the parts that were announced of these tables before. */
  announce(tables: readonly LiveTable[]): LivePart[] {
    const before = tables.flatMap(({ table }) => this.announced(table));
    const count = this.#announced.size;
    for (const table of tables) this.#announced.set(table.table, table);
    if (this.#announced.size > count) {
      this.#announced = new Map([...this.#announced].sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return before;
  }

  /** All parts of a push table that were announced, published or not. */
  announced(table: string): LivePart[] {
    return (this.#announced.get(table)?.generations ?? []).flatMap(({ parts }) => parts);
  }

  /** Sets how far every push table is published; gives the tables whose position has changed. */
  moveTo(positions: ReadonlyMap<string, number>): string[] {
    const moved = [...positions].filter(([name, to]) => to !== this.#positions.get(name));
    this.#positions = positions;
    return moved.map(([name]) => name);
  }

  /** The parts of a data source that count, by push table, then from old to new. */
  parts(dataSource: string): LivePart[] {
    // Rows of a table come from itself only; dead letters from all.
    const own = this.#announced.get(dataSource);
    const tables = dataSource === DEAD_LETTERS ? this.#announced.values() : own ? [own] : [];
    return [...tables].flatMap(({ table, generations }) => {
      const position = this.#positions.get(table) ?? 0;
      return generations
        .filter(({ to }) => to > position)
        .flatMap(({ parts }) => parts.filter((part) => belongsTo(part, dataSource)));
    });
  }
}

const belongsTo = (part: LivePart, dataSource: string): boolean =>
  part.dataSource === dataSource && part.rowCount > 0;
