import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examplesOf } from '../support/documents.js';
import { configFlags, declare, lines, push } from '../support/push.js';
import { CLI, ServerProcess, temporaryDirectory } from '../support/server-process.js';

/** Pushed rows in a real server: what comes in, what is refused, what is there after a restart. */
const directory = temporaryDirectory('push');
const dataDir = join(directory, 'data');
const flags = configFlags(directory, {
  push: { maxBodyBytes: '1MiB' },
  http: { maxBodyBytes: '2MiB' },
});
let server: ServerProcess;

const start = async (): Promise<void> => {
  server = await ServerProcess.start({ dataDir, flags });
};
beforeAll(start);
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

const T0 = Date.UTC(2024, 4, 1);
const SPEC = {
  timestampSpec: { column: 'at', format: 'auto' },
  dimensionsSpec: { dimensions: ['page', { type: 'long', name: 'n' }] },
  granularitySpec: { segmentGranularity: 'DAY', rollup: false },
};
const rowsOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ at: T0 + i, page: `p${i % 3}`, n: from + i }));

const count = async (table: string): Promise<number> =>
  (await server.sql(`SELECT COUNT(*) FROM "${table}"`))[0]![0] as number;

async function ingest(table: string): Promise<Record<string, number>> {
  const query = `SELECT * FROM sys.ingest WHERE datasource = '${table}'`;
  const { json } = await server.post('/druid/v2/sql', { query });
  return (json as Record<string, number>[])[0]!;
}

const examples = examplesOf('docs/push.md').filter(
  ({ language, text }) => language === 'sh' && text.startsWith('curl '),
);

test('the examples of the manual work as printed', () => {
  expect(examples.length).toBeGreaterThanOrEqual(6);
  const answers = examples.map(({ text }) => {
    const command = text.replaceAll('http://127.0.0.1:8888', server.url);
    return JSON.parse(execFileSync('bash', ['-c', command], { encoding: 'utf8' }));
  });
  for (const answer of answers) expect(answer, JSON.stringify(answer)).not.toHaveProperty('error');
  expect(answers[0]).toMatchObject({ table: 'clicks', received: 2, stored: 2, durable: true });
  expect(answers[1]).toEqual([
    { page: '/', ms: 12 },
    { page: '/buy', ms: 31 },
  ]);
  expect(answers[2]).toEqual({ table: 'views', version: 1 });
  expect(answers[3]).toEqual({ table: 'views', version: 2 });
  expect(answers[4]).toEqual([
    ['__time', 'TIMESTAMP'],
    ['page', 'VARCHAR'],
    ['userId', 'VARCHAR'],
    ['country', 'VARCHAR'],
    ['views', 'BIGINT'],
    ['bytes', 'BIGINT'],
  ]);
  expect(answers[5]).toMatchObject({ rejected: 1, errors: [{ row: 0, reason: 'timestamp' }] });
  expect(answers[6]).toMatchObject([{ reason: 'timestamp', raw: expect.stringContaining('soon') }]);
  expect(answers[7]).toMatchObject({ received: 1, stored: 0, rejected: 1 });
});

describe('formats', () => {
  const rows = rowsOf(5);
  const csv = rows.map(({ at, page, n }) => `${at},${page},${n}\n`).join('');
  const arrow = tableFromArrays({
    at: BigInt64Array.from(rows, ({ at }) => BigInt(at)),
    page: rows.map(({ page }) => page),
    n: Int32Array.from(rows, ({ n }) => n),
  });
  const gzip = { 'content-encoding': 'gzip' };
  test.each([
    { type: 'application/x-ndjson', body: lines(rows) },
    { type: 'application/jsonl', body: `\n${lines(rows)}\n\n` },
    { type: 'application/json', body: JSON.stringify(rows, null, 2) },
    { type: 'text/csv', body: `at,page,n\n${csv}` },
    { type: 'text/csv', body: csv, query: '?columns=at,page,n' },
    { type: 'application/vnd.apache.arrow.stream', body: tableToIPC(arrow, 'stream') },
    { type: 'application/vnd.apache.arrow.file', body: tableToIPC(arrow, 'file') },
    { type: 'application/x-www-form-urlencoded', body: lines(rows) },
    { type: 'application/octet-stream', body: JSON.stringify(rows) },
    { type: 'application/octet-stream', body: `at,page,n\n${csv}` },
    { type: 'application/octet-stream', body: tableToIPC(arrow, 'stream') },
    { type: 'application/x-ndjson', body: gzipSync(lines(rows)), more: gzip },
    { type: 'text/csv', body: gzipSync(`at,page,n\n${csv}`), more: gzip },
  ])('$type $query, case %#', async ({ type, body, query = '', more = {} }) => {
    const table = `format ${expect.getState().currentTestName}`.replaceAll(/[^a-z0-9 .-]/g, ' ');
    await declare(server, table, SPEC);
    const reply = await push(server, table, body, { 'content-type': type, ...more }, query);
    expect(reply.json).toMatchObject({ received: 5, stored: 5, errors: [] });
    expect(await server.sql(`SELECT __time, page, n FROM "${table}" ORDER BY __time`)).toEqual(
      rows.map(({ at, page, n }) => [new Date(at).toISOString(), page, n]),
    );
  });

  test('one object is one row', async () => {
    const one = JSON.stringify(rowsOf(1)[0], null, 2);
    await declare(server, 'one', SPEC);
    const reply = await push(server, 'one', one, { 'content-type': 'application/json' });
    expect(reply.json).toMatchObject({ received: 1, stored: 1 });
  });
});

