import { beforeEach, describe, expect, test } from 'vitest';
import { NotFoundError } from '../../../core/index.js';
import type { ClusterView, ViewedServer } from './cluster-view.js';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator-testing.js';

const BASE = '/druid/coordinator/v1';
const FIRST = '1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z';
const SECOND = '1970-01-02T00:00:00.000Z/1970-01-03T00:00:00.000Z';
const VERSION = '1970-02-10T12:00:01.000Z';
const ID = `t_${FIRST.replace('/', '_')}_${VERSION}`;
const SECOND_ID = `t_${SECOND.replace('/', '_')}_${VERSION}`;

/**
 * Two servers of a tier and one of another. The first segment is on a and c, the second on a, and c is to load it; nobody has the third,
 * b is to drop the first.
 */
function threeServers(single: ClusterView): ClusterView {
  const server = (host: string, tier: string, on: number[], load: number[], drop: number[]) => {
    const all = single.used('t');
    const those = (places: number[]) => places.map((at) => all[at]!);
    const segments = those(on);
    return {
      host,
      tier,
      type: 'historical',
      priority: 1,
      maxSizeBytes: 1_000_000,
      currSizeBytes: segments.reduce((sum, { sealed }) => sum + sealed.sizeBytes, 0),
      segments,
      toLoad: those(load),
      toDrop: those(drop),
    } satisfies ViewedServer;
  };
  const disabled = new Set<string>();
  return {
    ...single,
    servers: () =>
      single.used('t').length === 0
        ? []
        : [
            server('a:1', 'hot', [0, 1], [], []),
            server('b:1', 'hot', [], [], [0]),
            server('c:1', 'cold', [0], [1], []),
          ],
    nodes: (role) =>
      role === 'broker'
        ? [
            { host: 'x', port: 8082 },
            { host: 'y', port: 8082 },
          ]
        : [],
    workers: () =>
      ['r:1', 'r:2'].map((host) => ({
        host,
        capacity: 3,
        usedCapacity: host === 'r:1' ? 1 : 0,
        isEnabled: !disabled.has(host),
        runningTasks: host === 'r:1' ? ['task'] : [],
      })),
    giveUp: async (node) => [`table of ${node}`],
    async setWorker(host, isEnabled) {
      if (!host.startsWith('r:')) throw new NotFoundError(`there is no worker "${host}"`);
      if (isEnabled) disabled.delete(host);
      else disabled.add(host);
    },
    wanted: async () => () =>
      new Map([
        ['hot', 3],
        ['cold', 1],
      ]),
  };
}

let world: CoordinatorWorld;
let sizes: [number, number, number];
beforeEach(async () => {
  world = await coordinatorWorld(threeServers);
  await world.publish('a', [0, 1], [1, 2], [2, 3]);
  sizes = world.inventory.placed('t').map(({ sealed }) => sealed.sizeBytes) as typeof sizes;
});

