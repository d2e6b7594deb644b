import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  type JsonObject,
  ManualClock,
  ResourceLimitError,
  stringifyJson,
  utf8Encode,
  VirtualDisk,
} from '../../core/index.js';
import { parseLookupFactory, type UriFactory } from './factory.js';
import { loadPairs } from './load-pairs.js';

const disk = new VirtualDisk();
disk.makeDirectory('/data/many');
disk.makeDirectory('/secret');
function write(path: string, content: string | Uint8Array): void {
  const file = disk.create(path);
  file.write(typeof content === 'string' ? utf8Encode(content) : content);
  file.close();
}

/** Answers every request with this, by path. */
const web = new Map<string, string>();
const environment = {
  disk,
  localRoots: ['/data'],
  httpHosts: ['files.test'],
  fetch: (async (uri: URL) => {
    const body = web.get(uri.pathname);
    return new Response(body ?? null, { status: body === undefined ? 404 : 200 });
  }) as typeof fetch,
  maxEntityBytes: 1 << 20,
  clock: new ManualClock(0),
};

const FIELD = 'lookupExtractorFactory';
const parse = (json: unknown) => parseLookupFactory(json, FIELD, environment);
const cached = (namespace: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'cachedNamespace',
  extractionNamespace: { type: 'uri', ...namespace },
  ...more,
});
const SIMPLE = { namespaceParseSpec: { format: 'simpleJson' } };
const uriOf = (json: JsonObject): UriFactory => parse(json) as UriFactory;
async function load(namespace: JsonObject, maxBytes = 1 << 20) {
  const { table, ...rest } = await loadPairs(uriOf(cached(namespace)), environment, maxBytes);
  return { pairs: [...table.entries()], ...rest };
}