describe('retries', () => {
  beforeAll(() => declare(server, 'retried', { ...SPEC, dedup: { sequences: 3 } }));
  const batch = (sequence: number) =>
    push(server, 'retried', lines(rowsOf(2)), {
      'x-varve-producer': 'me',
      'x-varve-sequence': String(sequence),
    });

  test('of a sequence or a key get the first answer, and add nothing', async () => {
    const first = await batch(1);
    const key = { 'idempotency-key': 'k1' };
    const keyed = await push(server, 'retried', lines(rowsOf(3)), key);
    expect(first.json).toMatchObject({ stored: 2, duplicate: false });
    expect((await batch(1)).json).toEqual({ ...first.json, duplicate: true });
    await server.kill();
    await start();
    expect((await batch(1)).json).toEqual({ ...first.json, duplicate: true });
    expect((await push(server, 'retried', lines(rowsOf(3)), key)).json).toEqual({
      ...keyed.json,
      duplicate: true,
    });
    expect(await count('retried')).toBe(5);
    expect(await ingest('retried')).toMatchObject({ received: 12, stored: 5, deduplicated: 7 });
  });

  test('outside of what is remembered are refused', async () => {
    for (const sequence of [2, 3, 4]) expect((await batch(sequence)).status).toBe(200);
    const reply = await batch(1);
    expect(reply.status).toBe(409);
    expect(reply.json.errorMessage).toMatch(/sequence 1 of producer "me"/);
    expect(await count('retried')).toBe(11);
  });
});

test('a query with the token of a push waits for it; a wrong token is refused', async () => {
  const { json } = await push(server, 'tokens', lines([{ timestamp: T0, a: 1 }]));
  const ask = (ingestToken: string) =>
    server.post('/druid/v2/sql', { query: 'SELECT a FROM tokens', context: { ingestToken } });
  expect(await ask(json.token)).toEqual({ status: 200, json: [{ a: 1 }] });
  const [logId, position] = json.token.split(':');
  expect((await ask(`other:${position}`)).status).toBe(400);
  const future = `${logId}:${Number(position) + 1000}`;
  const context = { ingestToken: future, timeout: 100 };
  const late = await server.post('/druid/v2/sql', { query: 'SELECT a FROM tokens', context });
  expect(late.status).toBe(504);
});

describe('what is refused', () => {
  const inFlight = async (): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^varve_ingest_in_flight_bytes (\d+)$/m.exec(text)?.[1]);
  };

  test('a wrong spec names what is wrong', async () => {
    await expect(declare(server, 'bad', { timestampSpecs: {} })).rejects.toThrow(/timestampSpecs/);
    await expect(declare(server, 'sys.mine', SPEC)).rejects.toThrow(/sys\./);
  });

  test.each([
    { status: 413, body: 'x'.repeat(3 * 2 ** 20), headers: {} },
    { status: 413, body: gzipSync(lines(rowsOf(60_000))), headers: { 'content-encoding': 'gzip' } },
    { status: 415, body: '<a/>', headers: { 'content-type': 'text/xml' } },
    { status: 415, body: '{}', headers: { 'content-encoding': 'br' } },
    { status: 400, body: '{}', headers: { 'content-encoding': 'gzip' } },
    { status: 400, body: '', headers: {} },
    { status: 400, body: '{}', headers: { 'x-varve-sequence': '1' } },
    { status: 403, body: '{}', headers: { origin: 'http://evil.example' } },
  ])('$status, case %#', async ({ status, body, headers }) => {
    expect((await push(server, 'refused', body, headers as Record<string, string>)).status).toBe(
      status,
    );
    expect((await server.get('/v1/tables/refused')).status).toBe(404);
  });

  test('a client that goes away holds nothing', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    const head =
      'POST /v1/tables/gone/rows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n';
    socket.write(head + ' '.repeat(100_000));
    await expect.poll(inFlight).toBeGreaterThan(0);
    socket.destroy();
    await expect.poll(inFlight).toBe(0);
  });

  test('more than the rate of the table', async () => {
    await declare(server, 'slow', { ...SPEC, limits: { rowsPerSecond: 10 } });
    expect((await push(server, 'slow', lines(rowsOf(200)))).status).toBe(200);
    const reply = await push(server, 'slow', lines(rowsOf(1)));
    expect(reply.status).toBe(429);
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await count('slow')).toBe(200);
  });
});

