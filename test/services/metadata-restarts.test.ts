import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MetadataStore } from '../../cluster/index.js';
import { chunkSegment, days, publishOf } from '../../cluster/testing.js';
import {
  ConflictError,
  realWait,
  SeededRandom,
  steadyClock,
  systemClock,
  systemRandom,
} from '../../core/index.js';
import { SEED } from '../../core/testing.js';
import { findPostgres, PostgresServer } from './postgres.mjs';

const NOBODY = { author: '', comment: '', ip: '' };

const WRITERS = 3;

/** What happens to the server, one after the other, while others write. */
const TROUBLES = ['terminate', 'restart', 'terminate', 'kill', 'terminate', 'restart', 'kill'];

const pause = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

describe.skipIf(findPostgres() === null)('with PostgreSQL installed', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.close());

  /** Ends connections, wherever their transactions are. */
  async function terminate(): Promise<void> {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'varve' AND random() < 0.7",
    );
    await client.end();
  }

  test('a server that is restarted, crashes and loses connections: every change is done once', async () => {
    const random = new SeededRandom(SEED);
    const place = { type: 'postgres', url: server.url, schema: 'restarts' } as const;
    const means = { random: systemRandom, steady: steadyClock, wait: realWait };
    const stores = await Promise.all(
      Array.from({ length: WRITERS }, () => MetadataStore.open(place, systemClock, means)),
    );
    let isDone = false;
    const counts = await Promise.all([
      ...stores.map(async (store, i) => {
        const catalog = store.pushTables.ofLog(`n${i}`);
        await catalog.declare(`p${i}`, {}, 0);
        let n = 0;
        for (; !isDone; n++) {
          const request = publishOf(`${i}-${n}`, 'append', [chunkSegment(days(0, 1), `${i}-${n}`)]);
          await store.segments.publish(request);
          await store.pushTables.declare('t', { i, n });
          await store.settings.set('rules', `of-${i}`, n, NOBODY);
          await handOff(store, i, n);
          expect((await store.segments.used('t')).length).toBeGreaterThan(n);
        }
        return n;
      }),
      (async () => {
        for (const trouble of TROUBLES) {
          await pause(300 + (random.nextUint32() % 300));
          if (trouble === 'terminate') await terminate();
          if (trouble === 'restart') await server.restart();
          if (trouble === 'kill') {
            await server.kill();
            await server.run();
          }
        }
        await pause(300);
        isDone = true;
        return 0;
      })(),
    ]);
    const total = counts.reduce((sum, each) => sum + each);
    expect(total).toBeGreaterThan(WRITERS * TROUBLES.length);
    const [store] = stores;
    const paths = (await store!.segments.used('t')).map(({ sealed }) => sealed.path);
    const expected = counts
      .slice(0, WRITERS)
      .flatMap((count, i) =>
        Array.from({ length: count }, (_, n) => [`${i}-${n}`, `n${i}/${n}`]).flat(),
      );
    expect([...paths].sort()).toEqual([...expected].sort());
    const numbers = (await store!.segments.all()).map(({ id }) => id.partitionNum);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect((await store!.pushTables.specs()).get('t')?.length).toBe(total);
    expect((await store!.settings.history('rules', null, { count: 1e6 })).length).toBe(total);
    for (const each of stores) await each.close();
  });
});

/** Publishes the n-th command of a log into the table that all share. */
async function handOff(store: MetadataStore, i: number, n: number): Promise<void> {
  const catalog = store.pushTables.ofLog(`n${i}`);
  const segments = new Map([
    ['t', { chunkIntervals: [days(0, 1)], segments: [chunkSegment(days(0, 1), `n${i}/${n}`)] }],
  ]);
  const request = { table: `p${i}`, from: n, to: n + 1, segments };
  await catalog.publish(request);
  if (n > 0) {
    const again = catalog.publish({ ...request, from: n - 1, to: n });
    await expect(again).rejects.toBeInstanceOf(ConflictError);
  }
}
