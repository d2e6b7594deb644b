/**
 * A first look at speed: bulk ingestion, scans, filters and group-bys over the flights, beside
 * DuckDB in one run, the answers compared before times are. `npm run bench [-- --rows 3000000]`.
 *
 * Both get the machine's cores; rounds are interleaved and the median counts, so that a busy moment
 * hits both alike. Varve answers through its library entry (planning, workers and merging included).
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { open, type Varve } from '../server/index.js';
import { FLIGHTS_DIRECTORY } from './flights.js';
import { NO_CACHES } from './no-caches.js';

const ROUNDS = 9;
const WARM_UP_ROUNDS = 2;
const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

interface Measured {
  readonly name: string;
  readonly varveMs: number;
  readonly duckdbMs: number;
}

/** One statement that both understand; DuckDB's own text where the dialects differ. */
interface Case {
  readonly name: string;
  readonly varve: string;
  readonly duckdb?: string;
}

const CASES: readonly Case[] = [
  { name: 'count', varve: 'SELECT COUNT(*) FROM flights' },
  {
    name: 'scan: sum, min, max',
    varve: 'SELECT SUM(delay), MIN(distance), MAX(distance) FROM flights',
  },
  {
    name: 'filter: one origin',
    varve: "SELECT COUNT(*), SUM(distance) FROM flights WHERE origin = 'SEA'",
  },
  {
    name: 'filter: range',
    varve: 'SELECT COUNT(*), SUM(distance) FROM flights WHERE delay BETWEEN 15 AND 60',
  },
  {
    name: 'filter: LIKE and range',
    varve: "SELECT COUNT(*) FROM flights WHERE destination LIKE 'S%' AND delay > 0",
  },
  {
    name: 'group by origin',
    varve: 'SELECT origin, COUNT(*), SUM(delay) FROM flights GROUP BY origin ORDER BY origin',
  },
  {
    name: 'group by origin, destination',
    varve:
      'SELECT origin, destination, COUNT(*), SUM(distance) FROM flights GROUP BY origin, destination ORDER BY origin, destination',
  },
  {
    name: 'top 10 destinations',
    varve:
      'SELECT destination, SUM(distance) s FROM flights GROUP BY destination ORDER BY s DESC, destination LIMIT 10',
  },
  {
    name: 'per day',
    varve:
      'SELECT FLOOR(__time TO DAY) d, COUNT(*) FROM flights GROUP BY FLOOR(__time TO DAY) ORDER BY d',
    duckdb: "SELECT date_trunc('day', __time) d, COUNT(*) FROM flights GROUP BY d ORDER BY d",
  },
];

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}

/** A Parquet file of the first `rows` flights. */
async function inputFile(duck: DuckDBConnection, directory: string, rows: number): Promise<string> {
  const source = join(FLIGHTS_DIRECTORY, 'flights-3m.parquet');
  const target = join(directory, 'flights.parquet');
  await duck.run(
    `COPY (SELECT * FROM read_parquet('${source}') LIMIT ${rows}) TO '${target}' (FORMAT parquet)`,
  );
  return target;
}

async function load(varve: Varve, duck: DuckDBConnection, file: string): Promise<Measured> {
  const spec = JSON.parse(readFileSync(join(REPOSITORY, 'examples', 'flights.json'), 'utf8'));
  spec.spec.ioConfig.inputSource = { type: 'local', files: [file] };
  const ours = await timed(() => varve.ingest(spec));
  const theirs = await timed(() =>
    duck.run(
      `CREATE TABLE flights AS SELECT date AS __time, origin, destination, delay, distance
       FROM read_parquet('${file}') ORDER BY __time, origin, destination, delay, distance`,
    ),
  );
  return { name: 'bulk ingestion', varveMs: ours.ms, duckdbMs: theirs.ms };
}

/** Rows as comparable text: integers alike whatever their type, instants as milliseconds. */
function comparable(rows: readonly (readonly unknown[])[]): string {
  const cell = (value: unknown): unknown => {
    if (typeof value === 'bigint') return Number(value);
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) return Date.parse(value);
    if (typeof value === 'object' && value !== null && 'micros' in value) {
      return Number(value.micros) / 1000;
    }
    return value;
  };
  return JSON.stringify(rows.map((row) => row.map(cell)));
}

async function compare(varve: Varve, duck: DuckDBConnection, test: Case): Promise<Measured> {
  const ask = async () => (await varve.sql(test.varve)).map((row) => Object.values(row));
  const askDuck = async () => (await duck.runAndReadAll(test.duckdb ?? test.varve)).getRows();
  const [ours, theirs] = [comparable(await ask()), comparable(await askDuck())];
  if (ours !== theirs)
    throw new Error(
      `${test.name}: the answers differ\n${ours.slice(0, 300)}\n${theirs.slice(0, 300)}`,
    );
  const varveMs: number[] = [];
  const duckdbMs: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const [a, b] = [(await timed(ask)).ms, (await timed(askDuck)).ms];
    if (round < WARM_UP_ROUNDS) continue;
    varveMs.push(a);
    duckdbMs.push(b);
  }
  return { name: test.name, varveMs: median(varveMs), duckdbMs: median(duckdbMs) };
}

function report(measured: readonly Measured[], rows: number): string {
  const lines = measured.map(({ name, varveMs, duckdbMs }) => {
    const perRow = (ms: number) => ((ms * 1e6) / rows).toFixed(2);
    const ratio = (duckdbMs / varveMs).toFixed(2);
    return `| ${name} | ${varveMs.toFixed(1)} | ${perRow(varveMs)} | ${duckdbMs.toFixed(1)} | ${perRow(duckdbMs)} | ${ratio}x |`;
  });
  return [
    `${rows.toLocaleString('en-US')} flights; Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores; medians of ${ROUNDS} interleaved rounds`,
    '',
    '| | Varve ms | ns/row | DuckDB ms | ns/row | DuckDB time / Varve time |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

async function main(): Promise<void> {
  const rows = option('rows', 3_000_000);
  const directory = mkdtempSync(join(tmpdir(), 'varve-bench-'));
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  const file = await inputFile(duck, directory, rows);
  const query = { cache: NO_CACHES };
  const varve = await open(join(directory, 'data'), { localRoots: [directory], query });
  try {
    const ingestion = await load(varve, duck, file);
    const measured = [ingestion];
    for (const test of CASES) measured.push(await compare(varve, duck, test));
    console.log(report(measured, rows));
    console.log(
      `\nbulk ingestion: ${Math.round(rows / ingestion.varveMs).toLocaleString('en-US')} thousand rows/s`,
    );
    const results = join(REPOSITORY, 'bench', 'results');
    mkdirSync(results, { recursive: true });
    writeFileSync(
      join(results, 'first-look.json'),
      JSON.stringify({ rows, node: process.version, measured }, null, 2),
    );
  } finally {
    await varve.close();
    duck.closeSync();
    rmSync(directory, { recursive: true, force: true });
  }
}

await main();
