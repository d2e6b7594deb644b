import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, FencedError, ManualClock } from '../../core/index.js';
import type { TaskRecord } from '../../ingest/index.js';
import { ETERNITY } from '../../model/index.js';
import type { NodeRecord } from '../membership/node-record.js';
import { chunkSegment, days, publishOf } from '../testing.js';
import type { SourceState } from './change-feed.js';
import { LeaderLease } from './leader-lease.js';
import type { MetadataStore } from './metadata-store.js';
import { ALL_SEGMENTS, segmentsIn } from './segment-selection.js';

const NOBODY = { author: '', comment: '', ip: '' };

const EVERYTHING = {
  interval: ETERNITY,
  versions: null,
  maxUsedChangedMs: null,
  ids: null,
  limit: 1000,
};

const TASK: TaskRecord = {
  id: 'index_t_1',
  type: 'index',
  dataSource: 't',
  status: 'RUNNING',
  createdMs: 0,
  durationMs: -1,
  errorMsg: null,
};

const NODE: NodeRecord = {
  name: 'n1',
  incarnation: 'a',
  url: 'http://n1:8888',
  roles: ['historical', 'realtime'],
  tier: '_default_tier',
  priority: -1,
  capacityBytes: 2 ** 50 + 1,
  taskSlots: 2,
  version: '1.0.0',
  protocol: 1,
};

const TTL_MS = 1000;

const MOVE = { table: 'owned', from: 'n0', epoch: 1, position: null, state: null, to: 'n2' };

const WRITER = { node: 'n0', incarnation: 'a', taskId: null };

const HOLD = { log: 'n0', node: 'n0', epoch: 1 };

/** Everything that changes a store, by table and method. */
const WRITES: Record<string, Record<string, (store: MetadataStore) => Promise<unknown>>> = {
  segments: {
    publish: ({ segments }) => segments.publish(publishOf('late', 'append', [])),
    drop: ({ segments }) => segments.drop('t', ALL_SEGMENTS),
    restore: ({ segments }) => segments.restore('t', ALL_SEGMENTS),
    kill: ({ segments }) => segments.kill('t', EVERYTHING),
  },
  tasks: {
    insert: ({ tasks }) => tasks.insert({ ...TASK, id: 'late' }, {}),
    update: ({ tasks }) => tasks.update({ ...TASK, status: 'FAILED' }),
    saveReport: ({ tasks }) => tasks.saveReport(TASK.id, {}),
    assign: ({ tasks }) => tasks.assign(TASK.id, 'n1'),
    removeEnded: ({ tasks }) => tasks.removeEnded(Number.MAX_SAFE_INTEGER),
  },
  pushTables: {
    declare: ({ pushTables }) => pushTables.declare('t', {}),
    assignOwner: ({ pushTables }) => pushTables.assignOwner('new', 'n1', 0),
    move: ({ pushTables }) => pushTables.move(MOVE),
    giveUp: ({ pushTables }) => pushTables.giveUp('n0'),
  },
  pushLogs: {
    claim: ({ pushLogs }) => pushLogs.claim('n1', null),
    setStandbys: ({ pushLogs }) => pushLogs.setStandbys(HOLD, 'x', []),
    takeOver: ({ pushLogs }) => pushLogs.takeOver('n0', 'x', 'n1'),
    disclaim: ({ pushLogs }) => pushLogs.disclaim('n0', 'x', 'n1'),
    release: ({ pushLogs }) => pushLogs.release(HOLD),
    finish: ({ pushLogs }) => pushLogs.finish({ ...HOLD, log: 'n2', node: 'n2' }),
  },
  log: {
    declare: ({ pushTables }) => pushTables.ofLog('n0').declare('t', {}, 0),
    open: ({ pushTables }) => pushTables.ofLog('n0').open('owned', 0),
    publish: ({ pushTables }) =>
      pushTables.ofLog('n0').publish({ table: 't', from: 7, to: 9, segments: new Map() }),
  },
  settings: {
    set: ({ settings }) => settings.set('rules', 't', [], NOBODY),
    once: ({ settings }) => settings.once('cluster', 'id', 'x'),
    setAll: ({ settings }) => settings.setAll('rules', new Map([['t', []]]), NOBODY),
    forgetChanges: ({ settings }) => settings.forgetChanges(Number.MAX_SAFE_INTEGER),
  },
  nodes: {
    register: ({ nodes }) => nodes.register(NODE),
    beat: ({ nodes }) => nodes.beat('n0', 'a'),
    remove: ({ nodes }) => nodes.remove('n0', 'a'),
  },
  objects: {
    register: ({ objects }) => objects.register('segments/late', WRITER),
    release: ({ objects }) => objects.release(['segments/o']),
    giveUp: ({ objects }) => objects.giveUp([WRITER]),
  },
  leases: {
    acquire: ({ leases }) => leases.acquire('other', 'me', null),
    renew: ({ leases }) => leases.renew({ name: 'other', epoch: 1 }),
    resign: ({ leases }) => leases.resign({ name: 'other', epoch: 1 }),
  },
};

