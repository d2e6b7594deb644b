import { DEAD_LETTERS, type LivePart } from '../../ingest/index.js';

/** Rows of a push table that are not published, as whoever keeps them here knows them. */
type AnyPart = Pick<LivePart, 'dataSource' | 'rowCount'>;

interface AnyTable<P> {
  readonly table: string;
  /** Oldest first; see `LiveGeneration`. */
  readonly generations: readonly { readonly to: number; readonly parts: readonly P[] }[];
}

/**
 * What push tables have beside their published segments, as it was last announced, and how far each
 * is published. A generation counts exactly while its table's position is below its end.
 */
export class LiveTables<P extends AnyPart> {
  /** By name of the table, in that order. */
  #announced = new Map<string, AnyTable<P>>();
  #positions: ReadonlyMap<string, number> = new Map();

  /** Gives the parts that were announced of these tables before. */
  announce(tables: readonly AnyTable<P>[]): P[] {
    const before = tables.flatMap(({ table }) => this.announced(table));
    const count = this.#announced.size;
    for (const table of tables) this.#announced.set(table.table, table);
    if (this.#announced.size > count) {
      this.#announced = new Map([...this.#announced].sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return before;
  }

  /** Takes what is told of all tables; gives the names of those that changed. */
  replace(tables: ReadonlyMap<string, AnyTable<P>>): string[] {
    const before = this.#announced;
    const names = new Set([...before.keys(), ...tables.keys()]);
    this.#announced = new Map([...tables].sort(([a], [b]) => (a < b ? -1 : 1)));
    return [...names].filter((name) => before.get(name) !== tables.get(name));
  }

  /** The names of the push tables that were announced. */
  tables(): string[] {
    return [...this.#announced.keys()];
  }

  /** All parts of a push table that were announced, published or not. */
  announced(table: string): P[] {
    return (this.#announced.get(table)?.generations ?? []).flatMap(({ parts }) => parts);
  }

  /** Sets how far every push table is published; gives the tables whose position has changed. */
  moveTo(positions: ReadonlyMap<string, number>): string[] {
    const moved = [...positions].filter(([name, to]) => to !== this.#positions.get(name));
    this.#positions = positions;
    return moved.map(([name]) => name);
  }

  /** The parts of a data source that count, by push table, then from old to new. */
  parts(dataSource: string): P[] {
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

const belongsTo = (part: AnyPart, dataSource: string): boolean =>
  part.dataSource === dataSource && part.rowCount > 0;
