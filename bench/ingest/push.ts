import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Part, PartOptions } from '../parts.js';
import { DuckDBPeer } from '../query/duckdb-peer.js';
import { table } from '../query/markdown.js';
import { median } from '../query/statistics.js';
import { INGEST_SETS, jsonLinesFile } from './data-sets.js';
import { BenchServer } from './server.js';

const ROWS_PER_BATCH = 1_000;
/** Producers, each with one batch on its way. */
const PRODUCERS = 8;
/** Of the rate that was reached: what dashboards are asked beside. */
const LOAD = 0.5;
const QUERY_ROUNDS = 40;

/** What a dashboard asks again and again. */
const QUERIES = [
  'SELECT COUNT(*), SUM(added) FROM edits',
  'SELECT channel, COUNT(*) AS n FROM edits GROUP BY 1 ORDER BY 2 DESC LIMIT 10',
  "SELECT TIME_FLOOR(__time, 'PT1H'), SUM(added) FROM edits WHERE isRobot = 'false' GROUP BY 1",
  'SELECT page, SUM(delta) AS d FROM edits GROUP BY 1 ORDER BY 2 DESC LIMIT 10',
];

interface PushMeasure {
  readonly rowsPerSecond: number;
  /** Of one batch, from the request to the answer; milliseconds, ascending. */
  readonly ackMs: readonly number[];
}

/**
 * Pushes over HTTP to a server process on the same machine: how many rows a second are acknowledged from the disk, how long one batch
 * takes, and how long queries take while half as many come.
 */
export const push: Part = {
  name: 'push',
  async run(options) {
    const [edits] = INGEST_SETS;
    const bodies = batchesOf(readFileSync(await editsFile(options), 'utf8'));
    const rounds: PushMeasure[] = [];
    for (let round = 0; round < options.rounds; round++) {
      rounds.push(await withServer(options, (server) => pushAll(server, bodies)));
      options.say(`push: ${rounds.at(-1)!.rowsPerSecond.toFixed(0)} rows/s`);
    }
    const rate = median(rounds.map(({ rowsPerSecond }) => rowsPerSecond));
    const queries = await withServer(options, (server) => queriesBeside(server, bodies, rate));
    const acks = rounds.flatMap(({ ackMs }) => [...ackMs]).sort((a, b) => a - b);
    const facts = {
      rowsPerSecond: rate,
      ackP50Ms: quantile(acks, 0.5),
      ackP99Ms: quantile(acks, 0.99),
      ...queries,
    };
    return { json: { dataSet: edits!.name, ...facts }, text: textOf(facts) };
  },
};

async function editsFile({ rows, dataDirectory }: PartOptions): Promise<string> {
  const scratch = mkdtempSync(join(dataDirectory, 'make-'));
  const maker = await DuckDBPeer.open(scratch, 2);
  try {
    return await jsonLinesFile(INGEST_SETS[0]!, rows, dataDirectory, (sql) => maker.run(sql));
  } finally {
    await maker.close();
    rmSync(scratch, { recursive: true });
  }
}

function batchesOf(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  const batches: string[] = [];
  for (let at = 0; at < lines.length; at += ROWS_PER_BATCH) {
    batches.push(lines.slice(at, at + ROWS_PER_BATCH).join('\n'));
  }
  return batches;
}

async function withServer<T>(
  { dataDirectory }: PartOptions,
  run: (server: BenchServer) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(dataDirectory, 'push-'));
  const server = await BenchServer.start(dataDir);
  try {
    await declare(server);
    return await run(server);
  } finally {
    await server.kill();
    rmSync(dataDir, { recursive: true });
  }
}

async function declare(server: BenchServer): Promise<void> {
  const columns = INGEST_SETS[0]!.columns.map(({ name, type }) => ({
    name,
    type: type === 'varchar' ? 'string' : 'long',
  }));
  const response = await fetch(`${server.url}/v1/tables/edits`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      timestampSpec: { column: '__time' },
      dimensionsSpec: { dimensions: columns },
      granularitySpec: { segmentGranularity: 'day', rollup: false },
    }),
  });
  if (!response.ok) throw new Error(`declare: ${response.status} ${await response.text()}`);
}

