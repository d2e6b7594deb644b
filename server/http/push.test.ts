import { Hono } from 'hono';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  CapacityError,
  ConflictError,
  type JsonObject,
  UnavailableError,
  utf8Decode,
} from '../../core/index.js';
import type { PushAnswer, PushRequest, TableStats } from '../../ingest/index.js';
import { parseConfig } from '../config.js';
import { DeadLetters } from '../push/dead-letters.js';
import { Pushes, type PushPort } from '../push/pushes.js';
import { httpError } from './errors.js';
import { pushRoutes } from './push.js';
import { tableRoutes } from './tables.js';

const STATS: TableStats = {
  ...{ table: 'clicks', received: 2, stored: 1, late: 0, rejected: 1, deduplicated: 0, letters: 1 },
  ...{ bufferedRows: 1, bufferedBytes: 100, rowsPerSecond: 0.5, publishedPosition: 7 },
  ...{ watermarkMs: 0, freshnessMs: null },
};

const answerOf = ({ table }: { table: string }): PushAnswer => ({
  ...{ table, received: 1, stored: 1, late: 0, rejected: 0, deduplicated: 0 },
  ...{ duplicate: false, durable: true, token: 'log:9', errors: [] },
});

/** A push worker that takes everything, or fails as it is told. */
class StandIn implements PushPort {
  readonly pushed: PushRequest[] = [];
  readonly declared: (readonly [string, JsonObject])[] = [];
  failure: Error | null = null;
  gate: Promise<void> = Promise.resolve();

  async push(request: PushRequest): Promise<PushAnswer> {
    await this.gate;
    if (this.failure !== null) throw this.failure;
    this.pushed.push(request);
    return answerOf(request);
  }
  async replay({ table }: { table: string }): Promise<PushAnswer> {
    return answerOf({ table });
  }
  async declare(name: string, spec: JsonObject): Promise<number> {
    this.declared.push([name, spec]);
    return 3;
  }
  async handOff(): Promise<void> {}
  async stats() {
    const numbers = { position: 9, waitingPushes: 0, waitingBytes: 0, lagMs: 0, logBytes: 0 };
    return { tables: [STATS], ...numbers, memoryBytes: 0, blocked: null };
  }
}

let worker: StandIn;
let app: Hono;

beforeEach(() => {
  worker = new StandIn();
  const config = parseConfig({
    push: { queueBytes: 1000, maxBodyBytes: 5000 },
    http: { maxBodyBytes: 2000 },
  });
  const engine = { run: () => Promise.reject(new Error('not asked here')) };
  const letters = new DeadLetters({ engine, worker, sleep: async () => undefined });
  const spec = { timestampSpec: { column: 't' } };
  const catalog = {
    tables: async () => [{ name: 'clicks', versions: [{}, spec], position: 7 }],
  };
  const pushes = new Pushes({ worker, catalog, letters, queueBytes: config.push.queueBytes });
  app = new Hono();
  app.route('/v1/tables', pushRoutes({ config, pushes }));
  app.route('/v1/tables', tableRoutes({ pushes }));
  app.onError((error, context) => {
    const { status, body, headers } = httpError(error);
    return context.json(body, status, headers);
  });
});

const send = (path: string, body: string, headers: Record<string, string> = {}) =>
  app.request(path, { method: 'POST', body, headers });

const ROW = '{"t":0}';
const NDJSON = { 'content-type': 'application/x-ndjson' };

