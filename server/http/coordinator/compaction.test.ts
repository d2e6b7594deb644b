import { beforeEach, describe, expect, test } from 'vitest';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator-testing.js';

const BASE = '/druid/coordinator/v1';
const CONFIG = `${BASE}/config/compaction`;
const OK = { status: 200, json: null };

let world: CoordinatorWorld;
beforeEach(async () => {
  world = await coordinatorWorld();
});

const DEFAULTS = {
  taskPriority: 25,
  inputSegmentSizeBytes: 100_000_000_000_000,
  maxRowsPerSegment: null,
  skipOffsetFromLatest: 'P1D',
  tuningConfig: null,
  granularitySpec: null,
  dimensionsSpec: null,
  metricsSpec: null,
  transformSpec: null,
  ioConfig: null,
  taskContext: null,
  engine: null,
};
const CLUSTER = { compactionTaskSlotRatio: 0.1, maxCompactionTaskSlots: 2_147_483_647 };

describe('configuration', () => {
  test('is set by table, read, replaced and removed', async () => {
    expect(await world.get(CONFIG)).toMatchObject({ compactionConfigs: [], ...CLUSTER });
    expect(await world.call('POST', CONFIG, { dataSource: 'u' })).toEqual(OK);
    const granularitySpec = { segmentGranularity: 'MONTH' };
    expect(await world.call('POST', CONFIG, { dataSource: 't', granularitySpec })).toEqual(OK);
    expect(await world.get(CONFIG)).toMatchObject({
      compactionConfigs: [
        { dataSource: 't', ...DEFAULTS, granularitySpec },
        { dataSource: 'u', ...DEFAULTS },
      ],
    });
    expect(await world.call('POST', CONFIG, { dataSource: 't', taskPriority: 5 })).toEqual(OK);
    expect(await world.get(`${CONFIG}/t`)).toEqual({
      dataSource: 't',
      ...DEFAULTS,
      taskPriority: 5,
    });
    expect(await world.call('DELETE', `${CONFIG}/t`)).toEqual(OK);
    expect((await world.call('GET', `${CONFIG}/t`)).status).toBe(404);
    expect((await world.call('DELETE', `${CONFIG}/t`)).status).toBe(404);
  });

  test('slots for all tables', async () => {
    expect(await world.call('POST', `${CONFIG}/taskslots?ratio=0.25&max=10`)).toEqual(OK);
    expect(await world.call('POST', `${CONFIG}/taskslots?max=7`)).toEqual(OK);
    const now = { compactionTaskSlotRatio: 0.25, maxCompactionTaskSlots: 7 };
    expect(await world.get(CONFIG)).toMatchObject(now);
    const half = { compactionTaskSlotRatio: 0.5, compactionPolicy: null };
    expect(await world.call('POST', `${CONFIG}/cluster`, half)).toEqual(OK);
    expect(await world.get(CONFIG)).toMatchObject({ ...now, ...half });
  });

  test('every change is written down with what held for all tables', async () => {
    await world.call('POST', CONFIG, { dataSource: 't' }, { 'X-Druid-Author': 'ann' });
    world.clock.advance(1000);
    await world.call('POST', `${CONFIG}/taskslots?ratio=1`);
    await world.call('DELETE', `${CONFIG}/t`);
    expect(await world.get(`${CONFIG}/t/history`)).toMatchObject([
      {
        globalConfig: CLUSTER,
        compactionConfig: { dataSource: 't', ...DEFAULTS },
        auditInfo: { author: 'ann', comment: '', ip: '' },
        auditTime: '1970-02-10T12:00:00.000Z',
      },
      { globalConfig: { ...CLUSTER, compactionTaskSlotRatio: 1 }, compactionConfig: null },
    ]);
    expect(await world.get(`${CONFIG}/t/history?count=1`)).toMatchObject([
      { compactionConfig: null },
    ]);
    expect(await world.get(`${CONFIG}/u/history`)).toEqual([]);
  });

  test.each<[string, string, unknown, ...string[]]>([
    ['POST', '', {}, 'dataSource', 'nothing'],
    ['POST', '', { dataSource: 'sys.x' }, 'dataSource', '"sys.x"'],
    ['POST', '', [], 'JSON object'],
    [
      'POST',
      '',
      { dataSource: 't', skipOffsetFromLatest: 'a day' },
      'skipOffset',
      '"a day"',
      'P1D',
    ],
    ['POST', '', { dataSource: 't', skipOffsetFromLatest: 'P-1D' }, '"P-1D"'],
    ['POST', '', { dataSource: 't', taskPriority: -1 }, 'taskPriority', '-1'],
    ['POST', '', { dataSource: 't', inputSegmentSizeBytes: 'big' }, 'inputSegmentSize', '"big"'],
    ['POST', '', { dataSource: 't', maxRowsPerSegment: 0 }, 'maxRowsPerSegment', '0'],
    ['POST', '', { dataSource: 't', engine: 'msq' }, 'engine', '"msq"', 'native'],
    ['POST', '', { dataSource: 't', projections: [] }, 'projections'],
    ['POST', '', { dataSource: 't', granularitySpec: 'DAY' }, 'granularitySpec', '"DAY"'],
    [
      'POST',
      '',
      { dataSource: 't', granularitySpec: { segmentGranularity: 'eon' } },
      'granularitySpec.segmentGranularity',
      '"eon"',
    ],
    ['POST', '', { dataSource: 't', metricsSpec: [{ type: 'sum', name: 'x' }] }, "'sum'"],
    [
      'POST',
      '',
      { dataSource: 't', tuningConfig: { partitionsSpec: { type: 'round' } } },
      'partitionsSpec.type',
      '"round"',
    ],
    [
      'POST',
      '',
      {
        dataSource: 't',
        transformSpec: { transforms: [{ type: 'expression', name: 'x', expression: '1' }] },
      },
      'transformSpec.transforms',
    ],
    [
      'POST',
      '',
      { dataSource: 't', ioConfig: { dropExisting: 'maybe' } },
      'dropExisting',
      '"maybe"',
    ],
    ['POST', '/taskslots', undefined, 'ratio', 'neither'],
    ['POST', '/taskslots?ratio=2', undefined, 'ratio', '2'],
    ['POST', '/taskslots?max=-1', undefined, 'max', '"-1"'],
    ['POST', '/cluster', { maxCompactionTaskSlots: 1.5 }, 'max', '1.5'],
    ['GET', '/t/history?count=x', undefined, 'count', '"x"'],
  ])('%s %s %j is refused', async (method, path, body, ...parts) => {
    const answer = await world.call(method, CONFIG + path, body);
    expect(answer.status).toBe(400);
    const { errorMessage } = answer.json as { errorMessage: string };
    for (const part of parts) expect(errorMessage).toContain(part);
    expect(await world.get(CONFIG)).toMatchObject({ compactionConfigs: [], ...CLUSTER });
  });
});