describe('factories', () => {
  test('maps', () => {
    const pairs = [
      ['a', 'b'],
      ['c', '1'],
    ];
    const map = { a: 'b', c: 1, d: null };
    expect(parse({ type: 'map', map, isOneToOne: true })).toEqual({ kind: 'map', pairs });
    expect(
      parse({ type: 'cachedNamespace', extractionNamespace: { type: 'staticMap', map } }),
    ).toEqual({ kind: 'map', pairs });
  });

  test('__proto__ is a key like any other', async () => {
    const text = '{"__proto__":"b"}';
    const pairs = [['__proto__', 'b']];
    expect(parse({ type: 'map', map: JSON.parse(text) })).toEqual({ kind: 'map', pairs });
    write('/data/proto', text);
    expect(await load({ uri: '/data/proto', ...SIMPLE })).toMatchObject({ pairs });
  });

  test('files are looked at as often as is asked for', () => {
    const poll = (pollPeriod: unknown) =>
      uriOf(cached({ uri: 'file:/data/x.json', pollPeriod, ...SIMPLE })).pollMs;
    expect(poll('PT30S')).toBe(30_000);
    expect(poll(250)).toBe(250);
    for (const once of [0, 'PT0S', null, undefined]) expect(poll(once)).toBeNull();
    const waiting = cached({ uri: '/data/x.json', ...SIMPLE }, { firstCacheTimeout: '70' });
    expect(uriOf(waiting).waitMs).toBe(70);
    expect(uriOf({ ...waiting, firstCacheTimeout: -1 }).waitMs).toBe(0);
    expect(uriOf({ ...waiting, firstCacheTimeout: 2 ** 40 }).waitMs).toBe(2 ** 31 - 1);
  });

  test.each<[unknown, ...string[]]>([
    [null, FIELD],
    [{ type: 'mop' }, `${FIELD}.type`, 'want one of map, cachedNamespace', '"mop"'],
    [{ type: 'kafka', kafkaTopic: 't' }, `${FIELD}.type`, '"kafka" is not supported', '"uri"'],
    [{ type: 'loadingLookup' }, '"loadingLookup" is not supported'],
    [{ type: 'pollingLookup' }, '"pollingLookup" is not supported'],
    [cached({ type: 'jdbc' }), 'extractionNamespace.type', '"jdbc" is not supported'],
    [{ type: 'map' }, `${FIELD}.map`],
    [{ type: 'map', map: { a: [1] } }, `${FIELD}.map["a"]`, '[1]'],
    [cached({ uri: '/data/x', uriPrefix: '/data', ...SIMPLE }), 'either "uri" or "uriPrefix"'],
    [cached(SIMPLE), 'either "uri" or "uriPrefix"'],
    [cached({ uri: '/data/x', fileRegex: 'x', ...SIMPLE }), 'fileRegex'],
    [cached({ uriPrefix: '/data', fileRegex: '(', ...SIMPLE }), 'extractionNamespace.fileRegex'],
    [cached({ uri: 's3://bucket/x', ...SIMPLE }), 's3://bucket/x', 'copy the file'],
    [cached({ uri: 'data/x', ...SIMPLE }), 'want file:/'],
    [cached({ uri: 'file://elsewhere/x', ...SIMPLE }), 'file://elsewhere/x'],
    [cached({ uri: 'file:/secret/x', ...SIMPLE }), '/secret/x', '--local-root'],
    [cached({ uri: 'file:/data/../secret/x', ...SIMPLE }), '--local-root'],
    [cached({ uriPrefix: 'file:/secret', ...SIMPLE }), '--local-root'],
    [cached({ uri: 'http://other.test/x', ...SIMPLE }), 'other.test', 'httpHosts'],
    [cached({ uri: '/data/x', pollPeriod: 'often', ...SIMPLE }), 'pollPeriod', '"often"', 'PT30S'],
    [cached({ uri: '/data/x', pollPeriod: -1, ...SIMPLE }), 'pollPeriod', '-1'],
    [cached({ uri: '/data/x' }), 'namespaceParseSpec'],
    [cached({ uri: '/data/x', namespaceParseSpec: { format: 'xml' } }), '"xml"', 'simpleJson'],
    [cached({ uri: '/data/x', namespaceParseSpec: { format: 'csv' } }), 'columns', 'hasHeaderRow'],
    [
      cached({ uri: '/data/x', namespaceParseSpec: { format: 'csv', columns: ['k'] } }),
      'valueColumn',
      '[k]',
    ],
    [
      cached({
        uri: '/data/x',
        namespaceParseSpec: {
          format: 'csv',
          columns: ['k', 'v'],
          keyColumn: 'x',
          valueColumn: 'v',
        },
      }),
      'keyColumn',
      '"x"',
    ],
    [
      cached({
        uri: '/data/x',
        namespaceParseSpec: { format: 'csv', columns: ['k', 'v'], keyColumn: 'v' },
      }),
      'namespaceParseSpec.valueColumn',
      'or neither',
    ],
    [cached({ uri: '/data/x', namespaceParseSpec: { format: 'customJson' } }), 'keyFieldName'],
  ])('%j is refused', (json, ...parts) => {
    expect(() => parse(json)).toThrow(
      expect.objectContaining({
        family: 'user',
        message: expect.toSatisfy((text: string) => parts.every((part) => text.includes(part))),
      }),
    );
  });
});

