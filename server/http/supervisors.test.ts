import { beforeEach, expect, test } from 'vitest';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator/coordinator-testing.js';

const BASE = '/druid/indexer/v1/supervisor';

let world: CoordinatorWorld;
beforeEach(async () => {
  world = await coordinatorWorld();
});

test('there are none', async () => {
  for (const path of ['', '?full', '?state=true', '?system']) {
    expect(await world.get(BASE + path)).toEqual([]);
  }
  expect(await world.get(`${BASE}/history`)).toEqual({});
  for (const order of ['suspendAll', 'resumeAll', 'terminateAll']) {
    expect(await world.call('POST', `${BASE}/${order}`)).toEqual({
      status: 200,
      json: { status: 'success' },
    });
  }
});

test('one that is asked for is not known', async () => {
  const unknown = { status: 404, json: { error: '[x] does not exist' } };
  for (const path of ['', '/status', '/health', '/stats', '/parseErrors']) {
    expect(await world.call('GET', `${BASE}/x${path}`)).toEqual(unknown);
  }
  for (const path of ['suspend', 'resume', 'reset', 'terminate', 'shutdown']) {
    expect(await world.call('POST', `${BASE}/x/${path}`)).toEqual(unknown);
  }
  expect(await world.call('GET', `${BASE}/x/history`)).toEqual({
    status: 404,
    json: { error: 'No history for [x].' },
  });
});

test('none can be made', async () => {
  const answer = await world.call('POST', BASE, { type: 'kafka', spec: {} });
  expect(answer.status).toBe(400);
  const { errorMessage } = answer.json as { errorMessage: string };
  for (const part of ['type', '"kafka"', '/v1/tables']) expect(errorMessage).toContain(part);
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
