import { beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../core/index.js';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator-testing.js';

const BASE = '/druid/coordinator/v1/lookups';
const INTROSPECT = '/druid/v1/lookups/introspect';

let world: CoordinatorWorld;
beforeEach(async () => {
  world = await coordinatorWorld();
});

const spec = (version: string, map: JsonObject): JsonObject => ({
  version,
  lookupExtractorFactory: { type: 'map', map },
});
const COUNTRY = spec('v1', { de: 'Germany', fr: 'France' });
const post = (path: string, body: unknown) => world.call('POST', `${BASE}/config${path}`, body);
const status = async (method: string, path: string) => (await world.call(method, path)).status;

describe('configuration', () => {
  test('of a fresh store', async () => {
    expect(await post('', {})).toEqual({ status: 202, json: {} });
    expect(await world.get(`${BASE}/config`)).toEqual([]);
    expect(await world.get(`${BASE}/config?discover=true`)).toEqual(['__default']);
    expect(await world.get(`${BASE}/config/all`)).toEqual({});
    expect(await world.get(`${BASE}/status`)).toEqual({});
    expect(await status('GET', `${BASE}/config/__default`)).toBe(404);
    expect(await world.get(`${BASE}/nodeStatus`)).toEqual({
      __default: { '127.0.0.1:8888': { current: {}, toLoad: {}, toDrop: [] } },
    });
  });

  test('in one go, and one by one', async () => {
    const all = { __default: { country: COUNTRY }, other: { x: spec('v1', {}) } };
    expect(await post('', all)).toEqual({ status: 202, json: all });
    expect(await world.get(`${BASE}/config`)).toEqual(['__default', 'other']);
    expect(await world.get(`${BASE}/config/all`)).toEqual(all);
    const next = spec('v2', { de: 'Deutschland' });
    expect(await post('/__default/country', next)).toEqual({ status: 202, json: next });
    expect(await post('/__default/more', COUNTRY)).toMatchObject({ status: 202 });
    expect(await world.get(`${BASE}/config/__default`)).toEqual(['country', 'more']);
    expect(await world.get(`${BASE}/config/__default?detailed=true`)).toEqual({
      country: next,
      more: COUNTRY,
    });
    expect(await world.get(`${BASE}/config/__default/country`)).toEqual(next);
    expect(await world.call('DELETE', `${BASE}/config/__default/more`)).toEqual({
      status: 202,
      json: null,
    });
    expect(await status('GET', `${BASE}/config/__default/more`)).toBe(404);
    expect(await status('DELETE', `${BASE}/config/other`)).toBe(202);
    expect(await status('DELETE', `${BASE}/config/other`)).toBe(404);
    expect(await world.get(`${BASE}/config`)).toEqual(['__default']);
  });

  test('an older version is refused', async () => {
    await post('', { __default: { country: COUNTRY } });
    expect(await post('/__default/country', spec('v0', {}))).toMatchObject({
      status: 400,
      json: {
        errorMessage: expect.stringContaining(
          '__default.country.version: want one that is greater than "v1"',
        ),
      },
    });
    expect(await post('', { __default: { a: { version: 'v1' } } })).toMatchObject({ status: 400 });
    expect(await post('', 'no json')).toMatchObject({ status: 400 });
    const jdbc = { type: 'cachedNamespace', extractionNamespace: { type: 'jdbc' } };
    const refused = { version: 'v1', lookupExtractorFactory: jdbc };
    expect(await post('', { __default: { a: refused } })).toMatchObject({
      status: 400,
      json: { errorMessage: expect.stringContaining('"jdbc" is not supported') },
    });
  });

  test('who changed what is written down', async () => {
    const headers = { 'X-Druid-Author': 'ann' };
    await world.call('POST', `${BASE}/config`, { __default: { country: COUNTRY } }, headers);
    const history = await world.metadata.settings.history('lookups', null, { count: 9 });
    expect(history).toMatchObject([{ name: '__default/country', author: 'ann', value: COUNTRY }]);
  });
});

test('status', async () => {
  await post('', { __default: { country: COUNTRY }, other: { x: spec('v1', {}) } });
  expect(await world.get(`${BASE}/status`)).toEqual({
    __default: { country: { loaded: true } },
    other: { x: { loaded: false, error: expect.stringContaining('__default only') } },
  });
  expect(await world.get(`${BASE}/status/__default?detailed=true`)).toEqual({
    country: { loaded: true, pendingNodes: [] },
  });
  expect(await world.get(`${BASE}/status/__default/country`)).toEqual({ loaded: true });
  expect(await status('GET', `${BASE}/status/__default/none`)).toBe(404);
  expect(await status('GET', `${BASE}/status/none`)).toBe(404);
  const full = { current: { country: COUNTRY }, toLoad: {}, toDrop: [] };
  expect(await world.get(`${BASE}/nodeStatus?discover=true`)).toEqual({
    __default: { '127.0.0.1:8888': full },
  });
  expect(await world.get(`${BASE}/nodeStatus/__default?detailed=false`)).toEqual({
    '127.0.0.1:8888': { ...full, current: { country: 'v1' } },
  });
  expect(await world.get(`${BASE}/nodeStatus/__default/127.0.0.1:8888`)).toEqual(full);
  expect(await status('GET', `${BASE}/nodeStatus/other`)).toBe(404);
  expect(await status('GET', `${BASE}/nodeStatus/__default/x:1`)).toBe(404);
});

test('a lookup that is not there yet says why', async () => {
  const uri = {
    type: 'cachedNamespace',
    firstCacheTimeout: 1000,
    extractionNamespace: {
      type: 'uri',
      uri: 'file:/data/x',
      namespaceParseSpec: { format: 'simpleJson' },
    },
  };
  const late = { version: 'v2', lookupExtractorFactory: uri };
  await world.disk.makeDirectory('/data');
  await post('', { __default: { country: COUNTRY } });
  await post('', { __default: { country: late } });
  expect(await world.get(`${BASE}/status/__default/country?detailed=true`)).toEqual({
    loaded: false,
    pendingNodes: ['127.0.0.1:8888'],
    error: 'nothing is read in these tests',
  });
  const versions = await world.get(`${BASE}/nodeStatus/__default/127.0.0.1:8888?detailed=false`);
  expect(versions).toEqual({ current: { country: 'v1' }, toLoad: { country: 'v2' }, toDrop: [] });
  // What there was stays.
  expect(await world.get(`${INTROSPECT}/country/version`)).toEqual({ version: 'v1' });
  await post('/__default/fresh', late);
  expect(await world.call('GET', `${INTROSPECT}/fresh`)).toMatchObject({
    status: 404,
    json: { errorMessage: 'lookup "fresh" is not loaded: nothing is read in these tests' },
  });
});

test('introspection', async () => {
  const odd = { 'a"b': '☃' };
  await post('', { __default: { country: COUNTRY, none: spec('v1', {}), odd: spec('v1', odd) } });
  expect(await world.get(INTROSPECT)).toEqual(['country', 'none', 'odd']);
  expect(await world.get(`${INTROSPECT}/country`)).toEqual({ de: 'Germany', fr: 'France' });
  expect(await world.get(`${INTROSPECT}/country/keys`)).toEqual(['de', 'fr']);
  expect(await world.get(`${INTROSPECT}/country/values`)).toEqual(['Germany', 'France']);
  expect(await world.get(`${INTROSPECT}/country/version`)).toEqual({ version: 'v1' });
  expect(await world.get(`${INTROSPECT}/none`)).toEqual({});
  expect(await world.get(`${INTROSPECT}/none/keys`)).toEqual([]);
  expect(await world.get(`${INTROSPECT}/odd`)).toEqual(odd);
  expect(await status('GET', `${INTROSPECT}/nobody`)).toBe(404);
});
