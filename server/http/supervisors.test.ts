import { beforeEach, expect, test } from 'vitest';
import { settled } from '../../cluster/testing.js';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator/coordinator-testing.js';

const BASE = '/druid/indexer/v1/supervisor';

let world: CoordinatorWorld;
beforeEach(async () => {
  world = await coordinatorWorld();
});

const WHO = { 'X-Druid-Author': 'ann' };

const autocompact = (dataSource: string, more: object = {}) => ({
  type: 'autocompact',
  spec: { dataSource, skipOffsetFromLatest: 'PT0S' },
  ...more,
});

const post = (spec: unknown) => world.call('POST', BASE, spec, WHO);

const order = (path: string) => world.call('POST', `${BASE}/${path}`, undefined, WHO);

const idsOf = (json: unknown) => (json as { id: string }[]).map(({ id }) => id);

test('there are none', async () => {
  for (const path of ['', '?full', '?state=true', '?system']) {
    expect(await world.get(BASE + path)).toEqual([]);
  }
  expect(await world.get(`${BASE}/history`)).toEqual({});
  for (const all of ['suspendAll', 'resumeAll', 'terminateAll', 'shutdownAll']) {
    expect(await order(all)).toEqual({ status: 200, json: { status: 'success' } });
  }
});

test('one that is asked for is not known', async () => {
  const unknown = { status: 404, json: { error: '[x] does not exist' } };
  for (const path of ['', '/status', '/health', '/stats', '/parseErrors']) {
    expect(await world.call('GET', `${BASE}/x${path}`)).toEqual(unknown);
  }
  for (const path of ['suspend', 'resume', 'reset', 'resetOffsets', 'terminate', 'shutdown']) {
    expect(await order(`x/${path}`)).toEqual(unknown);
  }
  expect(await world.call('GET', `${BASE}/x/history`)).toEqual({
    status: 404,
    json: { error: 'No history for [x].' },
  });
});

test('one is posted, and listed in the shape that is asked for', async () => {
  expect(await post(autocompact('t'))).toEqual({ status: 200, json: { id: 'autocompact__t' } });
  await post(autocompact('a', { suspended: true }));
  expect(await world.get(BASE)).toEqual(['autocompact__a', 'autocompact__t']);
  const id = 'autocompact__t';
  const state = { state: 'RUNNING', detailedState: 'RUNNING', healthy: true, suspended: false };
  const [, short] = (await world.get(`${BASE}?state=true`)) as unknown[];
  expect(short).toEqual({ id, ...state });
  const spec = await world.get(`${BASE}/${id}`);
  const defaults = { taskPriority: 25, granularitySpec: null };
  expect(spec).toMatchObject({ ...autocompact('t'), spec: defaults, suspended: false });
  const [suspended, full] = (await world.get(`${BASE}?full`)) as unknown[];
  expect(full).toEqual({ id, ...state, spec });
  expect(suspended).toMatchObject({ state: 'SUSPENDED', healthy: true, suspended: true });
  const [, system] = (await world.get(`${BASE}?system`)) as { specString: string }[];
  const rest = { dataSource: 't', type: 'autocompact', source: '' };
  expect(system).toEqual({ id, ...state, ...rest, specString: JSON.stringify(spec) });
});

test('one that runs submits tasks at once, one that is suspended keeps its table as it is', async () => {
  const issued = async () => (await world.tasks.list()).map(({ type }) => type);
  await world.publish('t', [0, 1]);
  await world.call('POST', '/druid/coordinator/v1/config/compaction', autocompact('t').spec);
  await post(autocompact('t', { suspended: true }));
  await world.call('POST', '/druid/coordinator/v1/compaction/compact');
  expect(await issued()).toEqual([]);
  expect(await world.get('/druid/coordinator/v1/compaction/status')).toEqual({ latestStatus: [] });
  await order('autocompact__t/resume');
  expect(await issued()).toEqual(['compact']);
});