describe('rows', () => {
  test('are handed to the worker as they came', async () => {
    const response = await send('/v1/tables/clicks/rows?ack=memory', ROW, {
      ...NDJSON,
      'x-varve-producer': 'me',
      'x-varve-sequence': '9007199254740991',
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(answerOf({ table: 'clicks' }));
    const { body, ...request } = worker.pushed[0]!;
    expect(utf8Decode(body)).toBe(ROW);
    const identity = { producer: 'me', sequence: Number.MAX_SAFE_INTEGER, key: null };
    const said = { table: 'clicks', format: 'ndjson', columns: null, ack: 'memory' };
    expect(request).toEqual({ ...said, ...identity });
  });

  test('a name is decoded, a key is passed on, a format is told by the body', async () => {
    await send('/v1/tables/caf%C3%A9%20au%20lait/rows', `[${ROW}]`, { 'idempotency-key': 'k' });
    expect(worker.pushed[0]).toMatchObject({
      ...{ table: 'café au lait', format: 'json', ack: 'disk' },
      ...{ producer: null, sequence: null, key: 'k' },
    });
  });

  test('CSV without a header has its columns beside it; other formats have none', async () => {
    const csv = { 'content-type': 'text/csv' };
    await send('/v1/tables/clicks/rows?columns=t,caf%C3%A9', '0,1\n', csv);
    expect(worker.pushed[0]).toMatchObject({ format: 'csv', columns: ['t', 'café'] });
    const empty = await send('/v1/tables/clicks/rows?columns=t,,a', '0,1\n', csv);
    expect(empty.status).toBe(400);
    expect((await send('/v1/tables/clicks/rows?columns=t', ROW, NDJSON)).status).toBe(400);
  });

  test.each([
    { headers: { 'x-varve-producer': 'me' }, says: /sequence.*go together/ },
    { headers: { 'x-varve-sequence': '1' }, says: /sequence.*go together/ },
    {
      headers: { 'x-varve-producer': 'me', 'x-varve-sequence': '9007199254740992' },
      says: /sequence: want an integer/,
    },
    {
      headers: { 'x-varve-producer': 'me', 'x-varve-sequence': '-1' },
      says: /X-Varve-Sequence.*"-1"/,
    },
    { headers: { 'x-varve-producer': 'x'.repeat(257), 'x-varve-sequence': '1' }, says: /256/ },
    { headers: { 'idempotency-key': '' }, says: /Idempotency-Key: want 1 to 256/ },
    {
      headers: { 'idempotency-key': 'k', 'x-varve-producer': 'me', 'x-varve-sequence': '1' },
      says: /leave one out/,
    },
  ])('the headers $headers are refused', async ({ headers, says }) => {
    const response = await send('/v1/tables/clicks/rows', ROW, headers as Record<string, string>);
    expect(response.status).toBe(400);
    expect(((await response.json()) as JsonObject).errorMessage).toMatch(says);
    expect(worker.pushed).toEqual([]);
  });

  test.each([
    { path: '/v1/tables/clicks/rows?ack=never', status: 400, says: /ack: want/ },
    { path: '/v1/tables/sys.dead_letters/rows', status: 400, says: /sys\./ },
    { path: '/v1/tables/a%09b/rows', status: 400, says: /table/ },
  ])('$path is refused', async ({ path, status, says }) => {
    const response = await send(path, ROW);
    expect(response.status).toBe(status);
    expect(((await response.json()) as JsonObject).errorMessage).toMatch(says);
  });

  test('no body, a type nobody reads, more than may be sent', async () => {
    expect((await send('/v1/tables/clicks/rows', '', NDJSON)).status).toBe(400);
    const xml = await send('/v1/tables/clicks/rows', '<a/>', { 'content-type': 'text/xml' });
    expect(xml.status).toBe(415);
    const long = await send('/v1/tables/clicks/rows', 'x'.repeat(3000), NDJSON);
    expect(long.status).toBe(413);
    const told = await send('/v1/tables/clicks/rows', ROW, { ...NDJSON, 'content-length': '3000' });
    expect(told.status).toBe(413);
  });

  test.each([
    { failure: new ConflictError('too old'), status: 409, retryAfter: null },
    { failure: new CapacityError('busy', 1500), status: 429, retryAfter: '2' },
    { failure: new UnavailableError('disk full'), status: 503, retryAfter: '1' },
  ])('$failure.name of the worker is a $status', async ({ failure, status, retryAfter }) => {
    worker.failure = failure;
    const response = await send('/v1/tables/clicks/rows', ROW, NDJSON);
    expect(response.status).toBe(status);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
  });

  test('what is under way is bounded, and refused before it is read', async () => {
    let open: () => void = () => undefined;
    worker.gate = new Promise((resolve) => {
      open = resolve;
    });
    const first = send('/v1/tables/clicks/rows', 'x'.repeat(900), NDJSON);
    await new Promise((wake) => setTimeout(wake, 5));
    const second = await send('/v1/tables/clicks/rows', ROW, {
      ...NDJSON,
      'content-length': '200',
    });
    expect(second.status).toBe(429);
    expect(second.headers.get('retry-after')).toBe('1');
    expect((await send('/v1/tables/clicks/rows', 'x'.repeat(200), NDJSON)).status).toBe(429);
    open();
    expect((await first).status).toBe(200);
    expect((await send('/v1/tables/clicks/rows', ROW, NDJSON)).status).toBe(200);
  });
});

describe('tables', () => {
  test('are declared', async () => {
    const spec = { timestampSpec: { column: 'at' } };
    const body = JSON.stringify(spec);
    const response = await app.request('/v1/tables/clicks', { method: 'PUT', body });
    expect(await response.json()).toEqual({ table: 'clicks', version: 3 });
    expect(worker.declared).toEqual([['clicks', spec]]);
    const same = JSON.stringify({ timestampSpec: { column: 't' } });
    const again = await app.request('/v1/tables/clicks', { method: 'PUT', body: same });
    expect(await again.json()).toEqual({ table: 'clicks', version: 2 });
    expect(worker.declared).toHaveLength(1);
    const bad = await app.request('/v1/tables/clicks', { method: 'PUT', body: '[]' });
    expect(bad.status).toBe(400);
  });

  test('are looked at', async () => {
    const { watermarkMs, ...numbers } = STATS;
    const status = { ...numbers, version: 2, watermark: '1970-01-01T00:00:00.000Z' };
    expect(await (await app.request('/v1/tables')).json()).toEqual([status]);
    expect(await (await app.request('/v1/tables/clicks')).json()).toEqual({
      ...status,
      spec: { timestampSpec: { column: 't' } },
    });
    expect((await app.request('/v1/tables/other')).status).toBe(404);
  });

  test('are handed off', async () => {
    const response = await send('/v1/tables/clicks/handoff', '');
    expect(await response.json()).toEqual({ table: 'clicks', publishedPosition: 7 });
  });

  test.each(['{"reason":["late"]}', '{"reasons":["tardy"]}', '{"limit":0}', '{"acceptLate":1}'])(
    'a replay of %s is refused',
    async (body) => {
      const response = await send('/v1/tables/clicks/dead-letters/replay', body);
      expect(response.status).toBe(400);
      expect(((await response.json()) as JsonObject).errorMessage).toMatch(/^replay: /);
    },
  );
});