describe('rows that are not stored', () => {
  const spec = {
    ...SPEC,
    time: { outOfOrderness: 'PT0S', late: 'deadLetter', maxFuture: 'PT1H', future: 'reject' },
    limits: { maxRowBytes: 200 },
  };
  const hour = 3_600_000;

  test('are told of, are rows of sys.dead_letters, and are replayed once', async () => {
    await declare(server, 'mixed', spec);
    await push(server, 'mixed', lines([{ at: T0 + hour, page: 'first', n: 0 }]));
    const body = [
      JSON.stringify({ at: T0 + 2 * hour, page: 'good', n: 1 }),
      '{"at": broken',
      JSON.stringify({ at: 'soon', page: 'no time', n: 2 }),
      JSON.stringify({ at: T0 + 2 * hour, page: 'no number', n: 'many' }),
      JSON.stringify({ at: T0, page: 'late', n: 3 }),
      JSON.stringify({ at: Date.now() + 2 * hour, page: 'future', n: 4 }),
      JSON.stringify({ at: T0 + 2 * hour, page: 'x'.repeat(300), n: 5 }),
    ];
    const { json } = await push(server, 'mixed', body.join('\n'));
    expect(json).toMatchObject({ received: 7, stored: 1, late: 1, rejected: 5 });
    expect(json.errors.map(({ row, reason }) => [row, reason])).toEqual([
      [1, 'malformed'],
      [2, 'timestamp'],
      [3, 'type'],
      [5, 'future'],
      [6, 'oversized'],
    ]);
    const letters = await server.sql(
      `SELECT "row", reason, raw FROM sys.dead_letters WHERE "table" = 'mixed' ORDER BY "row"`,
    );
    expect(letters.slice(0, 5)).toEqual(
      [1, 2, 3, 4, 5].map((row) => [row, expect.any(String), body[row]]),
    );
    expect(letters[3]![1]).toBe('late');

    const replay = async (options: object) => {
      const path = '/v1/tables/mixed/dead-letters/replay';
      return (await server.post(path, options)).json;
    };
    expect(await replay({ reasons: ['late'] })).toMatchObject({ received: 1, stored: 0, late: 1 });
    const accepting = { reasons: ['late', 'future'], acceptLate: true };
    expect(await replay(accepting)).toMatchObject({ received: 2, stored: 2, deduplicated: 0 });
    expect(await replay(accepting)).toMatchObject({ received: 2, stored: 0, deduplicated: 2 });
    expect(await server.sql('SELECT page FROM mixed ORDER BY n')).toEqual(
      ['first', 'good', 'late', 'future'].map((page) => [page]),
    );
    const { received, stored, late, rejected, deduplicated } = await ingest('mixed');
    expect(received).toBe(stored! + late! + rejected! + deduplicated!);
  });
});

test('a table that was declared can be asked before its first row', async () => {
  await declare(server, 'empty', { ...SPEC, metricsSpec: [{ type: 'count', name: 'c' }] });
  const query = 'SELECT COUNT(*), SUM(n), MAX(page), SUM(c) FROM empty WHERE n > 1';
  expect(await server.sql(query)).toEqual([[0, null, null, null]]);
  await server.kill();
  await start();
  expect(await server.sql('SELECT page, n, c FROM empty')).toEqual([]);
});

