import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Part, PartOptions } from '../parts.js';
import { ClickHousePeer } from '../query/clickhouse-peer.js';
import type { DataSet } from '../query/data-set.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { parquetFile } from '../query/generate.js';
import { table } from '../query/markdown.js';
import { ENGINE_NAMES, type Engine, type Peer } from '../query/peer.js';
import { unit, wide, zipf } from '../query/random.js';
import { VarvePeer } from '../query/varve-peer.js';
import { shown } from '../storage/timing.js';
import { relative } from './input.js';

const LOG_NORMAL = `exp(3 + sqrt(-2 * ln(${unit('radius')} + 1e-10)) * cos(2 * pi() * ${unit('angle')}))`;

/** The distributions of `input.ts`. */
const NUMBERS: DataSet = {
  name: 'sketch_numbers',
  columns: [
    { name: 'wide', type: 'bigint', sql: wide('wide') },
    { name: 'skewed', type: 'integer', sql: zipf(1_000_000, 'skewed') },
    { name: 'amount', type: 'double', sql: LOG_NORMAL },
  ],
  time: "TIMESTAMP '2026-01-01' + to_milliseconds(row)",
  ranks: {},
  segmentGranularity: 'YEAR',
  clickhouseOrder: '__time',
  queries: [],
};

interface Question {
  readonly task: 'distinct' | 'quantiles' | 'top' | 'sums';
  readonly engine: Engine;
  /** An expression over one of the columns. */
  readonly sql: string;
}

const QUESTIONS: readonly Question[] = [
  { task: 'distinct', engine: 'varve', sql: 'APPROX_COUNT_DISTINCT_BUILTIN(wide)' },
  { task: 'distinct', engine: 'varve', sql: 'APPROX_COUNT_DISTINCT_DS_HLL(wide)' },
  { task: 'distinct', engine: 'varve', sql: 'APPROX_COUNT_DISTINCT_DS_THETA(wide)' },
  { task: 'distinct', engine: 'duckdb', sql: 'approx_count_distinct(wide)' },
  { task: 'distinct', engine: 'clickhouse', sql: 'uniq(wide)' },
  { task: 'distinct', engine: 'clickhouse', sql: 'uniqCombined(wide)' },
  { task: 'distinct', engine: 'clickhouse', sql: 'uniqHLL12(wide)' },
  { task: 'quantiles', engine: 'varve', sql: 'APPROX_QUANTILE_DS(amount, 0.5)' },
  { task: 'quantiles', engine: 'varve', sql: 'TDIGEST_QUANTILE(amount, 0.5)' },
  { task: 'quantiles', engine: 'duckdb', sql: 'approx_quantile(amount, 0.5)' },
  { task: 'quantiles', engine: 'duckdb', sql: 'reservoir_quantile(amount, 0.5)' },
  { task: 'quantiles', engine: 'clickhouse', sql: 'quantile(0.5)(amount)' },
  { task: 'quantiles', engine: 'clickhouse', sql: 'quantileTDigest(0.5)(amount)' },
  { task: 'quantiles', engine: 'clickhouse', sql: 'quantileGK(100, 0.5)(amount)' },
  { task: 'top', engine: 'varve', sql: 'APPROX_TOP_K(skewed, 10)' },
  { task: 'top', engine: 'duckdb', sql: 'approx_top_k(skewed, 10)::VARCHAR' },
  { task: 'top', engine: 'clickhouse', sql: 'topK(10)(skewed)' },
  { task: 'sums', engine: 'varve', sql: 'VAR_POP(amount)' },
  { task: 'sums', engine: 'duckdb', sql: 'var_pop(amount)' },
  { task: 'sums', engine: 'clickhouse', sql: 'varPop(amount)' },
];

type Opened = readonly [Engine, VarvePeer | DuckDBPeer | ClickHousePeer];

