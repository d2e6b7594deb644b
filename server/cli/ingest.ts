import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import {
  isJsonObject,
  type JsonObject,
  parseJson,
  RealDisk,
  UserError,
  utf8Decode,
} from '../../core/index.js';
import { Client, DEFAULT_URL } from './client.js';
import { dryRun } from './dry-run.js';

const POLL_MS = 250;

interface IngestOptions {
  readonly url: string;
  readonly dryRun?: true;
  readonly rows: string;
}

export function ingestCommand(): Command {
  return new Command('ingest')
    .description('submit an ingestion spec and follow it to its end')
    .argument('<spec>', 'a file with an index_parallel task, for example examples/flights.json')
    .option('--url <url>', 'the server', DEFAULT_URL)
    .option('--dry-run', 'show what would become of the first rows, and write nothing')
    .option('--rows <count>', 'how many rows a dry run reads', '20')
    .action(async (path: string, { url, dryRun: isDry, rows }: IngestOptions) => {
      const spec = parseJson(utf8Decode(new RealDisk().readFile(resolve(path))));
      if (!isJsonObject(spec)) throw new UserError(`${path}: want a JSON object with a task spec`);
      const client = new Client(url);
      if (isDry === true) process.stdout.write(`${await dryRun(client, spec, rowCount(rows))}\n`);
      else await ingest(client, spec);
    });
}

function rowCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new UserError(`--rows: want a number of rows, at least 1; got ${JSON.stringify(text)}`);
}

/** Submits a task and shows its rows as they are read. Throws UserError when it fails. */
export async function ingest(client: Client, spec: JsonObject): Promise<void> {
  const { task } = (await client.post('/druid/indexer/v1/task', spec)) as { task: string };
  const bar = new SingleBar({
    format: '{phase} {rows} rows, {rate} rows/s, {seconds} s',
    clearOnComplete: true,
    hideCursor: true,
  });
  const startedMs = performance.now();
  const path = `/druid/indexer/v1/task/${encodeURIComponent(task)}`;
  bar.start(1, 0, barFields('waiting', 0, 0, startedMs));
  try {
    for (;;) {
      const { status } = (await client.get(`${path}/status`)) as { status: JsonObject };
      if (status.statusCode === 'FAILED')
        throw new UserError(`task ${task} failed: ${status.errorMsg}`);
      if (status.statusCode === 'SUCCESS') break;
      const { phase, processed, rate } = liveFigures(await client.get(`${path}/reports`));
      bar.update(0, barFields(phase, processed, rate, startedMs));
      await new Promise((wake) => setTimeout(wake, POLL_MS));
    }
  } finally {
    bar.stop();
  }
  process.stdout.write(`${summary(task, await client.get(`${path}/reports`))}\n`);
}

const barFields = (phase: string, rows: number, rate: number, startedMs: number) => ({
  phase: phase.toLowerCase().replaceAll('_', ' '),
  rows: rows.toLocaleString('en-US'),
  rate: rate.toLocaleString('en-US'),
  seconds: ((performance.now() - startedMs) / 1000).toFixed(1),
});

/** The member of a JSON value at a path; undefined where there is none. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((node, key) => (isJsonObject(node) ? node[key] : undefined), value);
}

const PAYLOAD = ['ingestionStatsAndErrors', 'payload'] as const;

const liveFigures = (report: unknown) => ({
  phase: String(at(report, ...PAYLOAD, 'phase') ?? 'waiting'),
  processed: Number(
    at(report, ...PAYLOAD, 'rowStats', 'totals', 'buildSegments', 'processed') ?? 0,
  ),
  rate: Math.round(
    Number(
      at(report, ...PAYLOAD, 'rowStats', 'movingAverages', 'buildSegments', '1m', 'processed') ?? 0,
    ),
  ),
});

function summary(task: string, report: unknown): string {
  const killed = at(report, 'killUnusedSegments', 'payload', 'numSegmentsKilled');
  if (killed !== undefined) return `task ${task}: ${killed} segments removed`;
  const count = (name: string) =>
    Number(at(report, ...PAYLOAD, 'rowStats', 'buildSegments', name) ?? 0).toLocaleString('en-US');
  const segments = Number(at(report, ...PAYLOAD, 'segmentsPublished') ?? 0);
  const trees = Number(at(report, ...PAYLOAD, 'starTreesBuilt') ?? 0);
  const withTrees = trees === 0 ? '' : `with ${trees} star-trees `;
  return (
    `task ${task}: ${count('processed')} rows stored in ${segments} segments ${withTrees}` +
    `(${count('processedWithError')} with errors, ${count('thrownAway')} thrown away, ${count('unparseable')} unparseable)`
  );
}
