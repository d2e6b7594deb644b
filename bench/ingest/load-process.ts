/**
 * One load of one file into one engine, in a process of its own, so that its CPU time and memory are
 * nobody else's: `node load-process.js '<LoadJob as JSON>'`, answers with a LoadMeasure as JSON.
 */

import { dirname } from 'node:path';
import { ClickHousePeer } from '../query/clickhouse-peer.js';
import { clickhouseTable, type DataSet } from '../query/data-set.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import type { Engine, Peer } from '../query/peer.js';
import { VarvePeer } from '../query/varve-peer.js';
import { checksOf, duckdbColumns, INGEST_SETS, ingestionTask } from './data-sets.js';

export interface LoadJob {
  readonly engine: Engine;
  /** By name. */
  readonly dataSet: string;
  readonly file: string;
  /** An empty directory. */
  readonly directory: string;
}

export interface LoadMeasure {
  readonly version: string;
  readonly wallMs: number;
  /** Of all threads of the process, user and system, while it loaded. */
  readonly cpuMs: number;
  /** Of the process in all its life. */
  readonly peakRssBytes: number;
  readonly diskBytes: number;
  /** The answers to the data set's checks. */
  readonly check: readonly unknown[];
}

interface Loader {
  readonly peer: Peer;
  load(): Promise<void>;
}

type Open = (job: LoadJob, dataSet: DataSet) => Promise<Loader>;

/** A task as a user would submit it; one thread reads, sorts and writes, and its result is published. */
const openVarve: Open = async ({ directory, file }, dataSet) => {
  const peer = await VarvePeer.open(directory, 1, dirname(file));
  return { peer, load: () => peer.ingest(ingestionTask(dataSet, file)) };
};

/** Into a table of a database file, columns named, checkpointed. */
const openDuckDB: Open = async ({ directory, file }, dataSet) => {
  const peer = await DuckDBPeer.open(directory, 1);
  const source = `read_json('${file}', format = 'newline_delimited', columns = ${duckdbColumns(dataSet)})`;
  const load = async () => {
    await peer.run(`CREATE TABLE ${dataSet.name} AS SELECT * FROM ${source}`);
    await peer.run('CHECKPOINT');
  };
  return { peer, load };
};

/** Into a MergeTree ordered by time; parts are left as they are written, which is cheapest. */
const openClickHouse: Open = async ({ directory, file }, dataSet) => {
  const peer = await ClickHousePeer.open(directory, 1);
  const table = clickhouseTable({ ...dataSet, clickhouseOrder: '__time' });
  const settings = `max_threads = 1, max_insert_threads = 1, date_time_input_format = 'best_effort'`;
  const load = async () => {
    await peer.run(table);
    await peer.run(
      `INSERT INTO ${dataSet.name} SELECT * FROM file('${file}', JSONEachRow, '${structure(table)}') SETTINGS ${settings}`,
    );
  };
  return { peer, load };
};

/** The columns between the parentheses of a CREATE TABLE, as a text of ClickHouse. */
const structure = (table: string): string =>
  table.slice(table.indexOf('(') + 1, table.lastIndexOf(')\n')).replaceAll("'", "\\'");

const OPEN: Readonly<Record<Engine, Open>> = {
  varve: openVarve,
  duckdb: openDuckDB,
  clickhouse: openClickHouse,
};

async function measure(job: LoadJob): Promise<LoadMeasure> {
  const dataSet = INGEST_SETS.find(({ name }) => name === job.dataSet)!;
  const { peer, load } = await OPEN[job.engine](job, dataSet);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await load();
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  // Kibibytes; taken before the check, whose memory does not count.
  const peakRssBytes = 1024 * process.resourceUsage().maxRSS;
  const check: unknown[] = [];
  for (const sql of checksOf(dataSet)) check.push((await peer.ask(sql)).rows());
  const diskBytes = await peer.diskBytes(dataSet);
  await peer.close();
  const { version } = peer;
  return { version, wallMs, cpuMs: (user + system) / 1000, peakRssBytes, diskBytes, check };
}

const measured = await measure(JSON.parse(process.argv[2]!) as LoadJob);
process.stdout.write(
  JSON.stringify(measured, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
);