test('one is suspended, resumed and terminated, and all of it written down', async () => {
  const id = 'autocompact__t';
  await post(autocompact('t'));
  const running = await world.get(`${BASE}/${id}`);
  const suspended = { ...(running as object), suspended: true };
  const already = (what: string) => ({
    status: 400,
    json: { error: `[${id}] is already ${what}` },
  });
  expect(await order(`${id}/resume`)).toEqual(already('running'));
  world.clock.advance(1000);
  expect(await order(`${id}/suspend`)).toEqual({ status: 200, json: suspended });
  expect(await world.get(`${BASE}/${id}`)).toEqual(suspended);
  expect(await order(`${id}/suspend`)).toEqual(already('suspended'));
  world.clock.advance(1000);
  expect(await order(`${id}/resume`)).toEqual({ status: 200, json: running });
  world.clock.advance(1000);
  expect(await order(`${id}/terminate`)).toEqual({ status: 200, json: { id } });
  expect(await world.get(BASE)).toEqual([]);
  const noop = { type: 'NoopSupervisorSpec', id, suspended: false, source: 'noop' };
  const history = [
    { spec: { ...noop, dataSources: ['t'] }, version: '1970-02-10T12:00:03.000Z' },
    { spec: running, version: '1970-02-10T12:00:02.000Z' },
    { spec: suspended, version: '1970-02-10T12:00:01.000Z' },
    { spec: running, version: '1970-02-10T12:00:00.000Z' },
  ];
  expect(await world.get(`${BASE}/${id}/history`)).toEqual(history);
  expect(await world.get(`${BASE}/${id}/history?count=1`)).toEqual(history.slice(0, 1));
  expect(await world.get(`${BASE}/history`)).toEqual({ [id]: history });
});

test('all are suspended, resumed and terminated', async () => {
  for (const table of ['a', 'b', 'c']) await post(autocompact(table, { suspended: table === 'b' }));
  const states = async () =>
    ((await world.get(`${BASE}?state=true`)) as { state: string }[]).map(({ state }) => state);
  for (const [all, state] of [
    ['suspendAll', 'SUSPENDED'],
    ['resumeAll', 'RUNNING'],
  ]) {
    expect(await order(all!)).toEqual({ status: 200, json: { status: 'success' } });
    expect(await states()).toEqual([state, state, state]);
  }
  const changes = (await world.get(`${BASE}/autocompact__b/history`)) as unknown[];
  // It was suspended before all were.
  expect(changes).toHaveLength(2);
  expect(idsOf(await world.get(`${BASE}?full`))).toHaveLength(3);
  await order('terminateAll');
  expect(await world.get(BASE)).toEqual([]);
});

test('its status says how far the table is, its health whether tasks go well', async () => {
  const id = 'autocompact__t';
  await post(autocompact('t'));
  await world.publish('t', [0, 1]);
  expect(await world.get(`${BASE}/${id}/status`)).toMatchObject({
    id,
    generationTime: '1970-02-10T12:00:01.000Z',
    payload: {
      ...{ dataSource: 't', scheduleStatus: 'RUNNING', segmentCountAwaitingCompaction: 1 },
      ...{ state: 'RUNNING', healthy: true, suspended: false, recentErrors: [] },
    },
  });
  // Nothing can be built in these tests: the tasks fail, and each is tried again later.
  for (let i = 0; i < 3; i++) {
    expect(await world.call('GET', `${BASE}/${id}/health`)).toEqual({
      status: 200,
      json: { healthy: true },
    });
    await world.call('POST', '/druid/coordinator/v1/compaction/compact');
    await settled(world.tasks);
    world.clock.advance(86_400_000);
  }
  expect(await world.call('GET', `${BASE}/${id}/health`)).toEqual({
    status: 503,
    json: { healthy: false },
  });
  const { payload } = (await world.get(`${BASE}/${id}/status`)) as {
    payload: { state: string; recentErrors: { message: string }[] };
  };
  expect(payload.state).toBe('UNHEALTHY_TASKS');
  expect(payload.recentErrors).toHaveLength(3);
  expect(payload.recentErrors[0]!.message).toContain('nothing is built');
  await order(`${id}/suspend`);
  expect(await world.get(`${BASE}/${id}/status`)).toMatchObject({
    payload: { scheduleStatus: 'NOT_ENABLED', state: 'SUSPENDED', healthy: true },
  });
  expect(await world.get(`${BASE}/${id}/stats`)).toEqual({});
  expect(await world.get(`${BASE}/${id}/parseErrors`)).toEqual([]);
});

