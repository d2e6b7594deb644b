/**
 * Varve beside DuckDB and ClickHouse, on made-up data: `npm run bench:query`.
 *
 * All three run embedded in this one process, with as many threads each, and are asked in turn, so
 * that a busy moment hits them alike. Answers are compared before times are. The peers are installed
 * by `npm ci --prefix bench`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Before, beforeText, readBefore } from './before.js';
import { CLASSES } from './classes.js';
import { ClickHousePeer } from './clickhouse-peer.js';
import { type DataSet, type Query, type QueryClass, type Table, tablesOf } from './data-set.js';
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

interface TableFile {
  readonly table: Table;
  readonly file: string;
}

async function makeData(dataSet: DataSet, rows: number, scratch: string): Promise<TableFile[]> {
  const directory = join(scratch, `make-${dataSet.name}`);
  mkdirSync(directory);
  // Not the measured instance: its caches shall not know the file.
  const maker = await DuckDBPeer.open(directory, 2);
  const files: TableFile[] = [];
  try {
    for (const { table, rows: count } of tablesOf(dataSet, rows)) {
      const file = await parquetFile(table, count, DATA, (sql) => maker.run(sql));
      files.push({ table, file });
    }
    return files;
  } finally {
    await maker.close();
  }
}

async function loadAll(
  engines: Engines,
  dataSet: DataSet,
  files: readonly TableFile[],
): Promise<Loaded[]> {
  const loaded: Loaded[] = [];
  for (const peer of inTurn(engines)) {
    const start = performance.now();
    for (const { table, file } of files) await peer.load(table, file);
    const ms = performance.now() - start;
    loaded.push({ engine: peer.engine, ms, diskBytes: await peer.diskBytes(dataSet) });
    say(`${dataSet.name}: ${ENGINE_NAMES[peer.engine]} loaded in ${(ms / 1000).toFixed(1)} s`);
  }
  await engines.varve.defineLookups(dataSet);
  return loaded;
}

/** One line while it runs. */
function sayMeasured(one: Measured): void {
  const times = Object.entries(one.ms).map(([engine, ms]) => `${engine} ${ms.toFixed(1)}`);
  say(one.errors.join('\n') || `${one.id}: ${times.join(', ')} (${ratioOf(one).toFixed(2)}x)`);
}

/** The classes of one data set, which is loaded once. */
async function runClasses(
  classes: readonly QueryClass[],
  options: Options,
  scratch: string,
): Promise<Pick<Report, 'classes' | 'versions'>> {
  const { dataSet } = classes[0]!;
  const files = await makeData(dataSet, options.rows, scratch);
  const engines = await openEngines(join(scratch, dataSet.name), options.threads);
  try {
    let loaded = await loadAll(engines, dataSet, files);
    const reports: ClassReport[] = [];
    for (const one of classes) {
      reports.push({
        class: one.name,
        loaded,
        measured: await measureClass(engines, one, options),
      });
      loaded = [];
    }
    const versions = Object.fromEntries(inTurn(engines).map((peer) => [peer.engine, peer.version]));
    return { classes: reports, versions: versions as Report['versions'] };
  } finally {
    for (const peer of inTurn(engines)) await peer.close();
    rmSync(join(scratch, dataSet.name), { recursive: true, force: true });
  }
}

async function measureClass(
  engines: Engines,
  { name, queries }: QueryClass,
  options: Options,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const query of queries) {
    if (!isAsked(query, options.only)) continue;
    const one = await measureQuery(engines, name, query, options);
    sayMeasured(one);
    measured.push(one);
  }
  return measured;
}

/** `--only H05` will do for `H05 users, exact`. */
const isAsked = ({ id, tags }: Query, only: string | null): boolean =>
  only === null || id === only || id.split(' ')[0] === only || tags.some((tag) => tag === only);

/** The classes that are asked for and have a query to run, those of one data set together. */
function chosen({ classes, only }: Options): QueryClass[][] {
  const found = CLASSES.filter(
    ({ name, queries }) => classes.includes(name) && queries.some((query) => isAsked(query, only)),
  );
  if (found.length === 0)
    throw new UsageError(`--only: there is no query or tag ${only} in ${classes}`);
  const dataSets = new Set(found.map(({ dataSet }) => dataSet));
  return [...dataSets].map((dataSet) => found.filter((one) => one.dataSet === dataSet));
}

async function run(options: Options): Promise<Report> {
  const together = chosen(options);
  const scratch = mkdtempSync(join(tmpdir(), 'varve-bench-query-'));
  try {
    const ran: Awaited<ReturnType<typeof runClasses>>[] = [];
    for (const classes of together) ran.push(await runClasses(classes, options, scratch));
    const { rows, rounds, threads } = options;
    const { versions } = ran[0]!;
    const classes = ran.flatMap((one) => one.classes);
    return { rows, rounds, threads, machine: thisMachine(), versions, classes };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  if (process.argv.includes('--help')) return console.log(USAGE);
  const options = parseOptions(
    process.argv.slice(2),
    CLASSES.map(({ name }) => name),
  );
  // Read first: a wrong file shall not be told after an hour.
  const before = options.before === null ? null : readBefore(options.before);
  const report = await run(options);
  const text = textOf(report, before);
  console.log(text);
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'query.json'), JSON.stringify(report, null, 2));
  if (options.markdown !== null) writeFileSync(options.markdown, `${text}\n`);
  const failed = report.classes.some(({ measured }) => measured.some((one) => one.errors.length));
  if (failed) process.exitCode = 1;
}

function textOf(report: Report, before: Before | null): string {
  const text = reportText(report);
  const measured = report.classes.flatMap((one) => one.measured);
  return before === null ? text : `${text}\n\n${beforeText(before, measured)}`;
}

await runMain(main);
