import { beforeEach, describe, expect, test } from 'vitest';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator-testing.js';

const BASE = '/druid/coordinator/v1';
const FIRST = '1970-01-01T00:00:00.000Z/1970-01-02T00:00:00.000Z';
const SECOND = '1970-01-02T00:00:00.000Z/1970-01-03T00:00:00.000Z';
const VERSION = '1970-02-10T12:00:01.000Z';
const ID = `t_1970-01-01T00:00:00.000Z_1970-01-02T00:00:00.000Z_${VERSION}`;
const SECOND_ID = `t_1970-01-02T00:00:00.000Z_1970-01-03T00:00:00.000Z_${VERSION}`;
const inPath = encodeURIComponent;

let world: CoordinatorWorld;
/** Of the two segments of table t, and of both. */
let size: number;
let secondSize: number;
let bothSize: number;
beforeEach(async () => {
  world = await coordinatorWorld();
  await world.publish('a', [0, 1], [1, 2]);
  const sizes = world.inventory.placed('t').map(({ sealed }) => sealed.sizeBytes);
  [size, secondSize] = sizes as [number, number];
  bothSize = size + secondSize;
});

const SEGMENT = {
  dataSource: 't',
  interval: FIRST,
  version: VERSION,
  loadSpec: { type: 'local', path: 'segments/t/a0' },
  dimensions: 'a',
  metrics: '',
  shardSpec: { type: 'numbered', partitionNum: 0, partitions: 1 },
  binaryVersion: 9,
  identifier: ID,
};

