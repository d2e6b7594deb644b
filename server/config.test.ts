import { describe, expect, test } from 'vitest';
import { UserError } from '../core/index.js';
import { parseConfig, parseConfigText } from './config.js';

/** What is said about a configuration that is refused. */
function refusalOf(input: unknown): string {
  try {
    parseConfig(input);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as Error).message;
  }
  return 'it was taken';
}

test('nothing said: the server is reachable from this machine only', () => {
  expect(parseConfig({})).toMatchObject({
    port: 8888,
    host: '127.0.0.1',
    localRoots: [],
    httpHosts: [],
    insecure: false,
    memory: { segmentBytes: 4 * 2 ** 30, arenaBytes: 512 * 2 ** 20, scratchBytes: 128 * 2 ** 20 },
    http: { maxBodyBytes: 64 * 2 ** 20 },
    push: { queueBytes: 64 * 2 ** 20, memoryBytes: 2 ** 30, maxBodyBytes: 64 * 2 ** 20 },
    queryLog: { enabled: true, maxShapes: 1000, keep: 30 * 86_400_000 },
    duties: {
      periodMs: 60_000,
      killReplacedAfter: 86_400_000,
      killDroppedAfter: 30 * 86_400_000,
      keepTasks: 90 * 86_400_000,
      keepChanges: 90 * 86_400_000,
    },
  });
});

test('a period is a time, null is never', () => {
  const { duties, queryLog } = parseConfig({
    duties: { killReplacedAfter: 'PT0S', killDroppedAfter: null },
    queryLog: { keep: null },
  });
  expect(queryLog.keep).toBeNull();
  expect(duties).toMatchObject({ killReplacedAfter: 0, killDroppedAfter: null });
});

test.each([
  { value: 300, bytes: 300 },
  { value: '300', bytes: 300 },
  { value: '10MiB', bytes: 10 * 2 ** 20 },
  { value: '1g', bytes: 1e9 },
])('a byte size of $value', ({ value, bytes }) => {
  const config = parseConfig({
    memory: { segmentBytes: value },
    http: { maxBodyBytes: value },
    ingest: { maxInputBytes: value },
  });
  expect(config.memory).toMatchObject({ segmentBytes: bytes, arenaBytes: 512 * 2 ** 20 });
  expect([config.http.maxBodyBytes, config.ingest.maxInputBytes]).toEqual([bytes, bytes]);
});

describe('what is refused', () => {
  test.each([
    { input: { port: 65_536 }, says: /port: .*65535.*; got 65536/ },
    { input: { queryLog: { maxShapes: 0 } }, says: /queryLog\.maxShapes: .*; got 0/ },
    { input: { port: 1.5 }, says: /port: .*; got 1\.5/ },
    { input: { port: '8888' }, says: /port: .*; got "8888"/ },
    { input: { dataDir: '' }, says: /dataDir: .*; got ""/ },
    { input: { localRoots: ['/a', ''] }, says: /localRoots\.1: .*; got ""/ },
    { input: { logLevel: 'loud' }, says: /logLevel: .*"warn".*; got "loud"/ },
    { input: { query: { workers: 0 } }, says: /query\.workers: .*; got 0/ },
    {
      input: { query: { cache: { partialBytes: 'lots' } } },
      says: /query\.cache\.partialBytes: .*bytes.*; got "lots"/,
    },
    {
      input: { query: { scheduler: { lanes: { strategy: 'hilo', maxLowPercent: 101 } } } },
      says: /query\.scheduler\.lanes\.maxLowPercent: .*; got 101/,
    },
    {
      input: { query: { scheduler: { lanes: { strategy: 'manual', lanes: { a: 0 } } } } },
      says: /query\.scheduler\.lanes\.lanes\.a: .*; got 0/,
    },
    {
      input: { query: { scheduler: { lanes: { strategy: 'other' } } } },
      says: /query\.scheduler\.lanes\.strategy: .*; got "other"/,
    },
    { input: { memory: { segmentBytes: 'lots' } }, says: /memory\.segmentBytes: .*; got "lots"/ },
    { input: { memory: { segmentBytes: -1 } }, says: /memory\.segmentBytes: .*; got -1/ },
    { input: { memory: { arenaBytes: true } }, says: /memory\.arenaBytes: .*bytes.*; got true/ },
    { input: { __proto__: null, prot: 1 }, says: /prot: no such key/ },
    { input: { push: { queueByte: 1 } }, says: /push\.queueByte: no such key/ },
    { input: { duties: { periodMs: 0 } }, says: /duties\.periodMs: .*; got 0/ },
    {
      input: { duties: { killDroppedAfter: 'a month' } },
      says: /duties\.killDroppedAfter: .*"P30D".*; got "a month"/,
    },
    { input: { duties: { killReplacedAfter: 'P-1D' } }, says: /killReplacedAfter: .*"P-1D"/ },
    { input: { duties: { killReplacedAfter: 7 } }, says: /killReplacedAfter: .*; got 7/ },
    { input: { memory: { arenas: 1 } }, says: /memory\.arenas: no such key/ },
    { input: null, says: /object.*; got null/ },
    { input: [], says: /object.*; got \[\]/ },
  ])('$input', ({ input, says }) => {
    expect(refusalOf(input)).toMatch(says);
  });

  test('every bad key is named at once, and no good one', () => {
    const text = refusalOf({
      port: -1,
      dataDir: '/secret/place',
      prot: 1,
      logLevel: 'loud',
      query: { workers: 0, timeout: 5 },
      memory: { segmentBytes: 'lots', arenaBytes: '1XB' },
      ingest: { taskSlots: 65 },
    });
    const named = [
      'port',
      'prot',
      'logLevel',
      'query.workers',
      'query.timeout',
      'memory.segmentBytes',
      'memory.arenaBytes',
      'ingest.taskSlots',
    ];
    const problems = text.replace(/^configuration: /, '').split(' | ');
    expect(problems.map((problem) => problem.split(':')[0]).sort()).toEqual(named.sort());
    expect(text).not.toContain('/secret/place');
  });

  test('a number beyond 53 bits', () => {
    expect(refusalOf(parseConfigText('{"port": 9007199254740993}'))).toMatch(
      /port: .*; got 9007199254740993/,
    );
  });

  test.each(['null', '[]', '7', '"x"'])('a file that holds %s', (text) => {
    expect(() => parseConfigText(text)).toThrow(UserError);
    expect(() => parseConfigText(text)).toThrow(/JSON object/);
  });

  test('a file that is not JSON says where it breaks', () => {
    expect(() => parseConfigText('{"port": }')).toThrow(UserError);
  });
});

describe('the host', () => {
  test.each(['127.0.0.1', '127.9.8.7', 'localhost', '::1'])('%s needs nothing', (host) => {
    expect(parseConfig({ host }).host).toBe(host);
  });

  test.each([
    '0.0.0.0',
    '::',
    '192.168.1.5',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil-localhost',
  ])('%s needs --insecure', (host) => {
    expect(refusalOf({ host })).toMatch(/not a loopback address.*--insecure/);
    expect(refusalOf({ host })).toContain(host);
    expect(parseConfig({ host, insecure: true }).host).toBe(host);
  });
});