test('status and progress say how much there is to do', async () => {
  await world.publish('t', [0, 1], [1, 2], [5, 6]);
  const bytes = world.inventory.placed('t').map(({ sealed }) => sealed.sizeBytes);
  const status = `${BASE}/compaction/status`;
  const progress = `${BASE}/compaction/progress`;
  expect(await world.get(status)).toEqual({ latestStatus: [] });
  for (const path of [`${status}?dataSource=t`, `${progress}?dataSource=t`, progress]) {
    expect(await world.call('GET', path)).toMatchObject({
      status: 404,
      json: { error: 'unknown dataSource' },
    });
  }
  await world.call('POST', CONFIG, { dataSource: 't' });
  const expected = {
    dataSource: 't',
    scheduleStatus: 'RUNNING',
    message: null,
    bytesAwaitingCompaction: bytes[0]! + bytes[1]!,
    bytesCompacted: 0,
    bytesSkipped: bytes[2]!,
    segmentCountAwaitingCompaction: 2,
    segmentCountCompacted: 0,
    segmentCountSkipped: 1,
    intervalCountAwaitingCompaction: 2,
    intervalCountCompacted: 0,
    intervalCountSkipped: 1,
  };
  expect(await world.get(status)).toEqual({ latestStatus: [expected] });
  expect(await world.get(`${status}?dataSource=t`)).toEqual({ latestStatus: [expected] });
  expect(await world.get(`${progress}?dataSource=t`)).toEqual({
    remainingSegmentSize: bytes[0]! + bytes[1]!,
  });
});

test('compaction begins when told to', async () => {
  await world.publish('t', [0, 1]);
  await world.call('POST', CONFIG, { dataSource: 't', skipOffsetFromLatest: 'PT0S' });
  expect(await world.call('POST', `${BASE}/compaction/compact`)).toEqual(OK);
  const [task] = await world.tasks.list();
  expect(String(task!.id)).toMatch(
    /^coordinator-issued_compact_t_[a-p]{8}_1970-02-10T12:00:01\.000Z$/,
  );
  expect(task).toMatchObject({ type: 'compact', dataSource: 't' });
});
