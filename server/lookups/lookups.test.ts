import { beforeEach, describe, expect, test } from 'vitest';
import { MetadataStore } from '../../cluster/index.js';
import {
  type JsonObject,
  ManualClock,
  silentLogger,
  utf8Encode,
  VirtualDisk,
} from '../../core/index.js';
import { loadPairs } from '../../ingest/index.js';
import { LookupTable } from '../../model/index.js';
import { parseDefinitions } from './definition.js';
import { Lookups } from './lookups.js';

const WHO = { author: 'ann', comment: '', ip: '' };
const FILE = '/data/x.json';

let disk: VirtualDisk;
let clock: ManualClock;
let store: MetadataStore;
let loads: number;
let lookups: Lookups;

const open = (localRoots = ['/data']): Promise<Lookups> => {
  const input = {
    disk,
    localRoots,
    httpHosts: [],
    fetch,
    maxEntityBytes: 1 << 20,
    clock,
  };
  const loader = {
    load: (factory: Parameters<typeof loadPairs>[0]) => {
      loads++;
      return loadPairs(factory, input, 1 << 20);
    },
  };
  return Lookups.open(store.settings, { loader, input, clock, logger: silentLogger });
};

beforeEach(async () => {
  disk = new VirtualDisk();
  disk.makeDirectory('/data');
  clock = new ManualClock(0);
  store = await MetadataStore.open({ type: 'sqlite', path: ':memory:' }, clock);
  loads = 0;
  lookups = await open();
});

function write(content: string): void {
  const file = disk.create(FILE);
  file.write(utf8Encode(content));
  file.close();
}

const mapOf = (version: string | null, map: JsonObject): JsonObject => ({
  ...(version !== null && { version }),
  lookupExtractorFactory: { type: 'map', map },
});
const fileOf = (version: string, more: JsonObject = {}): JsonObject => ({
  version,
  lookupExtractorFactory: {
    type: 'cachedNamespace',
    extractionNamespace: {
      type: 'uri',
      uri: `file:${FILE}`,
      namespaceParseSpec: { format: 'simpleJson' },
      pollPeriod: 'PT10S',
      ...more,
    },
  },
});
const define = (all: JsonObject, tier = '__default') =>
  lookups.define(parseDefinitions({ [tier]: all }), WHO);

/** What a lookup holds; the reason where it holds nothing; undefined where there is none. */
function held(name: string, from = lookups): unknown {
  const entry = from.names().get(name);
  return entry instanceof LookupTable ? Object.fromEntries(entry.entries()) : entry?.problem;
}