test('what only streams have is refused', async () => {
  await post(autocompact('t'));
  for (const path of ['reset', 'resetOffsets', 'taskGroups/handoff']) {
    const { status, json } = await order(`autocompact__t/${path}`);
    expect(status).toBe(400);
    expect(json).toEqual({ error: `[${path}] is not supported for 'autocompact' supervisors.` });
  }
});

test.each<[unknown, ...string[]]>([
  [{ type: 'kafka', spec: {} }, 'type', "'kafka'", 'autocompact', '/v1/tables'],
  [{ type: 'nobody' }, 'type', '"nobody"', 'autocompact'],
  [{}, 'type', 'nothing'],
  [{ type: 'autocompact' }, 'spec', 'nothing'],
  [{ type: 'autocompact', spec: {} }, 'dataSource', 'nothing'],
  [autocompact('sys.x'), 'dataSource', '"sys.x"'],
  [autocompact('t', { suspended: 'yes' }), 'suspended', '"yes"'],
  [{ type: 'autocompact', spec: { dataSource: 't', engine: 'msq' } }, 'engine', '"msq"'],
  [[], 'JSON object'],
])('%j is refused', async (spec, ...parts) => {
  const answer = await post(spec);
  expect(answer.status).toBe(400);
  const { errorMessage } = answer.json as { errorMessage: string };
  for (const part of parts) expect(errorMessage).toContain(part);
  expect(await world.get(BASE)).toEqual([]);
});

test('the paths of a router lead here', async () => {
  expect(await world.get('/proxy/overlord/druid/indexer/v1/supervisor?full')).toEqual([]);
  expect(await world.get('/proxy/coordinator/druid/coordinator/v1/datasources')).toEqual([]);
  const rules = [{ type: 'dropForever' }];
  const path = '/proxy/coordinator/druid/coordinator/v1/rules/t';
  expect(await world.call('POST', path, rules)).toEqual({ status: 200, json: null });
  expect(await world.get('/druid/coordinator/v1/rules/t')).toEqual(rules);
  for (const path of ['/proxy/coordinator/druid/v2/datasources', '/proxy/broker/status']) {
    expect((await world.call('GET', path)).status).toBe(404);
  }
  const address = ['127.0.0.1:8888'];
  expect(await world.get('/druid/router/v1/brokers')).toEqual({ 'druid/broker': address });
});

test('columns of tables in an interval, and by interval', async () => {
  await world.publish('a', [0, 1], [1, 2], [5, 6]);
  const path = '/druid/v2/datasources/t';
  const columns = { dimensions: ['a'], metrics: [] };
  expect(await world.get(`${path}?interval=1970-01-01/1970-01-02`)).toEqual(columns);
  expect(await world.get(`${path}?interval=1971/1972`)).toEqual({ dimensions: [], metrics: [] });
  expect(await world.get(`${path}?full`)).toEqual({
    '1970-01-01T00:00:00.000Z/1970-01-03T00:00:00.000Z': columns,
    '1970-01-06T00:00:00.000Z/1970-01-07T00:00:00.000Z': columns,
  });
  expect(await world.get('/druid/v2/datasources/none?full')).toEqual({});
});