describe('formats', () => {
  const from = (content: string, namespaceParseSpec: JsonObject) => {
    write('/data/x', content);
    return load({ uri: 'file:///data/x', namespaceParseSpec });
  };
  const AB = [
    ['a', 'A'],
    ['b', 'B, "b"'],
  ];

  test.each<[string, JsonObject]>([
    ['a,A\n\nb,"B, ""b"""\r\n', { format: 'csv', columns: ['k', 'v'] }],
    [
      '# old\nv,k\nA,a\n"B, ""b""",b',
      {
        format: 'csv',
        hasHeaderRow: true,
        skipHeaderRows: 1,
        keyColumn: 'k',
        valueColumn: 'v',
      },
    ],
    [
      '1\tA\ta\n2\tB, "b"\tb',
      { format: 'tsv', columns: ['i', 'v', 'k'], keyColumn: 'k', valueColumn: 'v' },
    ],
    ['x|y\na|A\nb|B, "b"', { format: 'tsv', hasHeaderRow: true, delimiter: '|' }],
    [
      '{"k":"a","v":"A","w":[]}\n\n{"v":"B, \\"b\\"","k":"b"}',
      { format: 'customJson', keyFieldName: 'k', valueFieldName: 'v' },
    ],
    ['{"a":"A"}\n{"b":"B, \\"b\\""}', { format: 'simpleJson' }],
    ['{"a":"A","b":"B, \\"b\\""}', { format: 'simpleJson' }],
  ])('%j as %j', async (content, spec) => {
    expect(await from(content, spec)).toMatchObject({ pairs: AB, skipped: 0 });
  });

  test('numbers by their digits, the last of a key counts, lines without a value are skipped', async () => {
    const text = '{"a":9007199254740993,"b":true,"c":null}\n{"a":2.5}';
    expect(await from(text, { format: 'simpleJson' })).toMatchObject({
      pairs: [
        ['a', '2.5'],
        ['b', 'true'],
      ],
      skipped: 1,
    });
    expect(await from('a,1\n,2\nb,\nc', { format: 'csv', columns: ['k', 'v'] })).toMatchObject({
      pairs: [['a', '1']],
      skipped: 3,
    });
  });

  test.each<[string, JsonObject, string]>([
    ['[1]', { format: 'simpleJson' }, 'the line "[1]" is no JSON object'],
    ['{"a":"A"', { format: 'simpleJson' }, 'JSON'],
    ['{"a":{}}', { format: 'simpleJson' }, 'holds {}'],
    ['{"a":1}', { format: 'customJson', keyFieldName: 'k', valueFieldName: 'v' }, 'has no "k"'],
    [
      'a,b',
      { format: 'csv', hasHeaderRow: true, keyColumn: 'k', valueColumn: 'b' },
      'want one of [a, b]; got "k"',
    ],
  ])('%j as %j cannot be read', async (content, spec, message) => {
    await expect(from(content, spec)).rejects.toThrow(message);
    await expect(from(content, spec)).rejects.toThrow('file:/data/x: ');
  });
});

describe('places', () => {
  test('a packed file', async () => {
    write('/data/x.json.gz', new Uint8Array(gzipSync('{"a":"A"}')));
    expect(await load({ uri: 'file:/data/x.json.gz', ...SIMPLE })).toMatchObject({
      pairs: [['a', 'A']],
      uri: 'file:/data/x.json.gz',
    });
  });

  test('a file of the web', async () => {
    web.set('/x', '{"a":"web"}');
    expect(await load({ uri: 'http://files.test/x', ...SIMPLE })).toMatchObject({
      pairs: [['a', 'web']],
    });
    await expect(load({ uri: 'http://files.test/none', ...SIMPLE })).rejects.toThrow('status 404');
    expect(
      uriOf(cached({ uri: 'http://files.test/x', ...SIMPLE })).place.stamp(environment),
    ).toBeNull();
  });

  test('the newest of the files that fit', async () => {
    const spec = { uriPrefix: 'file:/data/many/', fileRegex: 'names-.*\\.json', ...SIMPLE };
    await expect(load(spec)).rejects.toThrow('no file in "/data/many/"');
    const { place } = uriOf(cached(spec));
    write('/data/many/names-2.json', '{"a":"2"}');
    write('/data/many/names-1.json', '{"a":"1"}');
    write('/data/many/names-3.json.tmp', '{"a":"3"}');
    expect(await load(spec)).toMatchObject({ pairs: [['a', '1']] });
    const before = place.stamp(environment);
    expect(place.stamp(environment)).toBe(before);
    write('/data/many/names-2.json', '{"a":"4"}');
    expect(place.stamp(environment)).not.toBe(before);
    expect(await load(spec)).toMatchObject({
      pairs: [['a', '4']],
      uri: 'file:/data/many/names-2.json',
    });
  });

  test('what is gone, and what is too large', async () => {
    await expect(load({ uri: 'file:/data/none', ...SIMPLE })).rejects.toThrow('not found');
    write(
      '/data/large',
      stringifyJson(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i, 'x']))),
    );
    await expect(load({ uri: 'file:/data/large', ...SIMPLE }, 500)).rejects.toThrow(
      ResourceLimitError,
    );
    await expect(load({ uri: 'file:/data/large', ...SIMPLE }, 500)).rejects.toThrow(
      'lookups.maxBytes',
    );
  });
});
