import { rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { SEED } from '../../core/testing.js';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/**
 * A server killed at any moment of an ingestion shows, after a restart, either all of the task's
 * rows or none, and everything that was published before.
 */
const KILLS = Number(process.env.VARVE_KILLS ?? 2);
const DAYS = 20;
const ROWS_PER_DAY = 3_000;

const dataDir = temporaryDirectory('crash');
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Rows over DAYS day segments, so that a publish that is not atomic would show a part of them. */
function batch(number: number): string {
  const lines: string[] = [];
  for (let day = 0; day < DAYS; day++) {
    const time = Date.UTC(2024, 0, 1 + day);
    for (let i = 0; i < ROWS_PER_DAY; i++) {
      lines.push(`{"t":${time + i},"batch":"b${number}","n":${i}}`);
    }
  }
  return lines.join('\n');
}

const spec = (number: number) => ({
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 'events',
      timestampSpec: { column: 't', format: 'millis' },
      dimensionsSpec: { dimensions: ['batch', { type: 'long', name: 'n' }] },
      granularitySpec: { segmentGranularity: 'DAY', rollup: false },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: { type: 'inline', data: batch(number) },
      inputFormat: { type: 'json' },
      appendToExisting: true,
    },
  },
});

async function counts(server: ServerProcess): Promise<Map<string, number>> {
  const tables = (await server.get('/druid/v2/datasources')).json as string[];
  if (!tables.includes('events')) return new Map();
  const rows = await server.sql('SELECT batch, COUNT(*) FROM events GROUP BY batch');
  return new Map(rows as [string, number][]);
}

test(
  `kill -9 during ingestion, ${KILLS} times, seed ${SEED}`,
  async () => {
    let random = SEED;
    const nextFraction = () => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
      return random / 2 ** 32;
    };
    let durationMs = 1_500;
    let before = new Map<string, number>();
    for (let kill = 0; kill < KILLS; kill++) {
      const server = await ServerProcess.start({ dataDir });
      const seen = await counts(server);
      for (const [name, count] of before) expect(seen.get(name), `batch ${name}`).toBe(count);
      for (const [name, count] of seen) expect(count, `batch ${name}`).toBe(DAYS * ROWS_PER_DAY);
      before = seen;

      const startedMs = performance.now();
      const task = await server.submit(spec(kill));
      const done = server.finished(task).then(
        () => (durationMs = performance.now() - startedMs),
        () => undefined,
      );
      await Promise.race([
        done,
        new Promise((resolve) => setTimeout(resolve, nextFraction() * durationMs * 1.2)),
      ]);
      await server.kill();
      await done;
    }
    const server = await ServerProcess.start({ dataDir });
    const after = await counts(server);
    for (const count of after.values()) expect(count).toBe(DAYS * ROWS_PER_DAY);
    expect(await server.stop()).toBe(0);
  },
  60_000 + KILLS * 15_000,
);