/** Functions of stores over a table on one thread: what a row of a scan costs, from question to answer. */
export const engines: Part = {
  name: 'engines',

  async run(options) {
    const scratch = mkdtempSync(join(options.dataDirectory, 'sketches-'));
    const peers: Opened[] = [];
    try {
      for (const engine of ['duckdb', 'clickhouse', 'varve'] as const) {
        peers.push([engine, await open(engine, scratch, options)]);
        options.say(`${engine}: opened`);
      }
      return await measureAll(new Map(peers), options);
    } finally {
      for (const [, peer] of peers) await peer.close();
      rmSync(scratch, { recursive: true, force: true });
    }
  },
};

async function open(engine: Engine, scratch: string, { rows, dataDirectory }: PartOptions) {
  const directory = join(scratch, engine);
  mkdirSync(directory, { recursive: true });
  const maker = await DuckDBPeer.open(join(scratch), 1);
  const file = await parquetFile(NUMBERS, rows, dataDirectory, (sql) => maker.run(sql));
  await maker.close();
  const peer =
    engine === 'duckdb'
      ? await DuckDBPeer.open(directory, 1)
      : engine === 'clickhouse'
        ? await ClickHousePeer.open(directory, 1)
        : await VarvePeer.open(directory, 1, dataDirectory);
  await peer.load(NUMBERS, file);
  return peer;
}

interface Measured {
  readonly task: string;
  readonly engine: Engine;
  readonly sql: string;
  readonly rowNs: number;
  readonly error: number | null;
  /** Of ClickHouse's -State. */
  readonly stateBytes: number | null;
}

async function measureAll(
  peers: ReadonlyMap<Engine, Peer>,
  { rows, rounds, wants, say }: PartOptions,
) {
  const measured: Measured[] = [];
  for (const { task, engine, sql } of QUESTIONS) {
    if (!wants(task)) continue;
    const peer = peers.get(engine)!;
    const { ms, answer } = await asked(peer, `SELECT ${sql} FROM ${NUMBERS.name}`, rounds);
    const error = await errorOf(peers.get('duckdb')!, task, answer);
    const stateBytes = engine === 'clickhouse' ? await stateOf(peer, sql) : null;
    measured.push({ task, engine, sql, rowNs: (ms * 1e6) / rows, error, stateBytes });
    say(`${sql}: measured`);
  }
  return { text: textOf(measured), json: measured };
}

async function asked(peer: Peer, sql: string, rounds: number) {
  let ms = Number.POSITIVE_INFINITY;
  let answer: unknown = null;
  for (let round = 0; round <= rounds; round++) {
    const start = performance.now();
    const result = await peer.ask(sql);
    ms = Math.min(ms, performance.now() - start);
    answer = result.rows()[0]?.[0];
  }
  return { ms, answer };
}

/** Of a count or a variance a part of the truth; of the median how far its rank is from the middle, as a part of all. */
async function errorOf(truth: Peer, task: string, answer: unknown): Promise<number | null> {
  if (task === 'top') return null;
  const exact = {
    distinct: 'count(DISTINCT wide)',
    sums: 'var_pop(amount)',
    quantiles: `avg(CASE WHEN amount < ${answer} THEN 1.0 ELSE 0.0 END)`,
  }[task];
  const [row] = (await truth.ask(`SELECT ${exact} FROM ${NUMBERS.name}`)).rows();
  const number = Number(row![0]);
  return task === 'quantiles' ? Math.abs(number - 0.5) : relative(Number(answer), number);
}

async function stateOf(peer: Peer, sql: string): Promise<number> {
  const state = sql.replace(/^\w+/, (name) => `${name}State`);
  const [row] = (await peer.ask(`SELECT length(hex(${state})) / 2 FROM ${NUMBERS.name}`)).rows();
  return Number(row![0]);
}

function textOf(measured: readonly Measured[]): string {
  const lines = measured.map(({ task, engine, sql, rowNs, error, stateBytes }) => [
    ...[task, ENGINE_NAMES[engine], `\`${sql}\``, shown(rowNs)],
    error === null ? '' : `${shown(100 * error)} %`,
    stateBytes === null ? '' : stateBytes.toLocaleString('en'),
  ]);
  const head = ['for', 'engine', 'function', 'ns/row', 'error', 'bytes of -State'];
  return `### Beside DuckDB and ClickHouse, one thread\n\n${table(head, lines)}`;
}
