import { type Cell, long } from './answers.js';
import { clickhouseTable, type DataSet, type Table, tablesOf } from './data-set.js';
import { type Answer, loadPeerModule, type Peer } from './peer.js';

/** What of chdb is used here; its own types are not there when it is not installed. */
interface ChdbModule {
  readonly Session: new (path: string) => ChdbSession;
}

interface ChdbSession {
  queryAsync(sql: string, options: { format: string }): Promise<{ text(): string }>;
  close(): void;
}

interface ClickHouseJson {
  readonly meta: readonly { readonly type: string }[];
  readonly data: readonly (readonly unknown[])[];
}

/**
 * Settings of every session. The query condition cache remembers which granules a filter kept, so
 * that a repeated query is not scanned again: off, for it is the scan that is measured.
 */
const SETTINGS = {
  session_timezone: `'UTC'`,
  use_query_condition_cache: 0,
  output_format_json_quote_64bit_integers: 1,
  // An alias does not hide the column of the same name.
  prefer_column_name_to_alias: 1,
  // What an outer join does not find is null.
  join_use_nulls: 1,
};

/** ClickHouse inside this process: MergeTree tables in a directory. */
export class ClickHousePeer implements Peer {
  readonly engine = 'clickhouse';

  private constructor(
    readonly version: string,
    private readonly session: ChdbSession,
    private readonly settings: string,
  ) {}

  static async open(directory: string, threads: number): Promise<ClickHousePeer> {
    const { module, version } = loadPeerModule<ChdbModule>('chdb');
    const session = new module.Session(directory);
    const settings = Object.entries({ ...SETTINGS, max_threads: threads });
    const list = settings.map(([name, value]) => `${name} = ${value}`).join(', ');
    const peer = new ClickHousePeer(version, session, list);
    const [row] = (await peer.ask('SELECT version()')).rows();
    return new ClickHousePeer(`${row?.[0]} (chdb ${version})`, session, list);
  }

  /** One merged part, so that merges do not run while queries are measured. */
  async load(table: Table, file: string, codec: 'LZ4' | 'ZSTD' = 'LZ4'): Promise<void> {
    await this.run(clickhouseTable(table, codec));
    await this.run(
      `INSERT INTO ${table.name} SELECT * FROM file('${file}', Parquet) SETTINGS ${this.settings}`,
    );
    await this.run(`OPTIMIZE TABLE ${table.name} FINAL`);
  }

  async diskBytes(dataSet: DataSet): Promise<number> {
    const names = tablesOf(dataSet, 0).map(({ table }) => `'${table.name}'`);
    const answer = await this.ask(
      `SELECT SUM(bytes_on_disk) FROM system.parts WHERE active AND table IN (${names.join(', ')})`,
    );
    return Number(answer.rows()[0]?.[0]);
  }

  async ask(sql: string): Promise<Answer> {
    const text = await this.run(`${sql} SETTINGS ${this.settings}`);
    const { meta, data } = JSON.parse(text) as ClickHouseJson;
    const types = meta.map(({ type }) => plainType(type));
    return { rows: () => data.map((row) => row.map((value, at) => cellOf(value, types[at]!))) };
  }

  async run(sql: string): Promise<string> {
    return (await this.session.queryAsync(sql, { format: 'JSONCompact' })).text();
  }

  async close(): Promise<void> {
    this.session.close();
  }
}

const plainType = (type: string): string =>
  type.replace(/^LowCardinality\((.*)\)$/, '$1').replace(/^Nullable\((.*)\)$/, '$1');

function cellOf(value: unknown, type: string): Cell {
  if (typeof value !== 'string') return value as Cell;
  if (/^U?Int/.test(type)) return long(BigInt(value));
  if (type.startsWith('Date')) return Date.parse(`${value.replace(' ', 'T')}${zoneOf(value)}`);
  return value;
}

/** A date alone is UTC for Date.parse, a date with a time is not. */
const zoneOf = (value: string): string => (value.includes(' ') ? 'Z' : '');
