import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { SeededRandom } from '../../core/index.js';
import { SEED } from '../../core/testing.js';
import { httpProducer } from '../../server/producer/http-producer.js';
import { configFlags, declare } from '../support/push.js';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/**
 * Producers push and retry while the server is killed again and again. Every row that was acknowledged is there, none
 * twice, and no query ever sees fewer rows than an earlier one. Handoffs, rolls and trims of the log happen all the
 * while. A failure is repeated, as far as time allows, by VARVE_SEED.
 */
const KILLS = Number(process.env.VARVE_KILLS ?? 3);
const PRODUCERS = 8;
/** Rows that a producer sends at once, and how long it then rests. */
const BURST_ROWS = 25;
const REST_MS = 20;
/** Rows that are acknowledged between two kills: a handoff and several files of the log, or none of them. */
const MAX_ROWS_BETWEEN = 6_000;
const MIN_QUERIES_BETWEEN = 2;

const directory = temporaryDirectory('push-crash');
const dataDir = join(directory, 'data');
const flags = configFlags(directory, {
  logLevel: 'warn',
  push: { logFileBytes: '128KiB', logBytes: '1MiB', queueBytes: '256KiB' },
  query: { workers: 1, maxSubqueryRows: 10_000_000 },
});
let server: ServerProcess | undefined;
afterAll(async () => {
  await server?.kill();
  rmSync(directory, { recursive: true, force: true });
});

const SPEC = {
  timestampSpec: { column: 'at', format: 'millis' },
  dimensionsSpec: {
    dimensions: ['id', { type: 'long', name: 'producer' }, { type: 'long', name: 'n' }],
  },
  granularitySpec: { segmentGranularity: 'DAY', rollup: false },
  handoff: { maxRows: 3_000, period: 'PT2S' },
};

const sleep = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));

/** What all producers and the reader share. */
const run = { url: '', ended: false, acknowledged: 0, sent: 0, queries: 0 };

async function produce(number: number): Promise<void> {
  const producer = httpProducer<{ at: number; id: string; producer: number; n: number }>(
    run.url,
    'events',
    {
      maxBatchRows: 200,
      // Little is held, so that nobody runs far ahead of a server that is down.
      maxBufferedBytes: 16_384,
      lingerMs: 5,
      maxInFlight: number % 2 === 0 ? 1 : 3,
      timeoutMs: 5_000,
      onAnswer: ({ stored }) => {
        run.acknowledged += stored;
      },
    },
  );
  for (let n = 0; !run.ended; n++) {
    const at = Date.UTC(2024, 0, 1 + (n % 3)) + n;
    await producer.send({ at, id: `${number}-${n}`, producer: number, n });
    run.sent++;
    if (n % BURST_ROWS === 0) await sleep(REST_MS);
  }
  await producer.close();
}

const COUNTS = 'SELECT COUNT(*), COUNT(DISTINCT id) FROM events';

/** Asks for counts all the while: they never go down, and hold what was acknowledged before. */
async function watch(): Promise<void> {
  let least = 0;
  while (!run.ended) {
    const acknowledged = run.acknowledged;
    const counts = await countsNow();
    if (counts !== null) {
      const [rows, ids] = counts;
      expect(rows).toBe(ids);
      expect(rows).toBeGreaterThanOrEqual(Math.max(least, acknowledged));
      least = rows;
      run.queries++;
    }
    await sleep(20);
  }
}

/** Null while the server is down. */
async function countsNow(): Promise<[number, number] | null> {
  const context = { useApproximateCountDistinct: false };
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${run.url}/druid/v2/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: COUNTS, resultFormat: 'array', context }),
    });
    text = await response.text();
  } catch {
    return null;
  }
  expect(response.status, text).toBe(200);
  return JSON.parse(text)[0];
}

async function killAndRestart(): Promise<void> {
  const random = new SeededRandom(SEED);
  for (let kill = 0; kill < KILLS; kill++) {
    const enough = run.acknowledged + 1 + (random.nextUint32() % MAX_ROWS_BETWEEN);
    const asked = run.queries + MIN_QUERIES_BETWEEN;
    while (run.acknowledged < enough || run.queries < asked) {
      await sleep(1 + (random.nextUint32() % 50));
    }
    await server!.kill();
    const port = new URL(run.url).port;
    server = await ServerProcess.start({ dataDir, flags: [...flags, '--port', port] });
  }
}

const bytesIn = (path: string): number =>
  readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);

test(
  `kill -9 under ${PRODUCERS} producers, ${KILLS} times, seed ${SEED}`,
  async () => {
    server = await ServerProcess.start({ dataDir, flags });
    run.url = server.url;
    await declare(server, 'events', SPEC);
    const producing = Promise.all(Array.from({ length: PRODUCERS }, (_, i) => produce(i)));
    const watching = watch();
    await Promise.race([killAndRestart(), producing, watching]);
    run.ended = true;
    await Promise.all([producing, watching]);

    expect(run.acknowledged).toBe(run.sent);
    expect(run.queries).toBeGreaterThan(0);
    expect(await countsNow()).toEqual([run.sent, run.sent]);
    const perProducer = (await server.sql(
      'SELECT producer, COUNT(*), MIN(n), MAX(n) FROM events GROUP BY producer',
    )) as [number, number, number, number][];
    expect(perProducer).toHaveLength(PRODUCERS);
    for (const [, rows, first, last] of perProducer) expect([first, last]).toEqual([0, rows - 1]);
    const [[received, stored, deduplicated]] = (await server.sql(
      "SELECT received, stored, deduplicated FROM sys.ingest WHERE datasource = 'events'",
    )) as [[number, number, number]];
    expect(stored).toBe(run.sent);
    expect(received).toBe(stored + deduplicated);

    const [[published]] = (await server.sql(
      "SELECT SUM(num_rows) FROM sys.segments WHERE datasource = 'events' AND is_published = 1",
    )) as [[number]];
    expect(published).toBeGreaterThan(0);
    await server.post('/v1/tables/events/handoff', {});
    expect(await countsNow()).toEqual([run.sent, run.sent]);
    expect(bytesIn(join(dataDir, 'push'))).toBeLessThan(2 ** 20);
    expect(await server.stop()).toBe(0);
  },
  60_000 + KILLS * 15_000,
);