describe('what is served', () => {
  const one = () => ({ size, count: 1 });
  const other = () => ({ size: secondSize, count: 1 });
  const two = () => ({ size: bothSize, count: 2 });
  const SERVERS = ['127.0.0.1:8888'];

  test('names, properties, objects', async () => {
    const properties = {
      tiers: { _default_tier: { segmentCount: 2, size: bothSize, replicatedSize: bothSize } },
      segments: {
        ...two(),
        replicatedSize: bothSize,
        minTime: '1970-01-01T00:00:00.000Z',
        maxTime: '1970-01-03T00:00:00.000Z',
      },
    };
    expect(await world.get(`${BASE}/datasources`)).toEqual(['t']);
    expect(await world.get(`${BASE}/datasources?simple`)).toEqual([{ name: 't', properties }]);
    expect(await world.get(`${BASE}/datasources/t`)).toEqual(properties);
    const full = { name: 't', properties: {}, segments: [SEGMENT, { identifier: SECOND_ID }] };
    expect(await world.get(`${BASE}/datasources/t?full`)).toMatchObject(full);
    expect(await world.get(`${BASE}/datasources?full`)).toMatchObject([full]);
  });

  test('intervals, latest first', async () => {
    const base = `${BASE}/datasources/t/intervals`;
    expect(await world.get(base)).toEqual([SECOND, FIRST]);
    expect(await world.get(`${base}?simple`)).toEqual({ [SECOND]: other(), [FIRST]: one() });
    const located = { metadata: { ...SEGMENT, size }, servers: SERVERS };
    expect(await world.get(`${base}?full`)).toMatchObject({ [FIRST]: { [ID]: located } });
    const days = '1970-01-01_1970-01-02T12:00Z';
    expect(await world.get(`${base}/${days}`)).toEqual([ID]);
    expect(await world.get(`${base}/${days}?simple`)).toEqual({ [FIRST]: one() });
    expect(await world.get(`${base}/${days}?full`)).toEqual({ [FIRST]: { [ID]: located } });
    expect(await world.get(`${base}/${days}/serverview`)).toMatchObject([
      { segment: SEGMENT, servers: [{ name: '127.0.0.1:8888', type: 'historical', priority: 0 }] },
    ]);
    const all = `${BASE}/intervals`;
    expect(await world.get(all)).toEqual({ [SECOND]: { t: other() }, [FIRST]: { t: one() } });
    expect(await world.get(`${all}/1970_1971`)).toEqual(two());
    expect(await world.get(`${all}/${days}?simple`)).toEqual({ [FIRST]: one() });
    expect(await world.get(`${all}/${days}?full`)).toEqual({ [FIRST]: { t: one() } });
  });

  test('segments, tiers and servers', async () => {
    const base = `${BASE}/datasources/t`;
    expect(await world.get(`${base}/segments`)).toEqual([ID, SECOND_ID]);
    expect(await world.get(`${base}/segments?full`)).toMatchObject([SEGMENT, {}]);
    expect(await world.get(`${base}/segments/${inPath(ID)}`)).toEqual({
      metadata: { ...SEGMENT, size },
      servers: SERVERS,
    });
    expect(await world.get(`${base}/tiers`)).toEqual(['_default_tier']);
    expect(await world.get(`${BASE}/servers`)).toEqual(SERVERS);
    const server = { host: SERVERS[0], tier: '_default_tier', currSize: bothSize };
    expect(await world.get(`${BASE}/servers?simple`)).toMatchObject([server]);
    expect(await world.get(`${BASE}/servers?full`)).toMatchObject([
      { ...server, segments: { [ID]: SEGMENT } },
    ]);
    expect(await world.get(`${BASE}/servers/${SERVERS[0]}?simple`)).toMatchObject(server);
    expect(await world.get(`${BASE}/servers/${SERVERS[0]}/segments`)).toEqual([ID, SECOND_ID]);
    expect(await world.get(`${BASE}/servers/${SERVERS[0]}/segments/${inPath(ID)}`)).toMatchObject(
      SEGMENT,
    );
    expect(await world.get(`${BASE}/tiers?simple`)).toMatchObject({
      _default_tier: { currSize: bothSize },
    });
    expect(await world.get(`${BASE}/tiers/_default_tier`)).toEqual(['t']);
    expect(await world.get(`${BASE}/tiers/_default_tier?simple`)).toMatchObject({
      t: { [FIRST]: one() },
    });
    expect(await world.get(`${BASE}/cluster/broker`)).toMatchObject([{ plaintextPort: 8888 }]);
    expect(Object.keys((await world.get(`${BASE}/cluster`)) as object)).toContain('historical');
  });

  test('load status, of the last two weeks unless an interval is named', async () => {
    expect(await world.get(`${BASE}/loadstatus`)).toEqual({ t: 100 });
    expect(await world.get(`${BASE}/loadstatus?simple`)).toEqual({ t: 0 });
    expect(await world.get(`${BASE}/loadstatus?full`)).toEqual({ _default_tier: { t: 0 } });
    const base = `${BASE}/datasources/t/loadstatus`;
    const asked = `${base}?forceMetadataRefresh=true&interval=1970-01-01_1970-01-05`;
    expect(await world.get(asked)).toEqual({ t: 100 });
    expect(await world.get(`${asked}&simple`)).toEqual({ t: 0 });
    expect(await world.get(`${asked}&full`)).toEqual({ _default_tier: { t: 0 } });
    expect(await world.call('GET', `${base}?forceMetadataRefresh=false`)).toMatchObject({
      status: 204,
    });
    await world.publish('new', [39, 40]);
    expect(await world.get(`${base}?forceMetadataRefresh=false`)).toEqual({ t: 100 });
    expect(await world.get(`${BASE}/loadqueue?simple`)).toMatchObject({
      [SERVERS[0]!]: { segmentsToLoad: 0, segmentsToDropSize: 0 },
    });
    expect(await world.get(`${BASE}/loadqueue`)).toEqual({
      [SERVERS[0]!]: { segmentsToLoad: [], segmentsToDrop: [] },
    });
  });

  test('handoff is complete when it is served, or never will be', async () => {
    const base = `${BASE}/datasources/t/handoffComplete`;
    const query = (interval: string, partition: number, version: string) =>
      world.get(`${base}?interval=${interval}&partitionNumber=${partition}&version=${version}`);
    expect(await query('1970-01-01T01:00Z_PT1H', 0, VERSION)).toBe(true);
    expect(await query('1970-01-01_P1D', 0, '1969')).toBe(true);
    expect(await query('1970-01-01_P1D', 0, '1971')).toBe(false);
    expect(await query('1970-01-01_P1D', 1, VERSION)).toBe(false);
    expect(await query('1970-01-01_P2D', 0, VERSION)).toBe(false);
    await world.call('POST', `${BASE}/rules/t`, [{ type: 'dropBeforeByPeriod', period: 'P20D' }]);
    expect(await query('1970-01-01_P1D', 7, VERSION)).toBe(true);
    expect(await query('1970-02-01_P1D', 7, VERSION)).toBe(false);
    const nowhere = [{ type: 'loadForever', tieredReplicants: {} }];
    await world.call('POST', `${BASE}/rules/t`, nowhere);
    expect(await query('1970-02-01_P1D', 7, VERSION)).toBe(true);
  });

  test.each([
    '',
    '/intervals',
    '/segments',
    '/tiers',
    `/segments/${inPath(ID)}`,
    '/intervals/1970_1971',
  ])('a table that is not there is no content: %s', async (path) => {
    expect(await world.call('GET', `${BASE}/datasources/none${path}`)).toEqual({
      status: 204,
      json: null,
    });
  });
});