describe('definitions', () => {
  test('are there at once, and after a restart', async () => {
    await define({ a: mapOf('v1', { k: 'v' }), b: mapOf(null, {}) });
    await define({ c: mapOf('v1', { x: 'y' }) }, 'other');
    expect(held('a')).toEqual({ k: 'v' });
    expect(held('b')).toEqual({});
    expect(held('c')).toBeUndefined();
    const again = await open();
    expect(held('a', again)).toEqual({ k: 'v' });
    expect([...again.names().keys()]).toEqual(['a', 'b']);
    expect(again.tiers).toEqual(lookups.tiers);
    expect(again.definition('other', 'c')).toEqual(mapOf('v1', { x: 'y' }));
  });

  test('are replaced by greater versions only, all of them or none', async () => {
    await define({ a: mapOf('v1', { k: '1' }), b: mapOf('v5', { k: '5' }) });
    const before = lookups.names();
    await expect(define({ a: mapOf('v2', {}), b: mapOf('v10', {}) })).rejects.toThrow(
      '__default.b.version: want one that is greater than "v5", which is in use, in the order of texts ("v10" comes before "v9"); got "v10"',
    );
    await expect(define({ a: mapOf('v1', {}) })).rejects.toThrow('greater than "v1"');
    await expect(define({ a: mapOf(null, {}) })).rejects.toThrow('got nothing');
    await expect(
      define({ c: mapOf('v1', {}), d: { version: 'v1', lookupExtractorFactory: {} } }),
    ).rejects.toThrow('__default.d.lookupExtractorFactory.type');
    expect(lookups.names()).toBe(before);
    expect((await store.settings.all('lookups')).size).toBe(2);
    await define({ a: mapOf('v2', { k: '2' }) });
    expect([held('a'), held('b')]).toEqual([{ k: '2' }, { k: '5' }]);
    // In another tier it is another one.
    await define({ a: mapOf('v1', {}) }, 'other');
  });

  test('that come at the same time are taken one after the other', async () => {
    const versions = ['v1', 'v3', 'v2'];
    const done = await Promise.allSettled(
      versions.map((version) => define({ a: mapOf(version, { version }) })),
    );
    expect(done.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(held('a')).toEqual({ version: 'v3' });
  });

  test('are removed, and the tier with the last', async () => {
    await define({ a: mapOf('v1', {}), b: mapOf('v1', {}) });
    await lookups.remove('__default', 'a', WHO);
    expect(held('a')).toBeUndefined();
    await expect(lookups.remove('__default', 'a', WHO)).rejects.toThrow('no lookup "a"');
    await lookups.remove('__default', 'b', WHO);
    expect(lookups.tiers.size).toBe(0);
    await expect(lookups.remove('__default', null, WHO)).rejects.toThrow('no tier "__default"');
    expect((await open()).names().size).toBe(0);
    const changes = await store.settings.history('lookups', null, { count: 9 });
    expect(changes.map(({ name, value }) => [name, value !== null])).toEqual([
      ['__default/b', false],
      ['__default/a', false],
      ['__default/b', true],
      ['__default/a', true],
    ]);
  });

  test.each<[unknown, string]>([
    [[], 'body: want an object; got []'],
    [{ t: 1 }, 't: want an object; got 1'],
    [{ t: { a: 1 } }, 't'],
    [{ 'a/b': {} }, 'no "/"'],
    [{ t: { 'a/b': mapOf('v1', {}) } }, 'no "/"'],
    [{ t: { [`a@sha256:${'0'.repeat(32)}`]: mapOf('v1', {}) } }, 'lookup: want a name'],
    [{ t: { a: { ...mapOf('v1', {}), version: 1 } } }, 'version: want a text; got 1'],
    [{ t: { a: { version: 'v1' } } }, 'lookupExtractorFactory: want an object; got nothing'],
  ])('%j is refused', (json, message) => {
    expect(() => parseDefinitions(json)).toThrow(message);
  });
});

describe('files', () => {
  const settle = async () => {
    await lookups.idle();
    return held('f');
  };
  const later = (ms: number) => {
    clock.advance(ms);
    lookups.tick();
    return settle();
  };

  test('are read when they are defined, and again when they have changed', async () => {
    write('{"a":"1"}');
    await define({ f: fileOf('v1') });
    expect(held('f')).toContain('it is being loaded');
    expect(await settle()).toEqual({ a: '1' });
    const table = lookups.names().get('f');
    expect(lookups.active('f').isLoaded).toBe(true);
    expect(await later(10_000)).toEqual({ a: '1' });
    expect(loads).toBe(1);
    write('{"a":"2"}');
    expect(await later(9_999)).toEqual({ a: '1' });
    expect(await later(1)).toEqual({ a: '2' });
    expect(loads).toBe(2);
    write('{"a":"1"}');
    await later(10_000);
    expect(lookups.names().get('f')).not.toBe(table);
    expect(held('f')).toEqual({ a: '1' });
  });

  test('that cannot be read leave what there was', async () => {
    write('{"a":"1"}');
    await define({ f: fileOf('v1') });
    await settle();
    write('{"a":');
    expect(await later(10_000)).toEqual({ a: '1' });
    const lookup = lookups.active('f');
    expect(lookup.isLoaded).toBe(false);
    expect(lookup.error).toContain('file:/data/x.json: ');
    disk.remove(FILE);
    expect(await later(10_000)).toEqual({ a: '1' });
    expect(lookup.error).toContain('not found');
    write('{"a":"3"}');
    expect(await later(10_000)).toEqual({ a: '3' });
    expect([lookup.isLoaded, lookup.error]).toEqual([true, null]);
  });

  test('of a new version: the old one is used until it is there', async () => {
    await define({ f: mapOf('v1', { a: 'old' }) });
    await define({ f: fileOf('v2', { pollPeriod: 0 }) });
    expect(await settle()).toEqual({ a: 'old' });
    expect(lookups.active('f').loaded).toMatchObject({ version: 'v1' });
    expect(lookups.active('f').error).toContain('not found');
    // What failed is tried again, though it is to be read once.
    write('{"a":"new"}');
    expect(await later(30_000)).toEqual({ a: 'new' });
    write('{"a":"newer"}');
    expect(await later(90_000)).toEqual({ a: 'new' });
    expect(lookups.active('f').loaded).toMatchObject({ version: 'v2' });
  });

  test('that are replaced while they are read do not come back', async () => {
    write('{"a":"file"}');
    const begun = define({ f: fileOf('v1') });
    await begun;
    await define({ f: mapOf('v2', { a: 'map' }) });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await later(60_000)).toEqual({ a: 'map' });
  });

  test('are waited for as long as the definition says', async () => {
    write('{"a":"1"}');
    const { version, lookupExtractorFactory } = fileOf('v1');
    const factory = { ...(lookupExtractorFactory as JsonObject), firstCacheTimeout: 60_000 };
    await define({ f: { version, lookupExtractorFactory: factory } });
    expect(held('f')).toEqual({ a: '1' });
    expect(held('f', await open())).toEqual({ a: '1' });
  });

  test('that may no longer be read are told of after a restart', async () => {
    write('{"a":"1"}');
    await define({ f: fileOf('v1'), m: mapOf('v1', { x: 'y' }) });
    const again = await open([]);
    expect(held('f', again)).toContain('--local-root');
    expect(held('m', again)).toEqual({ x: 'y' });
    expect(again.active('f').isLoaded).toBe(false);
  });
});

test('what other processes define, change and remove is taken up when asked', async () => {
  const others = await open();
  const define = (json: JsonObject) => others.define(parseDefinitions(json), WHO);
  await define({ __default: { x: mapOf('1', { a: 'one' }), y: mapOf('1', { a: 'y' }) } });
  expect(lookups.names().size).toBe(0);
  await lookups.refresh();
  await lookups.idle();
  expect([held('x'), held('y')]).toEqual([{ a: 'one' }, { a: 'y' }]);
  const before = lookups.names();
  await lookups.refresh();
  expect(lookups.names()).toBe(before);
  await define({ __default: { x: mapOf('2', { a: 'two' }) } });
  await others.remove('__default', 'y', WHO);
  await lookups.refresh();
  await lookups.idle();
  expect([held('x'), held('y')]).toEqual([{ a: 'two' }, undefined]);
  expect([...lookups.tier('__default').keys()]).toEqual(['x']);
  others.close();
});
