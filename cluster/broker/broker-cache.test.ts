import { expect, test } from 'vitest';
import {
  ManualClock,
  silentLogger,
  steadyClock,
  systemTimers,
  UnavailableError,
  VirtualDisk,
} from '../../core/index.js';
import { ETERNITY } from '../../model/index.js';
import { contentTag, parseNativeQuery, queryCaches } from '../../query/index.js';
import { testEngine } from '../../query/testing.js';
import { segmentIdText } from '../../segments/index.js';
import { neverSilent } from '../membership/node-silence-testing.js';
import { MetadataStore } from '../metadata/metadata-store.js';
import { type PartSource, shareMethods } from '../serving/share-methods.js';
import { days, openInventory, publishOf, sealChunk } from '../testing.js';
import { LocalCarrier } from '../transport/local-carrier.js';
import { NodeClient } from '../transport/node-client.js';
import { NodeMethods } from '../transport/node-methods.js';
import { BrokerTables } from './broker-tables.js';
import { Scatter } from './scatter.js';

const HOUR_MS = 3_600_000;
const BASE = { cluster: 'c', secret: 'sixteen-letters-or-more', logger: silentLogger };
const SIZES = { partialBytes: 1 << 16, resultBytes: 1 << 16, maxEntryBytes: 1 << 13 };

const identity = (name: string, role: 'broker' | 'historical') => ({
  name,
  incarnation: '1',
  roles: [role],
});

/** A broker with caches, and a historical that has all files; both see the same metadata. */
async function newCluster() {
  const disk = new VirtualDisk();
  const store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, new ManualClock(0));
  const inventory = await openInventory(disk, store);
  const state = { lost: new Set<number>(), calls: 0 };
  const source: PartSource = {
    async open(ref) {
      const snapshot = inventory.snapshot(['t']);
      const all = snapshot.parts('t', [ETERNITY]);
      const part = all.find(({ id }) => ref.kind === 'segment' && segmentIdText(id) === ref.id);
      if (part === undefined || state.lost.has(part.minTimeMs)) return null;
      return { part, release: () => snapshot.release() };
    },
  };
  const caches = queryCaches(SIZES, 0);
  const timers = systemTimers;
  const methods = new NodeMethods({ ...BASE, timers, self: identity('h', 'historical') });
  const historical = testEngine(inventory, { caches: queryCaches(SIZES, 0) });
  for (const method of shareMethods(source, historical.shares)) methods.add(method);
  const carrier = new LocalCarrier();
  carrier.connect('h', methods);
  const client = new NodeClient(
    {
      send(url, request) {
        state.calls++;
        return carrier.send(url, request);
      },
    },
    { ...BASE, timers, self: identity('b', 'broker') },
  );
  const node = { name: 'h', url: 'h', priority: 0 };
  const holder = new Scatter({
    client,
    nodes: {
      serving: () => [node],
      fetching: () => [],
      silenceOf: neverSilent,
      suspect: () => undefined,
    },
    clock: steadyClock,
    timers,
    deadlineMs: 10_000,
    leastHedgeMs: 10_000,
  });
  const { changes } = store;
  const tables = new BrokerTables({ changes, told: () => [], holder, declared: () => null });
  let files = 0;
  return {
    state,
    caches,
    store,
    tables,
    engine: testEngine(tables, { caches }),
    /** Rows of a day, instead of those that it had. */
    async publish(day: number, ...cells: string[]): Promise<void> {
      const interval = days(day, day + 1);
      const rows = cells.map((a, i) => ({ __time: interval.startMs + i * HOUR_MS, a }));
      const name = `file${files++}`;
      await inventory.publish(
        publishOf(name, 'overwrite', [sealChunk(disk, name, interval, rows)]),
      );
      await tables.refresh();
    },
  };
}

const GROUPS = {
  queryType: 'groupBy',
  dataSource: 't',
  intervals: '1970-01-01/1970-01-04',
  granularity: 'all',
  dimensions: ['a'],
  aggregations: [{ type: 'count', name: 'c' }],
};

