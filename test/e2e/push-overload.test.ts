import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { httpProducer } from '../../server/producer/http-producer.js';
import { configFlags, declare, lines, push } from '../support/push.js';
import { ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** More than the server can hold is refused quickly, and nothing of what is tried again is lost or doubled. */
const directory = temporaryDirectory('push-overload');
const flags = configFlags(directory, {
  logLevel: 'warn',
  push: { queueBytes: '100KiB', memoryBytes: '2MiB', logBytes: '1MiB', logFileBytes: '256KiB' },
});
let server: ServerProcess;

beforeAll(async () => {
  server = await ServerProcess.start({ dataDir: join(directory, 'data'), flags });
});
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const SPEC = {
  timestampSpec: { column: 'at', format: 'millis' },
  dimensionsSpec: { dimensions: ['text', { type: 'long', name: 'n' }] },
  granularitySpec: { segmentGranularity: 'DAY', rollup: false },
};
const rowsOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ at: i, text: `some text ${from + i}`, n: from + i }));

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
};

test('pushes that come together are refused with Retry-After, each one as a whole', async () => {
  await declare(server, 'burst', SPEC);
  const body = lines(rowsOf(1_500));
  const replies = await Promise.all(Array.from({ length: 30 }, () => push(server, 'burst', body)));
  const taken = replies.filter(({ status }) => status === 200);
  const refused = replies.filter(({ status }) => status === 429);
  expect(taken.length + refused.length).toBe(30);
  expect(taken.length).toBeGreaterThan(0);
  expect(refused.length).toBeGreaterThan(0);
  for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await server.sql('SELECT COUNT(*) FROM burst')).toEqual([[1_500 * taken.length]]);
  expect(await metric('varve_ingest_in_flight_bytes')).toBe(0);
});

test('producers that go on until they are answered lose and double nothing', async () => {
  await declare(server, 'events', SPEC);
  const ROWS = 10_000;
  const producers = await Promise.all(
    Array.from({ length: 8 }, async (_, number) => {
      const producer = httpProducer(server.url, 'events', { maxInFlight: 4, lingerMs: 1 });
      for (const row of rowsOf(ROWS, number * ROWS)) await producer.send(row);
      await producer.close();
      return producer;
    }),
  );
  for (const { counts } of producers) expect(counts).toMatchObject({ stored: ROWS, pending: 0 });
  const all = 8 * ROWS;
  expect(await server.sql('SELECT COUNT(*), SUM(n), MIN(n), MAX(n) FROM events')).toEqual([
    [all, (all * (all - 1)) / 2, 0, all - 1],
  ]);
  expect((await server.get('/v1/tables/events')).json).toMatchObject({
    ...{ stored: all, late: 0, rejected: 0 },
  });
});