test('the schema changes while rows come', async () => {
  const first = { timestamp: T0, a: 1 };
  await push(server, 'growing', lines([first]));
  await push(server, 'growing', lines([{ timestamp: T0 + 1, a: 2, b: 'new' }]));
  expect(await server.sql('SELECT a, b FROM growing ORDER BY __time')).toEqual([
    [1, null],
    [2, 'new'],
  ]);
  const { json } = await push(server, 'growing', lines([{ timestamp: T0 + 2, a: 2.5 }]));
  expect(json).toMatchObject({ stored: 1, rejected: 0 });
  expect(await server.sql('SELECT a FROM growing ORDER BY __time')).toEqual([[1], [2], [2.5]]);

  await declare(server, 'specced', SPEC);
  await push(server, 'specced', lines(rowsOf(2)));
  const dimensions = [...SPEC.dimensionsSpec.dimensions, 'extra'];
  await declare(server, 'specced', { ...SPEC, dimensionsSpec: { dimensions } });
  await push(server, 'specced', lines([{ at: T0 + 9, page: 'p9', n: 9, extra: 'x' }]));
  expect(await server.sql('SELECT n, extra FROM specced ORDER BY n')).toEqual([
    [0, null],
    [1, null],
    [9, 'x'],
  ]);
  expect((await server.get('/v1/tables/specced')).json).toMatchObject({ version: 2, stored: 3 });
});

test('rows are handed off, and everything is there after a restart', async () => {
  await declare(server, 'kept', SPEC);
  await push(server, 'kept', lines(rowsOf(1000)));
  expect(await ingest('kept')).toMatchObject({ buffered_rows: 1000, stored: 1000 });
  const { status } = await server.post('/v1/tables/kept/handoff', {});
  expect(status).toBe(200);
  expect(await ingest('kept')).toMatchObject({ buffered_rows: 0, stored: 1000 });
  expect(
    await server.sql(
      "SELECT SUM(num_rows) FROM sys.segments WHERE datasource = 'kept' AND is_published = 1",
    ),
  ).toEqual([[1000]]);
  await push(server, 'kept', lines(rowsOf(500, 1000)));
  for (const end of ['kill', 'stop'] as const) {
    await server[end]();
    await start();
    expect(await server.sql('SELECT COUNT(*), COUNT(DISTINCT n), SUM(n) FROM kept')).toEqual([
      [1500, expect.any(Number), (1500 * 1499) / 2],
    ]);
    expect(await ingest('kept')).toMatchObject({ received: 1500, stored: 1500 });
  }
});

test('/metrics tells what became of rows', async () => {
  await push(server, 'a "quoted" name', lines([{ timestamp: T0, a: 1 }, { timestamp: 'no' }]));
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).toContain('varve_ingest_rows_total{table="a \\"quoted\\" name",fate="stored"} 1\n');
  expect(text).toContain(
    'varve_ingest_rows_total{table="a \\"quoted\\" name",fate="rejected"} 1\n',
  );
  expect(text).toContain('varve_ingest_blocked 0\n');
});

describe('the command line', () => {
  const varve = (args: readonly string[], input = '') =>
    execFileSync(process.execPath, [CLI, ...args, '--url', server.url], {
      encoding: 'utf8',
      input,
    });

  test('declares, pushes, shows and replays', () => {
    const spec = join(directory, 'spec.json');
    writeFileSync(spec, JSON.stringify({ ...SPEC, time: { late: 'reject', outOfOrderness: 0 } }));
    expect(varve(['declare', 'shell', spec])).toBe('table shell is declared, version 1\n');
    const file = join(directory, 'rows.csv');
    const csv = rowsOf(25).map(({ at, page, n }) => `${at},${page},${n}\n`);
    writeFileSync(file, `at,page,n\n${csv.join('')}`);
    const again = ['push', 'shell', file, '--batch-rows', '10', '--producer', 'file'];
    expect(varve(again)).toMatch(/^25 rows pushed into shell in 3 batches, 0 retries: 25 stored/);
    expect(varve(again)).toMatch(/3 batches were there already/);
    const late = lines([{ at: 0, page: 'old', n: 100 }]);
    expect(varve(['push', 'shell'], late)).toMatch(/^1 rows .* 0 stored, 1 late/);
    expect(varve(['dead-letters', 'shell'])).toMatch(/late.*"page":"old"/);
    const replay = ['dead-letters', 'replay', 'shell', '--reason', 'late', '--accept-late'];
    expect(varve(replay)).toMatch(/^1 dead letters of shell pushed again: 1 stored/);
    expect(varve(replay)).toMatch(/0 stored, .* 1 stored before/);
    expect(varve(['sql', 'SELECT COUNT(*) AS c FROM shell', '--format', 'csv'])).toBe('c\n26\n\n');
  });

  test('the demo pushes events', () => {
    const text = varve(['demo', '--seconds', '1', '--rate', '2000']);
    expect(text).toMatch(/npx varve sql .*--watch 1/);
    const stored = Number(
      /([\d,]+) stored, \d+ late, 0 on their way/.exec(text)![1]!.replace(',', ''),
    );
    expect(stored).toBeGreaterThan(500);
  });
});
