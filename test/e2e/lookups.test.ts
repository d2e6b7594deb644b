import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examplesOf } from '../support/documents.js';
import { lines, push } from '../support/push.js';
import { REPOSITORY, ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Lookups in a real server: from files, over restarts, and while queries run. */
const directory = temporaryDirectory('lookups');
const files = join(directory, 'files');
let server: ServerProcess;

const start = () =>
  ServerProcess.start({ dataDir: join(directory, 'data'), localRoots: [directory] });
beforeAll(async () => {
  mkdirSync(files);
  server = await start();
});
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const CONFIG = '/druid/coordinator/v1/lookups/config/__default';
const define = async (name: string, version: string, lookupExtractorFactory: object) => {
  const answer = await server.post(`${CONFIG}/${name}`, { version, lookupExtractorFactory });
  expect(answer).toMatchObject({ status: 202 });
};

const examples = examplesOf('docs/lookups.md').filter(({ language }) => language === 'sh');

test('the examples of the manual work as printed', async () => {
  const csv = 'code,city,name\nSEA,Seattle,Tacoma\n';
  writeFileSync(join(files, 'airports-1.csv.gz'), gzipSync(csv));
  const answers = examples.map(({ text }) => {
    const command = text
      .replaceAll('http://127.0.0.1:8888', server.url)
      .replace('file:/data/lookups/', `file:${files}/`)
      .replace('curl', 'curl -s');
    const answer = JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8' }));
    expect(answer, `${text}\n${JSON.stringify(answer)}`).not.toHaveProperty('error');
    return answer;
  });
  expect(answers).toHaveLength(8);
  expect(answers[2]).toEqual({ loaded: true });
  expect(answers[3]).toEqual({ DE: 'Germany', FR: 'France', PT: 'Portugal' });
  expect(answers[5]).toEqual([
    { country: 'Germany', n: 9 },
    { country: 'elsewhere', n: 4 },
    { country: 'France', n: 2 },
  ]);
  expect(answers[6]).toEqual([
    { k: 'DE', v: 'Germany' },
    { k: 'FR', v: 'France' },
  ]);
  expect(answers[7]).toMatchObject([{ event: { country: 'Germany', n: 2 } }]);
  expect(await server.sql("SELECT LOOKUP('SEA', 'airport')")).toEqual([['Tacoma']]);
});

test('SQL knows them', async () => {
  expect(
    await server.sql(
      "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM INFORMATION_SCHEMA.COLUMNS WHERE TABLE_SCHEMA = 'lookup' AND TABLE_NAME = 'country'",
    ),
  ).toEqual([
    ['country', 'k', 'VARCHAR'],
    ['country', 'v', 'VARCHAR'],
  ]);
  expect(
    await server.sql(
      "SELECT TABLE_TYPE, IS_JOINABLE FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'country'",
    ),
  ).toEqual([['LOOKUP', 'YES']]);
  const [[plan]] = (await server.sql(
    "EXPLAIN PLAN FOR SELECT LOOKUP(k, 'country') FROM lookup.country",
  )) as [[string]];
  expect(plan).toContain("'country'");
  expect(plan).not.toContain('sha256');
  const failure = async (query: string) => server.post('/druid/v2/sql', { query });
  expect(await failure("SELECT LOOKUP('x', 'nobody')")).toMatchObject({
    status: 400,
    json: { errorMessage: expect.stringContaining('Lookup [nobody] not found') },
  });
  expect(await failure('SELECT * FROM lookup.countri')).toMatchObject({
    status: 400,
    json: { errorMessage: expect.stringContaining('did you mean [country]') },
  });
});

const ROWS = Array.from({ length: 3000 }, (_, i) => ({
  __time: Date.UTC(2024, 4, 1 + (i % 3)) + i,
  code: i % 10 === 0 ? null : `c${i % 7}`,
}));
const COUNTS = {
  queryType: 'groupBy',
  dataSource: 'rows',
  intervals: '2024/2025',
  granularity: 'all',
  dimensions: [{ type: 'lookup', dimension: 'code', outputName: 'v', name: 'codes' }],
  aggregations: [{ type: 'count', name: 'n' }],
};
const CODES = Array.from({ length: 7 }, (_, i) => `c${i}`);
/** A lookup that has the same value for all codes. */
const all = (value: string) => ({
  type: 'map',
  map: Object.fromEntries(CODES.map((code) => [code, value])),
});

test('every answer is of one version, whatever arrives meanwhile', async () => {
  expect(await push(server, 'rows', lines(ROWS))).toMatchObject({ status: 200 });
  const label = (i: number) => `v${String(i).padStart(3, '0')}`;
  await define('codes', label(0), all(label(0)));
  const seen = new Set<string>();
  const ask = async () => {
    const { status, json } = await server.post('/druid/v2', COUNTS);
    expect(status).toBe(200);
    const rows = json as { event: { v: string | null; n: number } }[];
    expect(rows.map(({ event }) => event.n)).toEqual([300, 2700]);
    seen.add(rows[1]!.event.v!);
    const sql =
      "SELECT COUNT(*), COUNT(DISTINCT v) FROM (SELECT LOOKUP(code, 'codes') AS v FROM rows UNION ALL SELECT v FROM lookup.codes) WHERE v IS NOT NULL";
    expect(await server.sql(sql)).toEqual([[2707, 1]]);
  };
  for (let i = 1; i <= 30; i++) {
    const asked = [ask(), ask(), ask()];
    await define('codes', label(i), all(label(i)));
    await Promise.all(asked);
  }
  expect(seen.size).toBeGreaterThan(1);
  await ask();
  expect(seen).toContain(label(30));
});

test('an ETag is of a version', async () => {
  await define('tagged', 'v1', all('one'));
  const query = {
    queryType: 'scan',
    dataSource: { type: 'lookup', lookup: 'tagged' },
    intervals: '1970/2100',
  };
  const ask = (etag = '') =>
    fetch(`${server.url}/druid/v2`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'if-none-match': etag },
      body: JSON.stringify(query),
    });
  const etag = (await ask()).headers.get('etag');
  expect(etag).not.toBeNull();
  expect((await ask(etag!)).status).toBe(304);
  await define('tagged', 'v2', all('two'));
  expect((await ask(etag!)).status).toBe(200);
  // What it holds counts, not what the version is called.
  await define('tagged', 'v3', all('one'));
  expect((await ask(etag!)).status).toBe(304);
});