describe('a cluster of several servers', () => {
  test('load status: what nobody serves, and replicas that are missing by tier', async () => {
    expect(await world.get(`${BASE}/loadstatus`)).toEqual({ t: 200 / 3 });
    expect(await world.get(`${BASE}/loadstatus?simple`)).toEqual({ t: 1 });
    expect(await world.get(`${BASE}/loadstatus?full`)).toEqual({ hot: { t: 7 }, cold: { t: 2 } });
    expect(await world.get(`${BASE}/loadstatus?full&computeUsingClusterView`)).toEqual({
      hot: { t: 4 },
      cold: { t: 2 },
    });
    const ofTable = `${BASE}/datasources/t/loadstatus?forceMetadataRefresh=true&interval=1970-01-02_1970-01-04`;
    expect(await world.get(ofTable)).toEqual({ t: 50 });
    expect(await world.get(`${ofTable}&simple`)).toEqual({ t: 1 });
  });

  test('what waits in queues', async () => {
    const none = { segmentsToLoad: [], segmentsToDrop: [] };
    expect(await world.get(`${BASE}/loadqueue`)).toEqual({
      'a:1': none,
      'b:1': { segmentsToLoad: [], segmentsToDrop: [ID] },
      'c:1': { segmentsToLoad: [SECOND_ID], segmentsToDrop: [] },
    });
    const counts = (load: number, loadSize: number, drop: number, dropSize: number) => ({
      segmentsToLoad: load,
      segmentsToDrop: drop,
      segmentsToLoadSize: loadSize,
      segmentsToDropSize: dropSize,
      expectedLoadTimeMillis: 0,
    });
    expect(await world.get(`${BASE}/loadqueue?simple`)).toEqual({
      'a:1': counts(0, 0, 0, 0),
      'b:1': counts(0, 0, 1, sizes[0]),
      'c:1': counts(1, sizes[1], 0, 0),
    });
    expect(await world.get(`${BASE}/loadqueue?full`)).toMatchObject({
      'b:1': { segmentsToDrop: [{ identifier: ID, size: sizes[0] }] },
    });
  });

  test('a table counts each segment once, and each copy', async () => {
    const both = sizes[0] + sizes[1];
    expect(await world.get(`${BASE}/datasources/t`)).toEqual({
      tiers: {
        hot: { segmentCount: 2, size: both, replicatedSize: both },
        cold: { segmentCount: 1, size: sizes[0], replicatedSize: sizes[0] },
      },
      segments: {
        count: 2,
        size: both,
        replicatedSize: both + sizes[0],
        minTime: '1970-01-01T00:00:00.000Z',
        maxTime: '1970-01-03T00:00:00.000Z',
      },
    });
    expect(await world.get(`${BASE}/datasources/t/tiers`)).toEqual(['cold', 'hot']);
    expect(await world.get(`${BASE}/datasources/t/segments`)).toEqual([ID, SECOND_ID]);
    const one = encodeURIComponent(ID);
    expect(await world.get(`${BASE}/datasources/t/segments/${one}`)).toMatchObject({
      metadata: { identifier: ID },
      servers: ['a:1', 'c:1'],
    });
    const path = `${BASE}/datasources/t/intervals/1970-01-01_P1D/serverview`;
    expect(await world.get(path)).toMatchObject([
      { segment: { identifier: ID }, servers: [{ host: 'a:1' }, { host: 'c:1' }] },
    ]);
  });

  test('servers and tiers', async () => {
    expect(await world.get(`${BASE}/servers`)).toEqual(['a:1', 'b:1', 'c:1']);
    expect(await world.get(`${BASE}/servers/c:1?simple`)).toEqual({
      host: 'c:1',
      tier: 'cold',
      type: 'historical',
      priority: 1,
      currSize: sizes[0],
      maxSize: 1_000_000,
    });
    expect(await world.get(`${BASE}/tiers?simple`)).toEqual({
      hot: { currSize: sizes[0] + sizes[1], maxSize: 2_000_000 },
      cold: { currSize: sizes[0], maxSize: 1_000_000 },
    });
    expect(await world.get(`${BASE}/tiers/cold?simple`)).toEqual({
      t: { [FIRST]: { size: sizes[0], count: 1 } },
    });
    const broker = (host: string) => ({
      host,
      service: 'druid/broker',
      plaintextPort: 8082,
      tlsPort: -1,
    });
    expect(await world.get(`${BASE}/cluster`)).toEqual({ broker: [broker('x'), broker('y')] });
    expect(await world.get(`${BASE}/cluster/historical`)).toEqual([]);
    expect(await world.get('/druid/router/v1/brokers')).toEqual({
      'druid/broker': ['x:8082', 'y:8082'],
    });
  });

  test('which servers can answer a query', async () => {
    const location = (host: string, tier: string) => ({
      name: host,
      host,
      hostAndTlsPort: null,
      maxSize: 1_000_000,
      type: 'historical',
      tier,
      priority: 1,
    });
    const candidate = (interval: string, size: number, ...locations: unknown[]) => ({
      interval,
      version: VERSION,
      partitionNumber: 0,
      size,
      locations,
    });
    const query = { queryType: 'scan', dataSource: 't', intervals: '1970-01-01/1970-01-05' };
    const first = candidate(FIRST, sizes[0], location('a:1', 'hot'), location('c:1', 'cold'));
    const second = candidate(SECOND, sizes[1], location('a:1', 'hot'));
    const answer = await world.call('POST', '/druid/v2/candidates', query);
    expect(answer).toEqual({ status: 200, json: [first, second] });
    const base = '/druid/v2/datasources/t/candidates?intervals=1970-01-01_P1D';
    expect(await world.get(base)).toEqual([first]);
    expect(await world.get(`${base},1970-01-02_P1D&numCandidates=1`)).toEqual([
      { ...first, locations: [location('a:1', 'hot')] },
      second,
    ]);
  });
});

