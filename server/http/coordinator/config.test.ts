import { beforeEach, expect, test } from 'vitest';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator-testing.js';

const BASE = '/druid/coordinator/v1/config';

let world: CoordinatorWorld;
beforeEach(async () => {
  world = await coordinatorWorld();
});

const DEFAULTS = {
  millisToWaitBeforeDeleting: 900_000,
  mergeBytesLimit: 524_288_000,
  mergeSegmentsLimit: 100,
  maxSegmentsToMove: 100,
  replicantLifetime: 15,
  replicationThrottleLimit: 500,
  balancerComputeThreads: 1,
  useRoundRobinSegmentAssignment: true,
  smartSegmentLoading: true,
  killDataSourceWhitelist: [],
  killTaskSlotRatio: 0.1,
  maxKillTaskSlots: 2_147_483_647,
  killPendingSegmentsSkipList: [],
  maxSegmentsInNodeLoadingQueue: 500,
  decommissioningNodes: [],
  pauseCoordination: false,
  replicateAfterLoadTimeout: false,
  maxNonPrimaryReplicantsToLoad: 2_147_483_647,
  turboLoadingNodes: [],
  cloneServers: {},
  debugDimensions: null,
};

test('fields that are posted go over those that hold; changes are remembered', async () => {
  expect(await world.get(BASE)).toEqual(DEFAULTS);
  const post = (json: unknown) => world.call('POST', BASE, json, { 'X-Druid-Author': 'me' });
  expect(await post({ maxSegmentsToMove: 7 })).toEqual({ status: 200, json: null });
  world.clock.advance(1000);
  await post({ decommissioningNodes: 'a:1,b:1', killAllDataSources: true });
  const after = { ...DEFAULTS, maxSegmentsToMove: 7, decommissioningNodes: ['a:1', 'b:1'] };
  expect(await world.get(BASE)).toEqual(after);
  const entry = (value: unknown, auditTime: string) => ({
    key: 'coordinator.config',
    type: 'coordinator.config',
    auditInfo: { author: 'me', identity: null, comment: '', ip: '' },
    payload: JSON.stringify(value),
    auditTime,
  });
  const first = entry({ ...DEFAULTS, maxSegmentsToMove: 7 }, '1970-02-10T12:00:00.000Z');
  const second = entry(after, '1970-02-10T12:00:01.000Z');
  expect(await world.get(`${BASE}/history`)).toEqual([first, second]);
  expect(await world.get(`${BASE}/history?count=1`)).toEqual([second]);
});

test('the configuration of compaction is beside it', async () => {
  expect(await world.get(`${BASE}/compaction`)).toMatchObject({ compactionConfigs: [] });
});

test.each<[string, unknown, ...string[]]>([
  [BASE, { maxSegmentsToMove: 'many' }, 'maxSegmentsToMove', '"many"'],
  [BASE, [], 'JSON object'],
])('POST %s %j is refused', async (path, body, ...parts) => {
  const answer = await world.call('POST', path, body);
  expect(answer.status).toBe(400);
  for (const part of parts)
    expect((answer.json as { errorMessage: string }).errorMessage).toContain(part);
});