test('they are there after the process is killed', async () => {
  await define('kept', 'v1', all('kept'));
  await server.kill();
  server = await start();
  expect(await server.sql("SELECT LOOKUP('c1', 'kept')")).toEqual([['kept']]);
  expect(await server.sql("SELECT LOOKUP('c1', 'codes')")).toEqual([['v030']]);
});

test('a file that changes, breaks and is mended', async () => {
  const path = join(files, 'codes.json');
  writeFileSync(path, '{"c1":"one"}');
  await define('file', 'v1', {
    type: 'cachedNamespace',
    firstCacheTimeout: 30_000,
    extractionNamespace: {
      type: 'uri',
      uri: `file:${path}`,
      namespaceParseSpec: { format: 'simpleJson' },
      pollPeriod: 100,
    },
  });
  const value = async () => (await server.sql("SELECT LOOKUP('c1', 'file')"))[0]![0];
  const loaded = async () =>
    (await server.get('/druid/coordinator/v1/lookups/status/__default/file')).json as {
      loaded: boolean;
      error?: string;
    };
  const until = async (isDone: () => Promise<boolean>) => {
    while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  expect(await value()).toBe('one');
  writeFileSync(path, '{"c1":"another"}');
  await until(async () => (await value()) === 'another');
  writeFileSync(path, '{"c1":');
  await until(async () => !(await loaded()).loaded);
  expect((await loaded()).error).toContain(path);
  expect(await value()).toBe('another');
  writeFileSync(path, '{"c1":"mended"}');
  await until(async () => (await loaded()).loaded);
  expect(await value()).toBe('mended');
});

test('the library defines and asks them', async () => {
  const { open } = (await import(
    join(REPOSITORY, 'dist/bundle/index.js')
  )) as typeof import('../../server/index.js');
  const varve = await open(join(directory, 'library'));
  try {
    const definition = { version: 'v1', lookupExtractorFactory: all('here') };
    await varve.defineLookups({ __default: { codes: definition } });
    expect(await varve.sql("SELECT LOOKUP('c1', 'codes') AS v")).toEqual([{ v: 'here' }]);
    const ingested = varve.ingest({
      type: 'index_parallel',
      spec: {
        dataSchema: {
          dataSource: 't',
          timestampSpec: { column: 'at', format: 'millis' },
          dimensionsSpec: { dimensions: ['x'] },
          transformSpec: {
            transforms: [{ type: 'expression', name: 'x', expression: "lookup(c, 'codes')" }],
          },
        },
        ioConfig: {
          type: 'index_parallel',
          inputSource: { type: 'inline', data: '{"at":1,"c":"c1"}' },
          inputFormat: { type: 'json' },
        },
      },
    });
    await expect(ingested).rejects.toThrow('lookups can be asked by queries only');
  } finally {
    await varve.close();
  }
});
