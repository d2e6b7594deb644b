import { Packr } from 'msgpackr';
import {
  type Clock,
  CorruptBytesError,
  type JsonObject,
  NotFoundError,
  UnavailableError,
} from '../../../core/index.js';
import { checkTableName } from '../../spec/names.js';
import type { LiveRows, LiveStore } from '../live/live-rows.js';
import { checkSpecChange } from '../spec/spec-change.js';
import { parseTableSpec } from '../spec/table-spec.js';
import { TableState } from '../table-state.js';
import type { OpenedTable, StoredTable } from '../types.js';
import { PushTable } from './push-table.js';

const packr = new Packr({ useRecords: false });

/** Rows of one data source in one generation of a table. */
export interface RowsOfTable {
  readonly table: PushTable;
  readonly rows: LiveRows;
}

/** All push tables of a node, and their state as one checkpoint. */
export class PushTables {
  readonly #tables = new Map<string, PushTable>();

  constructor(
    private readonly store: LiveStore,
    private readonly clock: Clock,
  ) {}

  /**
   * The tables of the catalogue, in the state of a checkpoint. A table that the checkpoint does not have was declared
   * behind it. Throws CorruptBytesError when the checkpoint cannot be read.
   */
  restore(stored: readonly StoredTable[], checkpoint: Uint8Array | null): void {
    const states = new Map(checkpoint === null ? [] : unpackStates(checkpoint));
    for (const { name, versions, position } of stored) {
      const state = new TableState(name, versions, states.get(name) ?? null);
      this.#add(state, position);
    }
  }

  /** The catalogue has opened this log for a table. */
  opened({ name, versions, position }: OpenedTable): PushTable {
    const table = this.#tables.get(name);
    if (table === undefined) return this.#add(new TableState(name, versions), position);
    for (const spec of versions.slice(table.state.specVersion)) table.state.addVersion(spec);
    table.publishedTo ??= position;
    return table;
  }

  /** The state of all tables: a list of names and states, as MessagePack. */
  checkpoint(): Uint8Array {
    return packr.pack(this.all().map(({ name, state }) => [name, state.checkpoint()]));
  }

  has(name: string): boolean {
    return this.#tables.has(name);
  }

  /** Throws NotFoundError. */
  get(name: string): PushTable {
    const table = this.#tables.get(name);
    if (table !== undefined) return table;
    throw new NotFoundError(
      `there is no push table ${name}; declare it by PUT /v1/tables/${encodeURIComponent(name)}`,
      { table: name },
    );
  }

  /** One that the log has commands of. Throws UnavailableError when nobody knows it. */
  logged(name: string): PushTable {
    const table = this.#tables.get(name);
    if (table !== undefined) return table;
    throw new UnavailableError(
      `the push log has rows of table ${name}, which the metadata does not know; bring back the metadata that belongs to the log`,
      { table: name },
    );
  }

  /** By name. */
  all(): PushTable[] {
    return [...this.#tables.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws UserError when the spec is wrong, or cannot follow the one that the table has. */
  check(name: string, json: JsonObject): void {
    checkTableName(name, 'table');
    const spec = parseTableSpec(name, json);
    const before = this.#tables.get(name)?.state;
    if (before !== undefined) checkSpecChange(before.spec, spec, before.dimensions);
  }

  /** The catalogue has a new version of a table. */
  declared(name: string, json: JsonObject, position: number): void {
    const table = this.#tables.get(name);
    if (table !== undefined) table.state.addVersion(json);
    else this.#add(new TableState(name, [json]), position);
  }

  /** Where the oldest unpublished rows of any table may be; null when there are none. */
  get unpublishedFrom(): number | null {
    const positions = this.all().flatMap(({ unpublishedFrom }) => unpublishedFrom ?? []);
    return positions.length === 0 ? null : Math.min(...positions);
  }

  /** Those rows whose mutable segments take the most memory; null when none takes any. */
  largest(): RowsOfTable | null {
    let largest: RowsOfTable | null = null;
    for (const table of this.#tables.values()) {
      for (const { rows, letters } of table.generations) {
        for (const each of [rows, letters]) {
          if (each.sizeBytes > (largest?.rows.sizeBytes ?? 0)) largest = { table, rows: each };
        }
      }
    }
    return largest;
  }

  #add(state: TableState, position: number | null): PushTable {
    const table = new PushTable(state, position, this.store, this.clock);
    this.#tables.set(state.name, table);
    return table;
  }
}

function unpackStates(checkpoint: Uint8Array): readonly (readonly [string, Uint8Array])[] {
  try {
    return packr.unpack(checkpoint);
  } catch {
    throw new CorruptBytesError(0, 'the checkpoint of the push log cannot be read');
  }
}
