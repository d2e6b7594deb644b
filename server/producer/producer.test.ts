import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CapacityError,
  ConflictError,
  NotFoundError,
  SeededRandom,
  UnavailableError,
  UserError,
} from '../../core/index.js';
import type { PushAnswer } from '../../ingest/index.js';
import type { ProducerOptions } from './options.js';
import { Producer } from './producer.js';
import { FlakyStore, SleepingWorld } from './store-testing.js';
import { type Transport, waitBeforeRetry } from './transport.js';

const producerOf = (transport: Transport, options: ProducerOptions = {}) =>
  new Producer('t', options, transport, new SleepingWorld(new SeededRandom(1)));

const taken = (rows: number, duplicate = false): PushAnswer => ({
  ...{ table: 't', received: rows, stored: rows, late: 0, rejected: 0, deduplicated: 0 },
  ...{ duplicate, durable: true, token: 'log:1', errors: [] },
});

test('every row is stored exactly once, whatever fails in between', async () => {
  const shape = fc.record({
    seed: fc.integer(),
    rows: fc.integer({ min: 0, max: 200 }),
    failures: fc.integer({ min: 0, max: 50 }),
    maxBatchRows: fc.integer({ min: 1, max: 30 }),
    maxBatchBytes: fc.integer({ min: 1, max: 200 }),
    maxBufferedBytes: fc.integer({ min: 1, max: 1000 }),
    maxInFlight: fc.integer({ min: 1, max: 5 }),
    flushEvery: fc.integer({ min: 1, max: 100 }),
    awaits: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ seed, rows, failures, flushEvery, awaits, ...options }) => {
      const store = new FlakyStore(new SeededRandom(seed), failures);
      const world = new SleepingWorld(new SeededRandom(seed + 1));
      const producer = new Producer<{ n: number }>('t', options, store.transport, world);
      const sends: Promise<void>[] = [];
      for (let n = 0; n < rows; n++) {
        const sent = producer.send({ n });
        if (awaits) await sent;
        else sends.push(sent);
        if (n % flushEvery === 0) {
          await producer.flush();
          expect(store.lines.length).toBe(n + 1);
        }
      }
      await Promise.all(sends);
      await producer.close();
      const expected = Array.from({ length: rows }, (_, n) => `{"n":${n}}`);
      const stored = options.maxInFlight === 1 ? store.lines : store.lines.toSorted(byNumber);
      expect(stored).toEqual(expected);
      expect(store.maxUnderWay).toBeLessThanOrEqual(options.maxInFlight);
      expect(producer.counts).toMatchObject({ received: rows, stored: rows, pending: 0 });
    }),
    { numRuns: 60 },
  );
});

const byNumber = (a: string, b: string): number => JSON.parse(a).n - JSON.parse(b).n;

test('values that JSON has no form for', async () => {
  const bodies: string[] = [];
  const producer = producerOf(async ({ body }) => {
    bodies.push(new TextDecoder().decode(body));
    return taken(1);
  });
  await producer.send({ at: new Date(0), big: 2n ** 62n, none: undefined, nil: null, list: ['é'] });
  await producer.close();
  expect(bodies.join('')).toBe(
    '{"at":"1970-01-01T00:00:00.000Z","big":4611686018427387904,"nil":null,"list":["é"]}\n',
  );
});

test('few rows are sent after a while, without a flush', async () => {
  let rows = 0;
  const arrived = new Promise<void>((resolve) => {
    const producer = producerOf(async () => {
      rows++;
      resolve();
      return taken(1);
    });
    void producer.send({ n: 1 });
  });
  await arrived;
  expect(rows).toBe(1);
});

test('send waits while too much is held, and goes on when it is stored', async () => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const producer = producerOf(
    async () => {
      await gate;
      return taken(1);
    },
    { maxBufferedBytes: 10, maxBatchRows: 1 },
  );
  await producer.send({ n: 1 });
  await producer.send({ n: 2 });
  let isIn = false;
  const third = producer.send({ n: 3 }).then(() => {
    isIn = true;
  });
  await new Promise((wake) => setTimeout(wake, 5));
  expect(isIn).toBe(false);
  expect(producer.counts.pending).toBe(3);
  release();
  await third;
  await producer.close();
  expect(producer.counts).toMatchObject({ pending: 0, batches: 3 });
});

describe('what does not pass', () => {
  test.each([
    { error: new NotFoundError('no such table') },
    { error: new UserError('bad format') },
    { error: new ConflictError('too old') },
  ])('$error.name ends the producer with it', async ({ error }) => {
    const producer = producerOf(() => Promise.reject(error), { maxBatchRows: 1 });
    await producer.send({ n: 1 });
    await expect(producer.flush()).rejects.toBe(error);
    await expect(producer.send({ n: 2 })).rejects.toBe(error);
    await expect(producer.close()).rejects.toBe(error);
  });

  test('a store that stays away is given up after a while', async () => {
    let tries = 0;
    const producer = producerOf(
      () => {
        tries++;
        return Promise.reject(new UnavailableError('nobody there'));
      },
      { giveUpAfterMs: 1000 },
    );
    await producer.send({ n: 1 });
    await expect(producer.flush()).rejects.toThrow(/tried \d+ times.*nobody there/);
    expect(tries).toBeGreaterThan(3);
  });

  test('a sequence that somebody else has used is not taken for stored', async () => {
    const producer = producerOf(async () => taken(1, true), { name: 'me', firstSequence: 7 });
    await producer.send({ n: 1 });
    await expect(producer.flush()).rejects.toThrow(/sequence 7 of producer me.*firstSequence/);
  });

  test('a row that is none', async () => {
    const producer = producerOf(async () => taken(1));
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    for (const row of [[1], new Date(0), cyclic]) {
      await expect(producer.send(row as never)).rejects.toBeInstanceOf(UserError);
    }
    await expect(producer.send('text' as never)).rejects.toThrow(/want an object.*got text/);
    await producer.close();
    await expect(producer.send({})).rejects.toThrow(/closed/);
  });
});

test.each([
  { options: { maxBatchRows: 0 }, says: /maxBatchRows/ },
  { options: { name: 'x' }, says: /firstSequence: .*name/ },
  { options: { lingerMs: -1, ack: 'never' as never }, says: /lingerMs.*ack/ },
  { options: { linger: 1 } as never, says: /linger/ },
])('the options $options are refused', ({ options, says }) => {
  expect(() => producerOf(async () => taken(0), options)).toThrow(says);
});

test('waits grow, are never sooner than the server says, and end at a bound', () => {
  const random = new SeededRandom(3);
  const wait = (attempt: number) => waitBeforeRetry(attempt, new UnavailableError('x'), random);
  expect(wait(0)).toBeLessThanOrEqual(50);
  expect(wait(5)).toBeGreaterThanOrEqual(800);
  expect(wait(1000)).toBeLessThanOrEqual(5000);
  expect(waitBeforeRetry(0, new CapacityError('x', 7000), random)).toBe(7000);
});
