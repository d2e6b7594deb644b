import { Client, types } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Clock,
  FencedError,
  ManualClock,
  SeededRandom,
  UnavailableError,
  UserError,
} from '../../core/index.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import { type Cut, CuttingProxy } from './cutting-proxy-testing.js';
import { MetadataStore } from './metadata-store.js';
import type { StoreMeans } from './patience.js';
import { troubleOf } from './postgres-errors.js';
import type { PostgresPlace } from './postgres-pool.js';
import {
  dropSchemas,
  freshSchema,
  onServer,
  openStores,
  POSTGRES_URL,
  REAL_MEANS,
} from './postgres-testing.js';

const NOBODY = { author: '', comment: '', ip: '' };
const clock = new ManualClock(Date.UTC(2024, 0, 1));

afterAll(dropSchemas);

const append = (store: MetadataStore, taskId: string) =>
  store.segments.publish(publishOf(taskId, 'append', [chunkSegment(days(0, 1), taskId)]));

/** Time passes by waiting only. */
function patientMeans(): StoreMeans & { readonly steady: ManualClock } {
  const steady = new ManualClock(0);
  const wait = async (durationMs: number) => steady.advance(durationMs);
  return { random: new SeededRandom(1), steady, wait };
}

test('a server that is not there: it is asked again for a while, then the error says what to look at', async () => {
  const means = patientMeans();
  const url = 'postgres://me:secret@127.0.0.1:1/varve';
  const opening = MetadataStore.open({ type: 'postgres', url }, clock, means);
  await expect(opening).rejects.toBeInstanceOf(UnavailableError);
  await expect(opening).rejects.toThrow(
    /metadata store at 127.0.0.1:1\/varve cannot be reached: .*ECONNREFUSED.*; see that PostgreSQL/,
  );
  await expect(opening).rejects.not.toThrow(/secret/);
  expect(means.steady.nowMs()).toBeGreaterThanOrEqual(15_000);
  expect(means.steady.nowMs()).toBeLessThan(17_000);
});

test.each(['mysql://me:secret@host/db', 'me:secret', ''])('the URL %j is refused', async (url) => {
  const opening = MetadataStore.open({ type: 'postgres', url }, clock, patientMeans());
  await expect(opening).rejects.toBeInstanceOf(UserError);
  await expect(opening).rejects.not.toThrow(/secret/);
});

test.each([
  ['40001', 'conflict'],
  ['40P01', 'conflict'],
  ['57P01', 'lost'],
  ['08006', 'lost'],
  ['25006', 'lost'],
  ['ECONNRESET', 'lost'],
  ['28P01', 'refused'],
  ['3D000', 'refused'],
  ['23505', 'failed'],
  ['57014', 'conflict'],
])('the code %s means: %s', (code, trouble) => {
  const error = Object.assign(new Error('no'), { code });
  expect(troubleOf(error)).toBe(trouble);
  expect(troubleOf(new AggregateError([error]))).toBe(trouble);
});

test('an error of ours is never taken for one of the server', () => {
  expect(troubleOf(new Error('Connection terminated unexpectedly'))).toBe('lost');
  expect(troubleOf(new FencedError('gone', 'x'))).toBe('failed');
  expect(troubleOf('Connection terminated')).toBe('failed');
});

