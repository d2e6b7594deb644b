import { beforeEach, expect, test } from 'vitest';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator/coordinator-testing.js';

const BASE = '/druid/indexer/v1/compaction';
const TABLES = `${BASE}/config/datasources`;
const SUPERVISOR = '/druid/indexer/v1/supervisor';
const OK = { status: 200, json: { success: true } };

let world: CoordinatorWorld;
beforeEach(async () => {
  world = await coordinatorWorld();
});

const post = (table: string, taskPriority: number) =>
  world.call('POST', `${TABLES}/${table}`, { dataSource: table, taskPriority });

/** What is in force, by table. */
async function priorities(): Promise<string[]> {
  const { compactionConfigs } = (await world.get(TABLES)) as {
    compactionConfigs: { dataSource: string; taskPriority: number }[];
  };
  return compactionConfigs.map(({ dataSource, taskPriority }) => `${dataSource} ${taskPriority}`);
}

test('a configuration is set where the coordinator has it, read and removed', async () => {
  expect(await post('t', 3)).toEqual(OK);
  expect(await priorities()).toEqual(['t 3']);
  expect(await world.get('/druid/coordinator/v1/config/compaction/t')).toMatchObject({
    taskPriority: 3,
  });
  expect(await world.get(`${TABLES}/t`)).toMatchObject({ dataSource: 't', taskPriority: 3 });
  world.clock.advance(1);
  expect(await world.call('DELETE', `${TABLES}/t`)).toEqual(OK);
  expect(await world.get(`${TABLES}/t/history`)).toMatchObject({
    entries: [{ compactionConfig: { taskPriority: 3 } }, { compactionConfig: null }],
  });
  expect(await world.get(`${TABLES}/t/history?count=1`)).toMatchObject({
    entries: [{ compactionConfig: null }],
  });
  for (const [method, path] of [
    ['GET', `${TABLES}/t`],
    ['DELETE', `${TABLES}/t`],
    ['GET', `${BASE}/status/datasources/t`],
  ] as const) {
    expect((await world.call(method, path)).status).toBe(404);
  }
});

test("that of a table with a supervisor is its supervisor's", async () => {
  await post('t', 3);
  await world.call('POST', SUPERVISOR, { type: 'autocompact', spec: { dataSource: 't' } });
  expect(await post('t', 4)).toEqual(OK);
  expect(await priorities()).toEqual(['t 4']);
  expect(await world.get(`${SUPERVISOR}/autocompact__t`)).toMatchObject({
    spec: { taskPriority: 4 },
    suspended: false,
  });
  await world.call('POST', `${SUPERVISOR}/autocompact__t/suspend`);
  expect(await post('t', 5)).toEqual(OK);
  expect(await priorities()).toEqual([]);
  await world.call('POST', `${SUPERVISOR}/autocompact__t/resume`);
  expect(await priorities()).toEqual(['t 5']);
  expect(await world.call('DELETE', `${TABLES}/t`)).toEqual(OK);
  expect(await world.get(SUPERVISOR)).toEqual([]);
  expect(await priorities()).toEqual(['t 3']);
});

test('status by table, slots for all', async () => {
  await world.publish('a', [0, 1]);
  await post('t', 3);
  const status = { dataSource: 't', scheduleStatus: 'RUNNING', segmentCountSkipped: 1 };
  expect(await world.get(`${BASE}/status/datasources`)).toMatchObject({ latestStatus: [status] });
  expect(await world.get(`${BASE}/status/datasources/t`)).toMatchObject(status);
  const cluster = { compactionTaskSlotRatio: 0.5, maxCompactionTaskSlots: 7 };
  expect(await world.call('POST', `${BASE}/config/cluster`, cluster)).toEqual(OK);
  expect(await world.get(`${BASE}/config/cluster`)).toMatchObject(cluster);
});

test.each<[object, ...string[]]>([
  [{ dataSource: 'u' }, 'dataSource', '"t"', '"u"'],
  [{}, 'dataSource', '"t"', 'null'],
  [{ dataSource: 't', engine: 'msq' }, 'engine', '"msq"'],
])('%j is refused', async (config, ...parts) => {
  const answer = await world.call('POST', `${TABLES}/t`, config);
  expect(answer.status).toBe(400);
  const { errorMessage } = answer.json as { errorMessage: string };
  for (const part of parts) expect(errorMessage).toContain(part);
  expect(await priorities()).toEqual([]);
});

test('no historical is the clone of another one', async () => {
  expect(await world.get('/druid/coordinator/v1/config/cloneStatus')).toEqual({ cloneStatus: [] });
});
