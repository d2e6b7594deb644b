import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY, temporaryDirectory } from '../support/server-process.js';

/** Rows pushed in this process, from the build output as a user would import it. */
const { open, UserError } = (await import(
  join(REPOSITORY, 'dist/bundle/index.js')
)) as typeof import('../../server/index.js');

const scratch = temporaryDirectory('push-library');
const dataDir = join(scratch, 'data');
let varve: Awaited<ReturnType<typeof open>>;

beforeAll(async () => {
  varve = await open(dataDir);
});
afterAll(async () => {
  await varve.close();
  rmSync(scratch, { recursive: true, force: true });
});

const SPEC = {
  timestampSpec: { column: 'at', format: 'auto' },
  dimensionsSpec: { dimensions: ['page', { type: 'long', name: 'n' }] },
  granularitySpec: { segmentGranularity: 'DAY', rollup: false },
  time: { late: 'deadLetter', outOfOrderness: 0 },
};

const rows = async (query: string): Promise<unknown[]> =>
  (await varve.sql(query)).map((row) => ({ ...row }));

test('a table is declared, once for one spec', async () => {
  expect(await varve.declare('views', SPEC)).toBe(1);
  expect(await varve.declare('views', SPEC)).toBe(1);
  await expect(varve.declare('views', { timestamp: 'at' })).rejects.toBeInstanceOf(UserError);
});

test('objects are pushed, exactly, and a repeat is known', async () => {
  const big = 2n ** 62n + 1n;
  const batch = [{ at: new Date(0), page: '/', n: big }];
  const identity = { producer: 'me', sequence: 1 };
  const first = await varve.push('views', batch, identity);
  expect(first).toMatchObject({ stored: 1, duplicate: false, durable: true });
  expect(await varve.push('views', batch, identity)).toEqual({ ...first, duplicate: true });
  expect(await rows('SELECT __time AS at, page, n FROM views')).toEqual([
    { at: '1970-01-01T00:00:00.000Z', page: '/', n: big },
  ]);
});

test('bytes are pushed in any format', async () => {
  const csv = Buffer.from('at,page,n\n1000,/csv,1\n');
  expect(await varve.push('views', csv, { format: 'csv' })).toMatchObject({ stored: 1 });
  expect(csv.toString()).toBe('at,page,n\n1000,/csv,1\n');
});

test('a producer gathers rows', async () => {
  const producer = varve.producer<{ at: number; page: string; n: number }>('views', {
    maxBatchRows: 300,
    maxBufferedBytes: 20_000,
  });
  for (let n = 0; n < 5_000; n++) await producer.send({ at: 2_000 + n, page: '/made', n });
  await producer.close();
  expect(producer.counts).toMatchObject({ received: 5_000, stored: 5_000, pending: 0, retries: 0 });
  expect(await rows("SELECT COUNT(*) AS c, SUM(n) AS s FROM views WHERE page = '/made'")).toEqual([
    { c: 5_000, s: (5_000 * 4_999) / 2 },
  ]);
});

test('what comes late is replayed, once', async () => {
  await varve.declare('visits', SPEC);
  await varve.push('visits', [{ at: 1_000, page: '/', n: 0 }]);
  expect(await varve.push('visits', [{ at: 5, page: '/', n: 1 }])).toMatchObject({ late: 1 });
  const options = { reasons: ['late'], acceptLate: true } as const;
  expect(await varve.replayDeadLetters('visits', options)).toMatchObject({ stored: 1 });
  expect(await varve.replayDeadLetters('visits', options)).toMatchObject({
    ...{ received: 1, stored: 0, deduplicated: 1 },
  });
});

test('everything is there after closing and opening, handed off or not', async () => {
  const [before] = await varve.pushTables();
  await varve.handOff('views');
  await varve.push('views', [{ at: 10_000, page: '/last', n: 0 }]);
  await varve.close();
  varve = await open(dataDir);
  const [after] = await varve.pushTables();
  expect(after).toMatchObject({ stored: before!.stored + 1, bufferedRows: 1 });
  expect(await rows('SELECT COUNT(*) AS c FROM views')).toEqual([{ c: after!.stored }]);
});
