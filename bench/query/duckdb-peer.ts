import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { type Cell, long } from './answers.js';
import type { Table } from './data-set.js';
import { type Answer, directoryBytes, loadPeerModule, type Peer } from './peer.js';

interface DuckDBModule {
  readonly DuckDBInstance: typeof DuckDBInstance;
}

/** DuckDB on a database file. */
export class DuckDBPeer implements Peer {
  readonly engine = 'duckdb';

  private constructor(
    readonly version: string,
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly directory: string,
  ) {}

  static async open(directory: string, threads: number): Promise<DuckDBPeer> {
    const { module, version } = loadPeerModule<DuckDBModule>('@duckdb/node-api');
    const instance = await module.DuckDBInstance.create(join(directory, 'duck.db'), {
      threads: String(threads),
    });
    return DuckDBPeer.#connected(version, instance, directory);
  }

  static async #connected(
    version: string,
    instance: DuckDBInstance,
    directory: string,
  ): Promise<DuckDBPeer> {
    const connection = await instance.connect();
    // Druid's order: null is the lowest value.
    await connection.run("SET default_null_order = 'nulls_first_on_asc_last_on_desc'");
    return new DuckDBPeer(version, instance, connection, directory);
  }

  /** One more connection to the same database, for another client. Do not close it: its database closes with the first. */
  another(): Promise<DuckDBPeer> {
    return DuckDBPeer.#connected(this.version, this.instance, this.directory);
  }

  /** Rows lie in order of time, as they do in Varve, so that row groups can be skipped by it. */
  async load(table: Table, file: string): Promise<void> {
    await this.run(
      `CREATE TABLE ${table.name} AS SELECT * FROM read_parquet('${file}') ORDER BY __time`,
    );
    await this.run('CHECKPOINT');
  }

  async diskBytes(): Promise<number> {
    return directoryBytes(this.directory);
  }

  async ask(sql: string): Promise<Answer> {
    const rows = (await this.connection.runAndReadAll(sql)).getRows();
    return { rows: () => rows.map((row) => row.map(cellOf)) };
  }

  /** The answer by column, which is large and has numbers only, none of them null. */
  async numbers(sql: string, rowCount: number): Promise<Float64Array[]> {
    const result = await this.connection.stream(sql);
    const columns = Array.from({ length: result.columnCount }, () => new Float64Array(rowCount));
    let row = 0;
    for (
      let chunk = await result.fetchChunk();
      chunk?.rowCount;
      chunk = await result.fetchChunk()
    ) {
      for (const [at, column] of columns.entries()) {
        const values = chunk.getColumnValues(at);
        for (let i = 0; i < values.length; i++) column[row + i] = Number(values[i]);
      }
      row += chunk.rowCount;
    }
    return columns;
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  async close(): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

const MS_PER_DAY = 86_400_000;

function cellOf(value: DuckDBValue): Cell {
  if (typeof value === 'bigint') return long(value);
  if (typeof value !== 'object' || value === null) return value;
  if ('micros' in value) return Number(value.micros) / 1000;
  if ('days' in value && !('months' in value)) return value.days * MS_PER_DAY;
  if ('scale' in value && 'toDouble' in value) return value.toDouble();
  throw new Error(`a cell of DuckDB that the bench does not know: ${value}`);
}