describe('what the metadata says', () => {
  const META = `${BASE}/metadata`;

  test('tables and segments that count', async () => {
    expect(await world.get(`${META}/datasources`)).toEqual(['t']);
    expect(await world.get(`${META}/datasources?full`)).toMatchObject([
      { name: 't', segments: [SEGMENT, {}] },
    ]);
    expect(await world.get(`${META}/datasources/t`)).toMatchObject({ name: 't' });
    expect(await world.get(`${META}/datasources/t/segments`)).toEqual([ID, SECOND_ID]);
    expect(await world.get(`${META}/datasources/t/segments?full`)).toMatchObject([SEGMENT, {}]);
    const touched = await world.call('POST', `${META}/datasources/t/segments`, [
      '1970-01-02T23:00Z/1970-01-09',
    ]);
    expect(touched.json).toEqual([SECOND_ID]);
    expect(await world.get(`${META}/datasources/t/segments/${inPath(ID)}`)).toEqual({
      ...SEGMENT,
      size,
    });
    expect(await world.get(`${META}/segments`)).toMatchObject([SEGMENT, {}]);
    expect(await world.get(`${META}/segments?datasources=x&datasources=t`)).toHaveLength(2);
    expect(await world.get(`${META}/segments?datasources=x`)).toEqual([]);
    expect(await world.get(`${META}/segments?includeOvershadowedStatus`)).toMatchObject([
      { overshadowed: false, replicationFactor: 1 },
      {},
    ]);
    const columns = await world.call('POST', `${META}/dataSourceInformation`, ['t', 'none']);
    expect(columns.json).toEqual([
      {
        datasource: 't',
        rowSignature: [
          { name: '__time', type: 'LONG' },
          { name: 'a', type: 'STRING' },
        ],
      },
    ]);
    expect((await world.call('POST', `${META}/bootstrapSegments`)).json).toEqual([]);
  });

  test('those that do not, a page at a time', async () => {
    await world.call('DELETE', `${BASE}/datasources/t`);
    expect(await world.get(`${META}/datasources`)).toEqual([]);
    expect(await world.get(`${META}/datasources?includeUnused&full`)).toEqual(['t']);
    const path = `${META}/datasources/t/segments/${inPath(ID)}`;
    expect((await world.call('GET', path)).status).toBe(404);
    expect(await world.get(`${path}?includeUnused=true`)).toMatchObject(SEGMENT);
    const unused = async (query: string) =>
      (
        (await world.get(`${META}/datasources/t/unusedSegments${query}`)) as {
          identifier: string;
        }[]
      ).map(({ identifier }) => identifier);
    expect(await unused('')).toEqual([ID, SECOND_ID]);
    expect(await unused('?sortOrder=desc')).toEqual([SECOND_ID, ID]);
    expect(await unused('?limit=1')).toEqual([ID]);
    expect(await unused(`?limit=1&lastSegmentId=${inPath(ID)}`)).toEqual([SECOND_ID]);
    expect(await unused('?interval=1970-01-01_1970-01-02')).toEqual([ID]);
    expect(await world.get(`${META}/datasources/t/unusedSegments?limit=1`)).toMatchObject([
      {
        dataSegment: SEGMENT,
        createdDate: VERSION,
        usedStatusLastUpdatedDate: VERSION,
        used: false,
        numRows: 1,
      },
    ]);
  });
});

