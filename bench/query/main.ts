/**
 * Varve beside DuckDB and ClickHouse, on made-up data of three kinds: `npm run bench:query`.
 *
 * All three run embedded in this one process, with as many threads each, and are asked in turn, so
 * that a busy moment hits them alike. Answers are compared before times are. The peers are installed
 * by `npm ci --prefix bench`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHousePeer } from './clickhouse-peer.js';
import type { DataSet, Query } from './data-set.js';
import { DATA_SETS } from './data-sets.js';
import { DuckDBPeer } from './duckdb-peer.js';
import { parquetFile } from './generate.js';
import { thisMachine } from './machine.js';
import { type Engines, inTurn, type Measured, measureQuery } from './measure.js';
import { type Options, parseOptions, runMain, USAGE, UsageError } from './options.js';
import { ENGINE_NAMES, type Engine, REPOSITORY } from './peer.js';
import { type ClassReport, type Loaded, type Report, ratioOf, reportText } from './report.js';
import { VarvePeer } from './varve-peer.js';

const DATA = join(REPOSITORY, 'bench', 'data');
const RESULTS = join(REPOSITORY, 'bench', 'results');

/** Progress goes to stderr, so that the report can be piped. */
const say = (text: string): void => console.error(text);

async function openEngines(directory: string, threads: number): Promise<Engines> {
  const own = (engine: Engine): string => {
    const path = join(directory, engine);
    mkdirSync(path, { recursive: true });
    return path;
  };
  return {
    varve: await VarvePeer.open(own('varve'), threads, DATA),
    duckdb: await DuckDBPeer.open(own('duckdb'), threads),
    clickhouse: await ClickHousePeer.open(own('clickhouse'), threads),
  };
}

async function makeData(dataSet: DataSet, rows: number, scratch: string): Promise<string> {
  const directory = join(scratch, `make-${dataSet.name}`);
  mkdirSync(directory);
  // Not the measured instance: its caches shall not know the file.
  const maker = await DuckDBPeer.open(directory, 2);
  try {
    return await parquetFile(dataSet, rows, DATA, (sql) => maker.run(sql));
  } finally {
    await maker.close();
  }
}

async function loadAll(engines: Engines, dataSet: DataSet, file: string): Promise<Loaded[]> {
  const loaded: Loaded[] = [];
  for (const peer of inTurn(engines)) {
    const start = performance.now();
    await peer.load(dataSet, file);
    const ms = performance.now() - start;
    loaded.push({ engine: peer.engine, ms, diskBytes: await peer.diskBytes(dataSet) });
    say(`${dataSet.name}: ${ENGINE_NAMES[peer.engine]} loaded in ${(ms / 1000).toFixed(1)} s`);
  }
  return loaded;
}

/** One line while it runs. */
function sayMeasured(one: Measured): void {
  const times = Object.entries(one.ms).map(([engine, ms]) => `${engine} ${ms.toFixed(1)}`);
  say(one.errors.join('\n') || `${one.id}: ${times.join(', ')} (${ratioOf(one).toFixed(2)}x)`);
}

async function runClass(
  dataSet: DataSet,
  options: Options,
  scratch: string,
): Promise<ClassReport & Pick<Report, 'versions'>> {
  const file = await makeData(dataSet, options.rows, scratch);
  const engines = await openEngines(join(scratch, dataSet.name), options.threads);
  try {
    const loaded = await loadAll(engines, dataSet, file);
    const measured: Measured[] = [];
    for (const query of dataSet.queries) {
      if (!isAsked(query, options.only)) continue;
      const one = await measureQuery(engines, dataSet, query, options);
      sayMeasured(one);
      measured.push(one);
    }
    const versions = Object.fromEntries(inTurn(engines).map((peer) => [peer.engine, peer.version]));
    return { dataSet: dataSet.name, loaded, measured, versions: versions as Report['versions'] };
  } finally {
    for (const peer of inTurn(engines)) await peer.close();
    rmSync(join(scratch, dataSet.name), { recursive: true, force: true });
  }
}

/** `--only H05` will do for `H05 users, exact`. */
const isAsked = ({ id, tags }: Query, only: string | null): boolean =>
  only === null || id === only || id.split(' ')[0] === only || tags.some((tag) => tag === only);

/** The data sets that are asked for and have a query to run. */
function chosen({ classes, only }: Options): DataSet[] {
  const found = DATA_SETS.filter(
    ({ name, queries }) => classes.includes(name) && queries.some((query) => isAsked(query, only)),
  );
  if (found.length === 0)
    throw new UsageError(`--only: there is no query or tag ${only} in ${classes}`);
  return found;
}

async function run(options: Options): Promise<Report> {
  const scratch = mkdtempSync(join(tmpdir(), 'varve-bench-query-'));
  try {
    const classes: Awaited<ReturnType<typeof runClass>>[] = [];
    for (const dataSet of chosen(options)) classes.push(await runClass(dataSet, options, scratch));
    const { rows, rounds, threads } = options;
    const { versions } = classes[0]!;
    return { rows, rounds, threads, machine: thisMachine(), versions, classes };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(USAGE);
  const options = parseOptions(
    process.argv.slice(2),
    DATA_SETS.map(({ name }) => name),
  );
  const report = await run(options);
  const text = reportText(report);
  console.log(text);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'query.json'), JSON.stringify(report, null, 2));
  if (options.markdown !== null) writeFileSync(options.markdown, `${text}\n`);
  const failed = report.classes.some(({ measured }) => measured.some((one) => one.errors.length));
  if (failed) process.exitCode = 1;
}

await runMain(main);
