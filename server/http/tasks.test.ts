import { beforeEach, expect, test } from 'vitest';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator/coordinator-testing.js';

const BASE = '/druid/indexer/v1';

let world: CoordinatorWorld;
beforeEach(async () => {
  world = await coordinatorWorld();
});

/** Submits a task that removes nothing, and waits for it. */
async function ended(id: string, dataSource = 't'): Promise<void> {
  world.clock.advance(1000);
  await world.tasks.submit({ type: 'kill', id, dataSource, interval: '2000/2001' });
  await world.tasks.wait(id);
}

const ids = async (path: string) =>
  ((await world.get(BASE + path)) as { id: string }[]).map(({ id }) => id);

test('ended tasks of the last day, or as many as are asked for', async () => {
  await ended('a');
  await ended('b', 'u');
  world.clock.advance(86_398_500);
  await ended('c');
  expect(await ids('/tasks')).toEqual(['c', 'b']);
  expect(await ids('/tasks?createdTimeInterval=2000-01-01_P2D')).toEqual(['c', 'b', 'a']);
  expect(await ids('/tasks?max=2')).toEqual(['c', 'b']);
  expect(await ids('/tasks?max=9&datasource=t')).toEqual(['c', 'a']);
  expect(await ids('/completeTasks?n=1')).toEqual(['c']);
  expect(await ids('/tasks?state=complete&type=index')).toEqual([]);
  expect(await ids('/runningTasks')).toEqual([]);
});

test('the status of several tasks; unknown ones are left out', async () => {
  await ended('a');
  const answer = await world.call('POST', `${BASE}/taskStatus`, ['a', 'none']);
  expect(answer.json).toEqual({
    a: {
      id: 'a',
      status: 'SUCCESS',
      duration: 0,
      errorMsg: null,
      location: { host: null, port: -1, tlsPort: -1 },
    },
  });
});

test('tasks of a table are shut down; it is locked while they run', async () => {
  let open: () => void = () => undefined;
  const kill = world.inventory.kill.bind(world.inventory);
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  world.inventory.kill = async (...args) => {
    await gate;
    return kill(...args);
  };
  for (const id of ['a', 'b']) {
    await world.tasks.submit({ type: 'kill', id, dataSource: 't', interval: '2000/2001' });
  }
  const locked = await world.call('POST', `${BASE}/lockedIntervals`, { t: 0, u: 0 });
  expect(locked.json).toEqual({ t: [expect.stringContaining('/146140482')] });
  expect(await world.get(`${BASE}/totalWorkerCapacity`)).toEqual({
    currentClusterCapacity: 1,
    maximumCapacityWithAutoScale: 1,
    usedClusterCapacity: 1,
  });
  expect(await world.get(`${BASE}/workers`)).toMatchObject([
    { worker: { host: '127.0.0.1:8888', capacity: 1 }, runningTasks: ['a', 'b'] },
  ]);
  const shutdown = await world.call('POST', `${BASE}/datasources/t/shutdownAllTasks`);
  expect(shutdown).toEqual({ status: 200, json: { dataSource: 't' } });
  open();
  for (const id of ['a', 'b']) await world.tasks.wait(id);
  expect((await world.call('POST', `${BASE}/lockedIntervals`, { t: 0 })).json).toEqual({});
  expect((await world.call('POST', `${BASE}/datasources/t/shutdownAllTasks`)).status).toBe(404);
});

test('nothing is ever pending', async () => {
  const answer = await world.call('DELETE', `${BASE}/pendingSegments/t?interval=2000_2001`);
  expect(answer).toEqual({ status: 200, json: { numDeleted: 0 } });
});

test.each<[string, string, unknown, ...string[]]>([
  ['GET', '/tasks?state=done', undefined, 'state', '"done"', 'complete, waiting'],
  ['GET', '/tasks?max=0', undefined, 'max', '"0"'],
  ['GET', '/tasks?createdTimeInterval=x', undefined, 'createdTimeInterval', '"x"'],
  ['POST', '/taskStatus', [], 'not empty'],
  ['POST', '/taskStatus', [7], 'task ids'],
  ['POST', '/lockedIntervals', [], 'JSON object'],
  ['DELETE', '/pendingSegments/t?interval=x', undefined, 'interval', '"x"'],
  ['POST', '/task', { type: 'kill', dataSource: 't' }, 'interval', 'nothing'],
])('%s %s %j is refused', async (method, path, body, ...parts) => {
  const answer = await world.call(method, BASE + path, body);
  expect(answer.status).toBe(400);
  const { errorMessage } = answer.json as { errorMessage: string };
  for (const part of parts) expect(errorMessage).toContain(part);
});

test('a part of the log, from the begin or from the end', async () => {
  await ended('a');
  const log = async (offset: string) =>
    (await world.call('GET', `${BASE}/task/a/log?offset=${offset}`)).json as string;
  const whole = await log('0');
  expect(whole).toMatch(/removed 0 segments of t in 0 batches\n$/);
  expect(await log('5')).toBe(whole.slice(5));
  expect(await log('-8')).toBe('batches\n');
  expect((await world.call('GET', `${BASE}/task/a/log?offset=x`)).status).toBe(400);
});