test('a broker keeps answers until a segment is replaced, and nodes the partials of the others', async () => {
  const { engine, tables, state, publish } = await newCluster();
  await publish(0, 'x', 'y');
  await publish(1, 'x');
  const query = parseNativeQuery(GROUPS);
  const ask = async (context = {}) => {
    const { rows, stats } = await engine.run(parseNativeQuery({ ...GROUPS, context }));
    return { counts: rows.map((row) => row.slice(1)), stats };
  };
  const tag = () => contentTag(query, tables.snapshot(['t']));
  const first = tag();
  expect((await ask()).counts).toEqual([
    ['x', 2],
    ['y', 1],
  ]);
  const { calls } = state;
  const again = await ask();
  expect(again.stats.isCachedResult).toBe(true);
  expect(again.counts).toHaveLength(2);
  expect([state.calls, tag()]).toEqual([calls, first]);
  await ask({ useResultLevelCache: false, populateResultLevelCache: false });
  const known = await ask({ useResultLevelCache: false, populateResultLevelCache: false });
  expect([known.stats.cachedSegments, known.stats.segments]).toEqual([2, 0]);
  await publish(1, 'z', 'z');
  expect(tag()).not.toBe(first);
  const changed = await ask();
  expect(changed.counts).toEqual([
    ['x', 1],
    ['y', 1],
    ['z', 2],
  ]);
  expect([changed.stats.isCachedResult, changed.stats.cachedSegments]).toEqual([false, 1]);
});

test('an answer that lacks segments is not kept, and a whole one serves those who would take less', async () => {
  const { engine, state, caches, publish } = await newCluster();
  await publish(0, 'x', 'y');
  await publish(1, 'x');
  state.lost.add(days(1, 2).startMs);
  const partly = parseNativeQuery({ ...GROUPS, context: { returnPartialResults: true } });
  const whole = parseNativeQuery(GROUPS);
  for (const _ of [1, 2]) {
    const { rows, stats } = await engine.run(partly);
    expect(rows).toHaveLength(2);
    expect(stats.missing.map(({ itvl }) => itvl)).toEqual([
      '1970-01-02T00:00:00.000Z/1970-01-03T00:00:00.000Z',
    ]);
    expect(stats.isCachedResult).toBe(false);
  }
  await expect(engine.run(whole)).rejects.toThrow(UnavailableError);
  expect(caches.results!.counts.entries).toBe(0);
  state.lost.clear();
  expect((await engine.run(whole)).rows.map((row) => row.slice(1))).toEqual([
    ['x', 2],
    ['y', 1],
  ]);
  state.lost.add(days(1, 2).startMs);
  const { stats } = await engine.run(partly);
  expect([stats.isCachedResult, stats.missing]).toEqual([true, []]);
});

test('where a query asks for rows and there is no segment, it is told as far as it wants to know', async () => {
  const { engine, publish } = await newCluster();
  await publish(1, 'x');
  const uncovered = async (uncoveredIntervalsLimit: number) => {
    const context = { uncoveredIntervalsLimit };
    return (await engine.run(parseNativeQuery({ ...GROUPS, context }))).stats.uncovered;
  };
  expect(await uncovered(0)).toBeNull();
  const [before, after] = [
    '1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z',
    '1970-01-03T00:00:00.000Z/1970-01-04T00:00:00.000Z',
  ];
  expect(await uncovered(5)).toEqual({ intervals: [before, after], isCut: false });
  expect(await uncovered(1)).toEqual({ intervals: [before], isCut: true });
});

/** Of which a part without limits is a part. */
const ALWAYS = '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z';

test.each([
  { ...GROUPS, queryType: 'timeseries', dimensions: undefined, intervals: ALWAYS },
  { ...GROUPS, dimensions: [], intervals: ALWAYS },
  { ...GROUPS, intervals: ALWAYS, filter: { type: 'selector', dimension: 'a', value: 'z' } },
  { queryType: 'timeBoundary', dataSource: 't' },
  { queryType: 'dataSourceMetadata', dataSource: 't' },
  { queryType: 'segmentMetadata', dataSource: 't' },
  { queryType: 'scan', dataSource: 't', intervals: '1970-01-01/1970-01-02' },
])('nothing is answered while a node does not tell of its rows: $queryType', async (query) => {
  const { engine, tables, store, publish } = await newCluster();
  await publish(0, 'x', 'y');
  await store.pushTables.declare('t', {});
  await store.pushTables.assignOwner('t', 'r', 0);
  await engine.run(parseNativeQuery(query));
  await store.pushTables.ofLog('r').open('t', 0);
  await tables.refresh();
  await expect(engine.run(parseNativeQuery(query))).rejects.toThrow(UnavailableError);
});