describe('wrong requests are told field, value and remedy', () => {
  test.each<[string, string, unknown, number, ...string[]]>([
    [
      'GET',
      `${BASE}/datasources/t/loadstatus`,
      undefined,
      400,
      'forceMetadataRefresh',
      'true or false',
    ],
    ['GET', `${BASE}/datasources/t/loadstatus?forceMetadataRefresh=x`, undefined, 400, '"x"'],
    [
      'GET',
      `${BASE}/datasources/t/loadstatus?forceMetadataRefresh=true&interval=x`,
      undefined,
      400,
      'interval',
      '"x"',
    ],
    ['GET', `${BASE}/datasources/t/handoffComplete`, undefined, 400, 'interval'],
    [
      'GET',
      `${BASE}/datasources/t/handoffComplete?interval=1970_1971&partitionNumber=a`,
      undefined,
      400,
      'partitionNumber',
      '"a"',
    ],
    ['GET', `${BASE}/datasources/t/intervals/soon`, undefined, 400, '"soon" is not an interval'],
    ['GET', `${BASE}/intervals/soon`, undefined, 400, '"soon"'],
    ['GET', `${BASE}/metadata/datasources/none`, undefined, 404, '"none"', 'includeUnused'],
    ['GET', `${BASE}/metadata/datasources/none/segments`, undefined, 404, '"none"'],
    ['GET', `${BASE}/metadata/datasources/t/segments/x`, undefined, 404, '"x"'],
    [
      'GET',
      `${BASE}/metadata/datasources/t/unusedSegments?limit=0`,
      undefined,
      400,
      'limit',
      '"0"',
    ],
    [
      'GET',
      `${BASE}/metadata/datasources/t/unusedSegments?sortOrder=up`,
      undefined,
      400,
      'sortOrder',
      '"UP"',
    ],
    ['POST', `${BASE}/metadata/datasources/t/segments`, {}, 400, 'list of intervals', '{}'],
    ['POST', `${BASE}/metadata/datasources/t/segments`, ['x'], 400, '[0]', '"x"'],
    ['POST', `${BASE}/metadata/dataSourceInformation`, [7], 400, '[7]'],
    ['POST', `${BASE}/metadata/dataSourceInformation`, '{', 400],
    ['GET', `${BASE}/servers/other:1`, undefined, 404, '"other:1"', '127.0.0.1:8888'],
    ['GET', `${BASE}/servers/other:1/segments`, undefined, 404, '"other:1"'],
    ['GET', `${BASE}/servers/127.0.0.1:8888/segments/x`, undefined, 404, '"x"'],
    ['GET', `${BASE}/tiers/hot`, undefined, 404, '"hot"', '_default_tier'],
    ['GET', `${BASE}/cluster/king`, undefined, 400, '"king"', 'historical'],
  ])('%s %s %j', async (method, path, body, status, ...parts) => {
    const answer = await world.call(method, path, body);
    expect(answer.status).toBe(status);
    const { errorMessage } = answer.json as { errorMessage: string };
    for (const part of parts) expect(errorMessage).toContain(part);
  });
});
