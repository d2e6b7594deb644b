import { beforeEach, expect, test } from 'vitest';
import { type CoordinatorWorld, coordinatorWorld } from './coordinator-testing.js';

const BASE = '/druid/coordinator/v1/rules';
const TIERS = { tieredReplicants: { _default_tier: 2 }, useDefaultTierForNull: true };
const KEEP = { type: 'loadForever', ...TIERS };
const DROP = { type: 'dropForever' };
const MONTH = { type: 'loadByPeriod', period: 'P30D' };

let world: CoordinatorWorld;
beforeEach(async () => {
  world = await coordinatorWorld();
});

const set = (name: string, rules: unknown, headers: Record<string, string> = {}) =>
  world.call('POST', `${BASE}/${name}`, rules, headers);
const OK = { status: 200, json: null };

test('everything is kept until somebody says otherwise', async () => {
  expect(await world.get(BASE)).toEqual({ _default: [KEEP] });
  expect(await world.get(`${BASE}/t`)).toEqual([]);
  expect(await world.get(`${BASE}/t?full`)).toEqual([KEEP]);
  expect(await world.get(`${BASE}/_default`)).toEqual([KEEP]);
});

test('a list replaces the one before; an empty one is as none', async () => {
  expect(await set('t', [MONTH, DROP])).toEqual(OK);
  const month = { ...MONTH, includeFuture: true, ...TIERS };
  expect(await world.get(`${BASE}/t`)).toEqual([month, DROP]);
  expect(await world.get(`${BASE}/t?full`)).toEqual([month, DROP, KEEP]);
  expect(await set('_default', [DROP])).toEqual(OK);
  expect(await world.get(BASE)).toEqual({ _default: [DROP], t: [month, DROP] });
  expect(await set('t', [])).toEqual(OK);
  expect(await set('_default', [])).toEqual(OK);
  expect(await world.get(BASE)).toEqual({ _default: [KEEP] });
});

test('every change is written down, with who made it', async () => {
  await set('t', [DROP], { 'X-Druid-Author': 'ann', 'X-Druid-Comment': 'too old' });
  world.clock.advance(1000);
  await set('u', [DROP]);
  await set('t', []);
  const first = {
    key: 't',
    type: 'rules',
    auditInfo: { author: 'ann', identity: null, comment: 'too old', ip: '' },
    payload: '[{"type":"dropForever"}]',
    auditTime: '1970-02-10T12:00:00.000Z',
  };
  const ofTable = [first, { key: 't', payload: '[]', auditInfo: { author: '' } }];
  expect(await world.get(`${BASE}/t/history`)).toMatchObject(ofTable);
  expect(await world.get(`${BASE}/t/history?count=1`)).toMatchObject([{ payload: '[]' }]);
  expect(await world.get(`${BASE}/history?count=2`)).toMatchObject([{ key: 't' }, { key: 'u' }]);
  expect(await world.get(`${BASE}/history`)).toHaveLength(3);
  const interval = '1970-02-10T12:00Z_1970-02-10T12:00:01Z';
  expect(await world.get(`${BASE}/history?interval=${interval}`)).toEqual([first]);
  world.clock.advance(8 * 86_400_000);
  expect(await world.get(`${BASE}/t/history`)).toEqual([]);
});

test.each<[string, string, unknown, ...string[]]>([
  ['POST', '/t', {}, 'rules: want a list of rules', '{}'],
  ['POST', '/t', '[', 'JSON'],
  ['POST', '/t', [{ type: 'keep' }], 'rules[0].type', '"keep"', 'loadForever'],
  ['POST', '/t', [DROP, { type: 'dropByPeriod', period: 'P' }], 'rules[1].period', '"P"', 'P30D'],
  ['POST', '/t', [{ type: 'loadByInterval', interval: '1' }], 'rules[0].interval', '"1"'],
  ['GET', '/t/history?count=-1', undefined, 'count', '"-1"'],
  ['GET', '/history?interval=x', undefined, 'interval', '"x"'],
])('%s %s %j is refused', async (method, path, body, ...parts) => {
  const answer = await world.call(method, BASE + path, body);
  expect(answer.status).toBe(400);
  const { errorMessage } = answer.json as { errorMessage: string };
  for (const part of parts) expect(errorMessage).toContain(part);
  expect(await world.get(BASE)).toEqual({ _default: [KEEP] });
});
