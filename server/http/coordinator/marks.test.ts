import { beforeEach, describe, expect, test } from 'vitest';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator-testing.js';

const BASE = '/druid/coordinator/v1/datasources';
const inPath = encodeURIComponent;

let world: CoordinatorWorld;
beforeEach(async () => {
  world = await coordinatorWorld();
  await world.publish('month', [0, 30]);
  await world.publish('days', [10, 11], [11, 12]);
});

const ids = async (query = ''): Promise<string[]> =>
  (await world.get(`/druid/coordinator/v1/metadata/datasources/t/segments${query}`)) as string[];
/** The names of the rows that queries see. */
const shown = () =>
  world.inventory
    .snapshot(['t'])
    .parts('t', [{ startMs: 0, endMs: 40 * 86_400_000 }])
    .map(({ id }) => `${id.interval.startMs / 86_400_000}`)
    .filter((name, i, all) => all.indexOf(name) === i)
    .sort();
const changed = (count: number) => ({ status: 200, json: { numChangedSegments: count } });

describe.each([BASE, '/druid/indexer/v1/datasources'])('at %s', (base) => {
  test('a table is dropped and taken back', async () => {
    expect(await world.call('DELETE', `${base}/t`)).toEqual(changed(3));
    expect(world.inventory.tables()).toEqual([]);
    expect(await world.call('GET', `${BASE}/t`)).toMatchObject({ status: 204 });
    expect(await world.call('POST', `${base}/t`)).toEqual(changed(3));
    expect(await world.call('POST', `${base}/t`)).toEqual(changed(0));
    expect(shown()).toEqual(['0', '10', '11']);
    expect(await world.call('POST', `${base}/none`)).toEqual(changed(0));
    expect(await world.call('DELETE', `${base}/none`)).toEqual(changed(0));
  });

  test('segments by interval, versions and ids', async () => {
    const [, first, second] = await ids();
    const mark = (how: string, body: unknown) => world.call('POST', `${base}/t/${how}`, body);
    const interval = '1970-01-11/1970-01-12';
    expect(await mark('markUnused', { interval })).toEqual(changed(1));
    expect(shown()).toEqual(['0', '11']);
    expect(await mark('markUsed', { interval: '1970-01-11_1970-01-12' })).toEqual(changed(1));
    expect(await mark('markUnused', { segmentIds: [first, second] })).toEqual(changed(2));
    expect(shown()).toEqual(['0']);
    const versions = [first!.slice(-24)];
    expect(await mark('markUsed', { interval, versions: ['no'] })).toEqual(changed(0));
    expect(await mark('markUsed', { interval, versions })).toEqual(changed(1));
    expect(await mark('markUsed', { segmentIds: [second] })).toEqual(changed(1));
    expect(shown()).toEqual(['0', '10', '11']);
  });

  test('one segment', async () => {
    const [month, first] = await ids();
    const path = `${base}/t/segments/${inPath(first!)}`;
    const state = (isChanged: boolean) => ({
      status: 200,
      json: { segmentStateChanged: isChanged },
    });
    expect(await world.call('DELETE', path)).toEqual(state(true));
    expect(await world.call('DELETE', path)).toEqual(state(false));
    expect(await world.call('POST', path)).toEqual(state(true));
    expect(await world.call('POST', path)).toEqual(state(false));
    expect(await world.call('POST', `${base}/t/segments/none`)).toEqual(state(false));
    await world.publish('all', [0, 30]);
    const hidden = `${base}/t/segments/${inPath(month!)}`;
    expect(await world.call('POST', hidden)).toEqual(state(false));
    expect(await world.call('POST', `${base}/t`)).toEqual(changed(0));
    expect(shown()).toEqual(['0']);
  });

  test.each<[string, unknown, number, ...string[]]>([
    ['markUsed', {}, 400, 'either interval or segmentIds', 'neither'],
    ['markUnused', {}, 400, 'neither'],
    ['markUnused', { interval: '1970/1971', segmentIds: ['a'] }, 400, 'both'],
    ['markUnused', { segmentIds: [] }, 400, 'segmentIds', '[]'],
    ['markUnused', { segmentIds: 'a' }, 400, 'segmentIds', '"a"'],
    ['markUnused', { segmentIds: [7] }, 400, 'segmentIds', '[7]'],
    ['markUnused', { segmentIds: ['a'] }, 404, 'segmentIds', '["a"]', 'unusedSegments'],
    ['markUsed', { segmentIds: ['a'] }, 404, '["a"]'],
    ['markUsed', { segmentIds: ['a'], versions: ['v'] }, 400, 'versions'],
    ['markUsed', { interval: 7 }, 400, 'interval', '7'],
    ['markUsed', { interval: 'soon' }, 400, '"soon" is not an interval'],
    ['markUsed', { interval: '1970/1971', versions: [] }, 400, 'versions', '[]'],
    ['markUsed', [], 400, 'JSON object'],
    ['markUsed', '{', 400],
  ])('%s of %j is refused', async (how, body, status, ...parts) => {
    const answer = await world.call('POST', `${base}/t/${how}`, body);
    expect(answer.status).toBe(status);
    const { errorMessage } = answer.json as { errorMessage: string };
    for (const part of parts) expect(errorMessage).toContain(part);
    expect(shown()).toEqual(['0', '10', '11']);
  });
});

test('what is dropped is removed by a task, in either spelling', async () => {
  await world.call('DELETE', `${BASE}/t`);
  const killed = async () => {
    for (const { id } of await world.tasks.list()) await world.tasks.wait(String(id));
    return (await world.metadata.segments.all()).length;
  };
  expect(await world.call('DELETE', `${BASE}/t/intervals/1970-01-11_1970-01-12`)).toEqual({
    status: 200,
    json: null,
  });
  expect(await killed()).toBe(2);
  expect(await world.call('DELETE', `${BASE}/t?kill=true&interval=1970/1971`)).toEqual({
    status: 200,
    json: null,
  });
  expect(await killed()).toBe(0);
  expect((await world.call('DELETE', `${BASE}/t?kill=true`)).status).toBe(400);
  expect((await world.call('DELETE', `${BASE}/t/intervals/soon`)).status).toBe(400);
});

test('a tombstone is a segment like any other to those who list them', async () => {
  await world.call('POST', `${BASE}/t/markUnused`, { interval: '1970-01-11/1970-01-12' });
  const segments = (await ids('?full')) as unknown as Record<string, unknown>[];
  expect(segments.at(-1)).toMatchObject({
    interval: '1970-01-11T00:00:00.000Z/1970-01-12T00:00:00.000Z',
    loadSpec: { type: 'tombstone' },
    shardSpec: { type: 'tombstone', partitionNum: 1 },
    size: 0,
  });
});