/** All batches, by all producers, as fast as they are acknowledged. */
async function pushAll(server: BenchServer, bodies: readonly string[]): Promise<PushMeasure> {
  const ackMs: number[] = [];
  let next = 0;
  let rows = 0;
  const startedMs = performance.now();
  const produce = async (producer: number): Promise<void> => {
    for (let sequence = 0; next < bodies.length; sequence++) {
      const body = bodies[next++]!;
      const sentMs = performance.now();
      const stored = await pushOne(server, body, `p${producer}`, sequence);
      rows += stored;
      ackMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: PRODUCERS }, (_, producer) => produce(producer)));
  const seconds = (performance.now() - startedMs) / 1000;
  const [[stored] = []] = await server.sql('SELECT COUNT(*) FROM edits');
  if (stored !== rows) throw new Error(`${rows} rows were acknowledged, ${stored} are there`);
  return { rowsPerSecond: rows / seconds, ackMs };
}

/** Gives how many rows were stored. */
async function pushOne(
  server: BenchServer,
  body: string,
  producer: string,
  sequence: number,
): Promise<number> {
  const response = await fetch(`${server.url}/v1/tables/edits/rows`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-ndjson',
      'x-varve-producer': producer,
      'x-varve-sequence': String(sequence),
    },
    body,
  });
  const answer = (await response.json()) as { stored?: number };
  if (response.status === 200) return answer.stored ?? 0;
  if (response.status !== 429)
    throw new Error(`push: ${response.status} ${JSON.stringify(answer)}`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  return pushOne(server, body, producer, sequence);
}

/** Medians and 99th percentiles of the queries' times, on half of the rows, without and with the other half coming in. */
async function queriesBeside(server: BenchServer, bodies: readonly string[], rate: number) {
  const half = Math.ceil(bodies.length / 2);
  await pushAll(server, bodies.slice(0, half));
  const idle = await queryTimes(server);
  const stop = { now: false };
  const pushing = pushPaced(server, bodies.slice(half), rate * LOAD, stop);
  const busy = await queryTimes(server);
  stop.now = true;
  const pushed = await pushing;
  return {
    idleP50Ms: quantile(idle, 0.5),
    idleP99Ms: quantile(idle, 0.99),
    busyP50Ms: quantile(busy, 0.5),
    busyP99Ms: quantile(busy, 0.99),
    busyRowsPerSecond: pushed,
  };
}

async function queryTimes(server: BenchServer): Promise<number[]> {
  const times: number[] = [];
  for (let round = 0; round < QUERY_ROUNDS; round++) {
    for (const query of QUERIES) {
      const startedMs = performance.now();
      await server.sql(query);
      times.push(performance.now() - startedMs);
    }
  }
  return times.sort((a, b) => a - b);
}

/** Pushes at a rate until told to stop, the batches over and over; gives the rate that was reached. */
async function pushPaced(
  server: BenchServer,
  bodies: readonly string[],
  rate: number,
  stop: { readonly now: boolean },
): Promise<number> {
  const startedMs = performance.now();
  let rows = 0;
  for (let sequence = 0; !stop.now; sequence++) {
    const stored = await pushOne(server, bodies[sequence % bodies.length]!, 'paced', sequence);
    rows += stored;
    const aheadMs = (rows / rate) * 1000 - (performance.now() - startedMs);
    if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
  return rows / ((performance.now() - startedMs) / 1000);
}

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;

interface Facts extends Record<string, number> {
  readonly rowsPerSecond: number;
}

function textOf(facts: Facts): string {
  const shown = (value: number | undefined) =>
    (value ?? 0) >= 1000 ? Math.round(value ?? 0).toLocaleString('en-US') : (value ?? 0).toFixed(1);
  const rows = Object.entries({
    'rows/s acknowledged from the disk, batches of 1,000, 8 producers over HTTP': 'rowsPerSecond',
    'one batch, p50 ms': 'ackP50Ms',
    'one batch, p99 ms': 'ackP99Ms',
    'query while idle, p50 ms': 'idleP50Ms',
    'query while idle, p99 ms': 'idleP99Ms',
    'query while rows come in, p50 ms': 'busyP50Ms',
    'query while rows come in, p99 ms': 'busyP99Ms',
    'rows/s that came in meanwhile': 'busyRowsPerSecond',
  }).map(([name, key]) => [name, shown(facts[key])]);
  return table(['push', 'figure'], rows);
}