describe.skipIf(POSTGRES_URL === undefined)('VARVE_TEST_POSTGRES', () => {
  test('a database that is not there is told at once', async () => {
    const means = patientMeans();
    const url = new URL(POSTGRES_URL!);
    url.pathname = '/nowhere';
    const opening = MetadataStore.open({ type: 'postgres', url: url.href }, clock, means);
    await expect(opening).rejects.toThrow(/refuses us: database "nowhere" does not exist/);
    expect(means.steady.nowMs()).toBe(0);
  });

  test('the schema of a newer Varve is refused', async () => {
    const place = freshSchema();
    await (await MetadataStore.open(place, clock, REAL_MEANS)).close();
    await onServer(`INSERT INTO ${place.schema}.migrations VALUES (1000, 0)`);
    await expect(MetadataStore.open(place, clock, REAL_MEANS)).rejects.toThrow(
      /schema 1000.*newer Varve/,
    );
  });

  test('numbers are exact, for us and for nobody else; no character ends a text', async () => {
    const [store] = await openStores(1);
    await store!.pushTables.ofLog('n').declare('t', {}, Number.MAX_SAFE_INTEGER);
    expect((await store!.pushTables.logs())[0]!.position).toBe(Number.MAX_SAFE_INTEGER);
    expect(types.getTypeParser(20)('1')).toBe('1');
    const who = { ...NOBODY, comment: 'a\0b' };
    await store!.settings.set('rules', 't', { text: 'a\0b' }, who);
    expect(await store!.settings.get('rules', 't')).toEqual({ text: 'a\0b' });
    const [entry] = await store!.settings.history('rules', 't', { count: 1 });
    expect(entry!.comment).toBe('a\ufffdb');
    await store!.close();
  });

  test('names are told apart and ordered by their bytes', async () => {
    const [store] = await openStores(1);
    const names = ['B', 'Z', 'a', 'b', 'ä'];
    for (const dataSource of [...names].reverse()) {
      await store!.segments.publish({
        ...publishOf(dataSource, 'append', [chunkSegment(days(0, 1), 'f')]),
        dataSource,
      });
    }
    expect(await store!.segments.dataSources()).toEqual(names);
    await store!.close();
  });

  test('one connection is enough for many who ask', async () => {
    const store = await MetadataStore.open(
      { ...freshSchema(), maxConnections: 1 },
      clock,
      REAL_MEANS,
    );
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        await append(store, `${i}`);
        await store.segments.used('t');
      }),
    );
    expect((await store.segments.used('t')).length).toBe(20);
    await store.close();
  });

  describe('connections that break', () => {
    let proxy: CuttingProxy;
    let store: MetadataStore;
    let place: PostgresPlace;
    beforeEach(async () => {
      proxy = await CuttingProxy.before(POSTGRES_URL!);
      place = { ...freshSchema(), url: proxy.url };
      store = await MetadataStore.open(place, clock, REAL_MEANS);
    });
    afterEach(async () => {
      await store.close();
      await proxy.close();
    });

    const cuts: Cut[][] = [
      ['before'],
      ['after'],
      ['at once'],
      ['before', 'after'],
      ['before', 'before', 'at once'],
    ];
    test.each(cuts)(
      'while a change is committed (%s, %s, %s): it is done once',
      async (...list) => {
        const cutNow = () => {
          proxy.cuts = list.filter((each) => each !== undefined);
        };
        await store.pushTables.ofLog('n').declare('t', {}, 0);
        cutNow();
        expect((await append(store, 'a'))[0]!.partitionNum).toBe(0);
        expect(proxy.cuts).toEqual([]);
        cutNow();
        expect(await store.pushTables.declare('t', { a: 1 })).toBe(2);
        cutNow();
        await store.settings.set('rules', 't', [1], NOBODY);
        cutNow();
        const segments = new Map([
          ['t', { chunkIntervals: [days(0, 1)], segments: [chunkSegment(days(0, 1), 'h')] }],
        ]);
        await store.pushTables.ofLog('n').publish({ table: 't', from: 0, to: 4, segments });
        cutNow();
        expect(await store.segments.drop('t', { kind: 'all' })).toBe(2);
        cutNow();
        const order = { interval: days(0, 1), versions: null, maxUsedChangedMs: null, ids: null };
        expect(await store.segments.kill('t', { ...order, limit: 9 })).toEqual({
          count: 2,
          paths: ['a', 'h'],
        });
        expect(proxy.cuts).toEqual([]);
        expect((await store.pushTables.specs()).get('t')).toEqual([{}, { a: 1 }]);
        expect((await store.settings.history('rules', 't', { count: 9 })).length).toBe(1);
        expect(await store.segments.all()).toEqual([]);
      },
    );

    test('while something is read: it is read again', async () => {
      await append(store, 'a');
      proxy.breakNext = 3;
      expect((await store.segments.used('t')).length).toBe(1);
      proxy.breakNext = 3;
      expect((await store.changes.read(new Map())).sources.size).toBe(1);
      expect(proxy.breakNext).toBe(0);
    });

    test('what is told of transactions is forgotten when nobody can ask for it', async () => {
      for (let i = 0; i < 70; i++) await store.tasks.assign('none', null);
      const tokens = async () =>
        (await onServer(`SELECT count(*)::int AS n FROM ${place.schema}.write_tokens`)).rows[0].n;
      expect(await tokens()).toBeLessThan(10);
    });
  });

  describe('a change of a leader that is under way while another one takes over', () => {
    const take = async (store: MetadataStore, holder: string) =>
      (await store.leases.acquire('leader', holder, await store.leases.get('leader')))!;

    /** Who publishes waits until the lock is given back. */
    const lockPublishes = async (place: PostgresPlace) => {
      const client = new Client({ connectionString: POSTGRES_URL! });
      await client.connect();
      await client.query(`BEGIN; LOCK TABLE ${place.schema}.publishes IN ACCESS EXCLUSIVE MODE`);
      return () => client.end();
    };

    /** Connections of these stores that wait for a lock. */
    const untilWaiting = async (place: PostgresPlace, count: number) => {
      const waiting = `SELECT count(*)::int AS n FROM pg_stat_activity a
        JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted WHERE a.application_name = $1`;
      while ((await onServer(waiting, [place.schema])).rows[0].n < count) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };

    const openTwo = async (clock: Clock) => {
      const fresh = freshSchema();
      const place = { ...fresh, url: `${fresh.url}?application_name=${fresh.schema}` };
      const old = await MetadataStore.open(place, clock, REAL_MEANS);
      const next = await MetadataStore.open(place, clock, REAL_MEANS);
      return { place, old, next };
    };

    test('is through before the other one leads; beats wait for nothing', async () => {
      const { place, old, next } = await openTwo(clock);
      const held = await take(old, 'a');
      const unlock = await lockPublishes(place);
      const publishing = append(
        old.asLeader(() => held),
        'a',
      );
      await untilWaiting(place, 1);
      expect(await old.leases.renew(held)).toBe(true);
      // Which of the two is told first is up to the server: what counts is what is there when the other one leads.
      const taking = take(next, 'b').then(async ({ epoch }) => {
        return { epoch, published: (await next.segments.used('t')).length };
      });
      await untilWaiting(place, 2);
      await unlock();
      expect(await taking).toEqual({ epoch: 2, published: 1 });
      await publishing;
      await expect(
        append(
          old.asLeader(() => held),
          'b',
        ),
      ).rejects.toBeInstanceOf(FencedError);
      await old.close();
      await next.close();
    });
  });
});