const READS: Record<string, string[]> = {
  segments: [
    'used',
    'usedSince',
    'usedIn',
    'unusedSince',
    'unused',
    'dataSources',
    'all',
    'hasPublished',
  ],
  tasks: ['assigned', 'get', 'payload', 'report', 'list'],
  pushTables: ['ofLog', 'specs', 'logs', 'owners'],
  pushLogs: ['list'],
  log: ['tables', 'positions'],
  settings: ['get', 'all', 'history'],
  nodes: ['list'],
  objects: ['writers', 'states'],
  leases: ['get'],
};

/** Everything that a store holds. */
async function contents(store: MetadataStore): Promise<unknown> {
  return [
    await store.segments.all(),
    await store.tasks.list(),
    await store.tasks.report(TASK.id),
    await store.tasks.assigned(),
    await store.pushTables.specs(),
    await store.pushTables.logs(),
    await store.pushTables.owners(),
    await store.pushLogs.list(),
    await store.settings.all('rules'),
    await store.settings.history('rules', null, { count: 99 }),
    await store.nodes.list(),
    await store.objects.states(['segments/o', 'segments/late']),
    await store.leases.get('other'),
    await store.changes.changedSince(new Map()),
  ];
}

/** For tests: what every metadata store promises to the nodes of a cluster. */
export function testClusterMetadata(
  name: string,
  open: (clock: Clock) => Promise<MetadataStore>,
): void {
  describe(`cluster metadata on ${name}`, () => {
    let store: MetadataStore;
    beforeEach(async () => {
      store = await open(new ManualClock(Date.UTC(2024, 0, 1)));
    });
    afterEach(() => store.close());

    const lease = (holder: string, steady: Clock) =>
      new LeaderLease(store.leases, { name: 'leader', holder, ttlMs: TTL_MS, steady });
    const append = (path: string, on = 0) =>
      store.segments.publish(publishOf(path, 'append', [chunkSegment(days(on, on + 1), path)]));

    describe('leases', () => {
      test('one leads at a time, and the next one when it beats no more', async () => {
        const [here, there] = [new ManualClock(5), new ManualClock(9_000_000)];
        const a = lease('a', here);
        const b = lease('b', there);
        expect(await a.acquire()).toEqual({ name: 'leader', epoch: 1 });
        for (let i = 0; i < 5; i++) {
          expect(await b.acquire()).toBeNull();
          there.advance(TTL_MS - 1);
          expect(await b.acquire()).toBeNull();
          here.advance(TTL_MS - 1);
          expect(a.isFresh).toBe(true);
          expect(await a.renew()).toBe(true);
          there.advance(1);
        }
        expect(await b.acquire()).toBeNull();
        there.advance(TTL_MS);
        here.advance(TTL_MS);
        expect(await b.acquire()).toEqual({ name: 'leader', epoch: 2 });
        expect([a.held?.epoch, a.isFresh]).toEqual([1, false]);
        expect(await a.renew()).toBe(false);
        expect(a.held).toBeNull();
        expect(await a.acquire()).toBeNull();
      });

      test('who resigns need not be waited for, and has no epoch any more', async () => {
        const clock = new ManualClock(0);
        const a = lease('a', clock);
        const b = lease('b', clock);
        const held = (await a.acquire())!;
        await a.resign();
        await expect(store.asLeader(() => held).tasks.insert(TASK, {})).rejects.toThrow(/nobody/);
        const next = (await b.acquire())!;
        expect(next.epoch).toBeGreaterThan(held.epoch);
        await store.leases.resign(held);
        expect(await b.renew()).toBe(true);
      });

      test('of many that want it at once one gets it', async () => {
        const clock = new ManualClock(0);
        for (let round = 1; round < 4; round++) {
          const all = Array.from({ length: 5 }, (_, i) => lease(`${round}-${i}`, clock));
          const held = await Promise.all(all.map((each) => each.acquire()));
          expect(held.filter((each) => each !== null).length).toBe(1);
          for (const each of all) await each.resign();
        }
      });
    });

    describe('a leader that was paused', () => {
      test('every kind of method is known as one that changes something or one that does not', () => {
        for (const [table, writes] of Object.entries(WRITES)) {
          const tables: Record<string, object> = { ...store, log: store.pushTables.ofLog('x') };
          const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(tables[table]));
          expect(methods.filter((each) => each !== 'constructor').sort(), table).toEqual(
            [...Object.keys(writes), ...READS[table]!].sort(),
          );
        }
      });

      const kinds = Object.entries(WRITES).flatMap(([table, writes]) =>
        Object.entries(writes).map(([method, write]) => ({ kind: `${table}.${method}`, write })),
      );
      test.each(kinds)('can no more: $kind', async ({ write }) => {
        await append('f');
        await append('g', 1);
        await store.segments.drop('t', segmentsIn(days(1, 2)));
        await store.tasks.insert(TASK, {});
        await store.tasks.insert({ ...TASK, id: 'old', status: 'SUCCESS', durationMs: 1 }, {});
        await store.pushTables.ofLog('n0').declare('t', {}, 7);
        await store.pushTables.declare('owned', {});
        await store.pushTables.assignOwner('owned', 'n0', 0);
        for (const log of ['n0', 'n2']) await store.pushLogs.claim(log, 'x');
        await store.pushLogs.setStandbys(HOLD, 'x', ['n1']);
        await store.settings.set('rules', 'u', [1], NOBODY);
        await store.nodes.register({ ...NODE, name: 'n0' });
        await store.objects.register('segments/o', WRITER);
        await store.leases.acquire('other', 'somebody', null);
        const old = (await store.leases.acquire('leader', 'a', null))!;
        const seen = await store.leases.get('leader');
        const now = (await store.leases.acquire('leader', 'b', seen))!;
        const before = await contents(store);
        const writing = write(store.asLeader(() => old));
        await expect(writing).rejects.toBeInstanceOf(FencedError);
        await expect(writing).rejects.toThrow(/"leader" is in epoch 2, held by b, not in epoch 1/);
        expect(await contents(store)).toEqual(before);
        expect(await contents(store.asLeader(() => old))).toEqual(before);
        await write(store.asLeader(() => now));
      });
    });

    describe('nodes', () => {
      test('are listed as they registered, with a beat that grows', async () => {
        await store.nodes.register({ ...NODE, name: 'n2', roles: [] });
        await store.nodes.register(NODE);
        expect(await store.nodes.list()).toEqual([
          { ...NODE, beat: 1 },
          { ...NODE, name: 'n2', roles: [], beat: 1 },
        ]);
        expect(await store.nodes.beat('n1', 'a')).toBe(true);
        expect((await store.nodes.list()).map(({ beat }) => beat)).toEqual([2, 1]);
      });

      test('of two processes of one name the later one counts', async () => {
        await store.nodes.register(NODE);
        const next = { ...NODE, incarnation: 'b', url: 'http://elsewhere' };
        await store.nodes.register(next);
        expect(await store.nodes.list()).toEqual([{ ...next, beat: 2 }]);
        expect(await store.nodes.beat('n1', 'a')).toBe(false);
        await store.nodes.remove('n1', 'a');
        expect(await store.nodes.beat('n1', 'b')).toBe(true);
        await store.nodes.remove('n1', 'b');
        expect(await store.nodes.list()).toEqual([]);
        expect(await store.nodes.beat('n1', 'b')).toBe(false);
      });
    });

    describe('changes', () => {
      /** Follows the store; gives which data sources had changed. */
      const follower = () => {
        const known = new Map<string, SourceState>();
        return {
          known,
          async follow(): Promise<string[]> {
            const counters = new Map([...known].map(([each, { counter }]) => [each, counter]));
            const announced = await store.changes.changedSince(counters);
            const { sources, logs, owners } = await store.changes.read(known);
            expect([...sources.keys()]).toEqual([...announced.keys()]);
            for (const [each, state] of sources) {
              expect(state.counter).toBe(announced.get(each));
              known.set(each, state);
            }
            for (const [each, { segments }] of known) {
              expect([...segments.values()]).toEqual(await store.segments.used(each));
            }
            expect(logs).toEqual(await store.pushTables.logs());
            expect(owners).toEqual(await store.pushTables.owners());
            return [...sources.keys()];
          },
        };
      };

      test('every change of segments, positions, specs and owners is seen; nothing else is', async () => {
        const { follow } = follower();
        expect(await follow()).toEqual([]);
        await append('a');
        expect(await follow()).toEqual(['t']);
        expect(await follow()).toEqual([]);
        await append('a');
        expect(await follow()).toEqual([]);
        await store.segments.drop('t', ALL_SEGMENTS);
        expect(await follow()).toEqual(['t']);
        expect(await store.segments.drop('t', ALL_SEGMENTS)).toBe(0);
        expect(await follow()).toEqual([]);
        await store.segments.restore('t', ALL_SEGMENTS);
        expect(await follow()).toEqual(['t']);
        await store.segments.drop('t', ALL_SEGMENTS);
        await follow();
        await store.segments.kill('t', EVERYTHING);
        expect(await follow()).toEqual(['t']);
        await store.pushTables.declare('u', {});
        expect(await follow()).toEqual(['u']);
        await store.pushTables.assignOwner('u', 'n1', 0);
        expect(await follow()).toEqual(['u']);
        const n1 = store.pushTables.ofLog('n1');
        await n1.open('u', 0);
        expect(await follow()).toEqual(['u']);
        const letters = { chunkIntervals: [], segments: [chunkSegment(days(0, 1), 'l')] };
        const segments = new Map([['sys.dead_letters', letters]]);
        await n1.publish({ table: 'u', from: 0, to: 9, segments });
        expect(await follow()).toEqual(['sys.dead_letters', 'u']);
        await n1.publish({ table: 'u', from: 0, to: 9, segments });
        await store.tasks.insert(TASK, {});
        await store.settings.set('rules', 't', [], NOBODY);
        await store.nodes.register(NODE);
        expect(await follow()).toEqual([]);
      });

      test('what is known is not read again, and what counts no more goes', async () => {
        const { follow, known } = follower();
        await append('a', 0);
        await append('b', 1);
        await follow();
        const [first, second] = [...known.get('t')!.segments.values()];
        await append('c', 2);
        await store.segments.drop('t', segmentsIn(days(0, 1)));
        await follow();
        const now = [...known.get('t')!.segments.values()];
        expect(now.map(({ sealed }) => sealed.path)).toEqual(['b', 'c']);
        expect(now[0]).toBe(second);
        expect(now).not.toContain(first);
      });
    });

    test('it is known which node runs a task', async () => {
      await store.tasks.insert(TASK, {});
      await store.tasks.insert({ ...TASK, id: 'b' }, {});
      await store.tasks.assign(TASK.id, 'n1');
      await store.tasks.assign('b', 'n2');
      expect(await store.tasks.assigned()).toEqual(
        new Map([
          [TASK.id, 'n1'],
          ['b', 'n2'],
        ]),
      );
      await store.tasks.assign('b', null);
      await store.tasks.update({ ...TASK, status: 'SUCCESS', durationMs: 1 });
      expect(await store.tasks.assigned()).toEqual(new Map());
    });
  });
}
