import { describe, expect, test } from 'vitest';
import { CapacityError, UserError, utf8Decode } from '../../core/index.js';
import type { PushAnswer, ReplayRequest } from '../../ingest/index.js';
import type { NativeQuery } from '../../query/index.js';
import { DeadLetters, type ReplayOptions } from './dead-letters.js';

/** A query engine that knows the letters 0 to `count` - 1, and gives them in no order. */
function engineOf(count: number) {
  const queries: NativeQuery[] = [];
  return {
    queries,
    async run(query: NativeQuery) {
      queries.push(query);
      const text = JSON.stringify(query);
      const [lower, upper] = ['lower', 'upper'].map((bound) =>
        Number(new RegExp(`"${bound}":"(\\d+)"`).exec(text)?.[1]),
      ) as [number, number];
      const letters = Array.from({ length: count }, (_, letter) => letter)
        .filter((letter) => letter >= lower && letter < upper)
        .reverse();
      const fields = ['raw', 'letter', 'encoding', 'format'].map((name) => ({
        name,
        type: 'STRING' as const,
      }));
      const rows = letters.map((letter) =>
        letter % 2 === 0
          ? [`row ${letter}`, letter, 'utf8', 'ndjson']
          : [Buffer.from([255, letter % 256]).toString('base64'), letter, 'base64', 'csv'],
      );
      return { fields, rows, stats: {} as never };
    },
  };
}

async function replay(count: number, options: ReplayOptions, failures: Error[] = []) {
  const engine = engineOf(count);
  const requests: ReplayRequest[] = [];
  const sleeps: number[] = [];
  const worker = {
    async replay(request: ReplayRequest): Promise<PushAnswer> {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      requests.push(request);
      const received = request.letters.length;
      const counts = { received, stored: received - 1, late: 0, rejected: 0, deduplicated: 1 };
      const token = `log:${requests.length}`;
      return {
        table: request.table,
        ...counts,
        duplicate: false,
        durable: true,
        token,
        errors: [],
      };
    },
  };
  const letters = new DeadLetters({
    engine,
    worker,
    sleep: async (ms) => {
      sleeps.push(ms);
    },
  });
  const sums = await letters.replay('clicks', count, options);
  return { sums, requests, sleeps, engine };
}

test('every letter is pushed once, in order, page by page', async () => {
  const { sums, requests } = await replay(600, { acceptLate: true });
  const pushed = requests.flatMap(({ letters }) => letters);
  expect(pushed.map(({ letter }) => letter)).toEqual(Array.from({ length: 600 }, (_, i) => i));
  expect(requests.every(({ acceptLate, table }) => acceptLate && table === 'clicks')).toBe(true);
  expect(sums).toEqual({
    ...{ table: 'clicks', token: 'log:3', received: 600, stored: 597 },
    ...{ late: 0, rejected: 0, deduplicated: 3 },
  });
  expect(utf8Decode(pushed[4]!.raw)).toBe('row 4');
  expect([...pushed[5]!.raw]).toEqual([255, 5]);
  expect(pushed[5]!.format).toBe('csv');
});

test('reasons and a limit leave letters out', async () => {
  const { sums, requests, engine } = await replay(600, { reasons: ['late'], limit: 300 });
  expect(sums.received).toBe(300);
  expect(requests.map(({ letters }) => letters.length)).toEqual([256, 44]);
  expect(JSON.stringify(engine.queries[0])).toContain('"late"');
});

test('nothing to replay', async () => {
  expect((await replay(0, {})).sums).toMatchObject({ received: 0, token: null });
});

describe('failures', () => {
  test('a busy server is waited for', async () => {
    const { sums, sleeps } = await replay(10, {}, [new CapacityError('busy', 70)]);
    expect(sums.received).toBe(10);
    expect(sleeps).toEqual([70]);
  });

  test('others end it', async () => {
    await expect(replay(10, {}, [new UserError('no')])).rejects.toThrow('no');
  });
});