describe('workers', () => {
  const BASE = '/druid/indexer/v1';

  test('are told, switched off and on', async () => {
    const worker = (host: string, version: string, used: number, runningTasks: string[]) => ({
      worker: {
        scheme: 'http',
        host,
        ip: 'r',
        capacity: 3,
        version,
        category: '_default_worker_category',
      },
      currCapacityUsed: used,
      currParallelIndexCapacityUsed: 0,
      availabilityGroups: [],
      runningTasks,
      blacklistedUntil: null,
    });
    expect(await world.call('POST', `${BASE}/worker/r:2/disable`)).toEqual({
      status: 200,
      json: { 'r:2': 'disabled' },
    });
    expect(await world.get(`${BASE}/workers`)).toEqual([
      worker('r:1', '0', 1, ['task']),
      worker('r:2', '', 0, []),
    ]);
    expect(await world.get(`${BASE}/totalWorkerCapacity`)).toEqual({
      currentClusterCapacity: 3,
      maximumCapacityWithAutoScale: 3,
      usedClusterCapacity: 1,
    });
    expect((await world.call('POST', `${BASE}/worker/r:2/enable`)).json).toEqual({
      'r:2': 'enabled',
    });
    expect((await world.call('POST', `${BASE}/worker/x/enable`)).status).toBe(404);
    expect(await world.get(`${BASE}/scaling`)).toEqual([]);
  });

  test('how they are chosen is kept, with its history', async () => {
    expect(await world.get(`${BASE}/worker`)).toBeNull();
    const json = {
      type: 'default',
      selectStrategy: {
        type: 'fillCapacity',
        affinityConfig: { affinity: { t: ['r:1'] }, strong: true },
      },
      autoScaler: null,
    };
    const who = { 'X-Druid-Author': 'me', 'X-Druid-Comment': 'why' };
    expect(await world.call('POST', `${BASE}/worker`, json, who)).toEqual({
      status: 200,
      json: null,
    });
    expect(await world.get(`${BASE}/worker`)).toEqual(json);
    expect(await world.get(`${BASE}/worker/history`)).toEqual([
      {
        key: 'worker.config',
        type: 'worker.config',
        auditInfo: { author: 'me', identity: null, comment: 'why', ip: '' },
        payload: JSON.stringify(json),
        auditTime: '1970-02-10T12:00:01.000Z',
      },
    ]);
    const bad = { selectStrategy: { type: 'javascript' } };
    const refused = await world.call('POST', `${BASE}/worker`, bad);
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.json)).toContain('fillCapacity');
  });
});

describe('who does not lead', () => {
  const follower = (leader: string | null) =>
    coordinatorWorld((single) => ({
      ...single,
      isLeader: () => false,
      leader: () => leader,
      isReady: () => false,
    }));

  test('sends clients to the leader', async () => {
    const { call } = await follower('http://l:8081');
    for (const base of [BASE, '/druid/indexer/v1']) {
      expect(await call('GET', `${base}/isLeader`)).toEqual({
        status: 404,
        json: { leader: false },
      });
      expect((await call('GET', `${base}/leader`)).json).toBe('http://l:8081');
    }
    expect(await call('GET', `${BASE}/loadstatus?simple`)).toEqual({
      status: 307,
      json: null,
      location: `http://l:8081${BASE}/loadstatus?simple`,
    });
    expect(await call('POST', '/druid/indexer/v1/task', {})).toMatchObject({ status: 307 });
  });

  test('refuses while nobody leads, and says when it is not ready', async () => {
    const { call } = await follower(null);
    expect((await call('GET', `${BASE}/leader`)).status).toBe(503);
    expect((await call('GET', `${BASE}/rules`)).status).toBe(503);
    expect(await call('GET', '/druid/broker/v1/readiness')).toEqual({ status: 503, json: null });
    expect(await call('GET', '/status/ready')).toEqual({ status: 503, json: false });
    expect((await call('GET', '/druid/historical/v1/loadstatus')).json).toEqual({
      cacheInitialized: false,
    });
  });
});
