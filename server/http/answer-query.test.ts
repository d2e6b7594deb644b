import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ManualClock, silentLogger, UserError } from '../../core/index.js';
import { parseConfig } from '../config.js';
import { InFlightBytes } from '../in-flight.js';
import { AskedQueries } from '../queries/asked-queries.js';
import { lanesOf } from '../queries/lanes.js';
import { QueryScheduler } from '../queries/scheduler.js';
import { answerText } from './answer.js';
import { answerQuery } from './answer-query.js';
import { compressLong } from './compress.js';
import { httpError } from './errors.js';
import { cutSlowClients } from './outgoing.js';
import { type Listener, listen } from './serve.js';

/** Queries over real sockets: the body is their id, the answer a text without end, or what `work` gives. */
class Server {
  readonly queries: AskedQueries;
  readonly ended: string[] = [];
  readonly bodies: string[] = [];
  /** Parts of answers that were made. */
  made = 0;
  /** Answers whose making was given up. */
  left = 0;
  work: (signal: AbortSignal) => Promise<void> = async () => undefined;
  answer: Iterable<string> | null = null;
  holds = 1000;
  #listener: Listener | null = null;

  constructor(maxRunning = 9, maxWaiting = 9, heldBytes = 1_000_000) {
    const lanes = lanesOf({ strategy: 'none' }, maxRunning);
    const never = () => () => undefined;
    this.queries = new AskedQueries({
      scheduler: new QueryScheduler({
        ...{ maxRunning, laneLimits: lanes.limits, maxWaiting, maxWaitMs: 9, after: never },
        clock: new ManualClock(0),
      }),
      lanes,
      held: new InFlightBytes(heldBytes, { what: 'answers', setting: 'heldBytes' }),
      clock: new ManualClock(0),
      stopwatch: new ManualClock(0),
      logger: silentLogger,
      slowQueryMs: null,
    });
  }

  async start(slowClientTimeoutMs = 60_000): Promise<this> {
    const app = new Hono();
    const { metrics } = this.queries;
    app.use(cutSlowClients(slowClientTimeoutMs, () => metrics.slowClients++));
    app.use(compressLong());
    const node = { queries: this.queries, config: parseConfig({}) };
    app.post('/', (context) =>
      answerQuery(context, node, {
        question: (text) => {
          this.bodies.push(text);
          if (text === 'bad') throw new UserError('bad');
          return { id: text.slice(0, 9), type: 'scan', priority: 0, askedLane: null };
        },
        respond: async (query) => {
          await query.run(this.work);
          query.hold(this.holds);
          return answerText(context, this.answer ?? this.#endless());
        },
      }),
    );
    app.onError((error, context) => {
      const { status, body, headers } = httpError(error);
      return context.json(body, status, headers);
    });
    const limits = { requestTimeoutMs: 60_000, keepAliveTimeoutMs: 10_000, drainTimeoutMs: 0 };
    this.#listener = await listen(app, { host: '127.0.0.1', port: 0, ...limits });
    return this;
  }

  get url(): string {
    return this.#listener!.url;
  }

  close(): Promise<void> | undefined {
    return this.#listener?.close();
  }

  post(body: string): Promise<Response> {
    return fetch(this.url, { method: 'POST', body });
  }

  /** A client that reads nothing until it is told to. */
  silent(body: string, headers = ''): Socket {
    const socket = connect(Number(new URL(this.url).port), '127.0.0.1').pause();
    socket.on('error', () => undefined);
    const length = Buffer.byteLength(body);
    socket.write(
      `POST / HTTP/1.1\r\nHost: localhost\r\n${headers}Content-Length: ${length}\r\n\r\n`,
    );
    socket.write(body);
    return socket;
  }

  *#endless(): Generator<string> {
    try {
      for (;;) {
        this.made++;
        yield Math.random().toString(36).repeat(8000);
      }
    } finally {
      this.left++;
    }
  }
}

let server: Server;
afterEach(() => server.close());

const until = (what: () => boolean) =>
  vi.waitFor(() => expect(what()).toBe(true), { timeout: 20_000, interval: 5 });
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Everything has been given back. */
function expectNothingHeld({ queries }: Server): void {
  expect(queries.all()).toEqual([]);
  expect(queries.held.bytes).toBe(0);
  expect([queries.scheduler.runningCount, queries.scheduler.waitingCount]).toEqual([0, 0]);
}

test('a query that is answered has given everything back', async () => {
  server = await new Server().start();
  server.answer = ['short'];
  expect(await (await server.post('a')).text()).toBe('short');
  await until(() => server.queries.all().length === 0);
  server.answer = ['long'.repeat(100_000)];
  expect(await (await server.post('b')).text()).toHaveLength(400_000);
  await until(() => server.queries.all().length === 0);
  expectNothingHeld(server);
  expect(server.queries.metrics.totals.get('scan')!.cumulated().at(-1)).toBe(2);
});

test('bodies may be packed, or come without a length', async () => {
  server = await new Server().start();
  server.answer = ['done'];
  const text = 'a query '.repeat(20_000);
  const post = (init: RequestInit) => fetch(server.url, { method: 'POST', ...init });
  await post({ body: gzipSync(text), headers: { 'content-encoding': 'gzip' } });
  // Node's fetch wants to be told that it sends before it reads.
  const streamed = { body: new Blob([text]).stream(), duplex: 'half' };
  await post(streamed as RequestInit);
  expect(server.bodies).toEqual([text, text]);
  const refused = await post({ body: 'x', headers: { 'content-encoding': 'br' } });
  expect(refused.status).toBe(415);
  await until(() => server.queries.all().length === 0);
  expectNothingHeld(server);
});

test('a query that is wrong, and one that fails, likewise', async () => {
  server = await new Server().start();
  expect((await server.post('bad')).status).toBe(400);
  expectNothingHeld(server);
  server.work = async () => {
    throw new Error('broken');
  };
  expect((await server.post('a')).status).toBe(500);
  expectNothingHeld(server);
});

describe('a client that goes away', () => {
  test('cancels its query while it runs', async () => {
    server = await new Server().start();
    let reason: unknown;
    server.work = (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(signal.reason);
        });
      });
    const client = server.silent('a');
    await until(() => server.queries.scheduler.runningCount === 1);
    client.destroy();
    await until(() => server.queries.all().length === 0);
    expect(reason).toMatchObject({ message: 'Query [a] cancelled' });
    expectNothingHeld(server);
  });

  test('frees its place in the queue', async () => {
    server = await new Server(1).start();
    let end: () => void = () => undefined;
    server.work = () =>
      new Promise((resolve) => {
        end = resolve;
      });
    server.answer = ['done'];
    const first = server.post('first');
    await until(() => server.queries.scheduler.runningCount === 1);
    const client = server.silent('a');
    await until(() => server.queries.scheduler.waitingCount === 1);
    client.destroy();
    await until(() => server.queries.scheduler.waitingCount === 0);
    expect(server.queries.all().map(({ question }) => question.id)).toEqual(['first']);
    end();
    expect(await (await first).text()).toBe('done');
  });

  test.each(['', 'Accept-Encoding: gzip\r\n'])(
    'ends the answer while it is written (%s)',
    async (headers) => {
      server = await new Server().start();
      const client = server.silent('a', headers);
      await until(() => server.made > 1);
      client.destroy();
      await until(() => server.queries.all().length === 0);
      await until(() => server.left === 1);
      expectNothingHeld(server);
      const { made } = server;
      await sleep(30);
      expect(server.made).toBe(made);
    },
  );
});

describe('a client that stops reading', () => {
  test('makes the server stop, too, and holds nothing after a while', async () => {
    server = await new Server().start(200);
    const client = server.silent('a');
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    await until(() => server.made > 1);
    expect(server.queries.held.bytes).toBe(1001);
    // What the system buffers is taken at once; nothing is made beyond.
    let before = -1;
    while (before !== server.made) {
      before = server.made;
      await sleep(20);
    }
    await until(() => server.queries.all().length === 0);
    expect([server.left, server.made - before]).toEqual([1, 0]);
    expectNothingHeld(server);
    expect(server.queries.metrics.slowClients).toBe(1);
    client.resume();
    await closed;
  });

  test('is not one that waits for a query, or that reads slowly', async () => {
    server = await new Server().start(1000);
    server.answer = ['x'.repeat(30_000_000)];
    server.work = () => sleep(1300);
    const client = server.silent('a');
    let bytes = 0;
    client.on('data', ({ length }) => {
      bytes += length;
    });
    client.pause();
    await until(() => server.made >= 0 && server.queries.scheduler.runningCount === 0);
    while (bytes < 30_000_000) {
      client.resume();
      await sleep(2);
      client.pause();
      await sleep(10);
    }
    await until(() => server.queries.all().length === 0);
    expect(server.queries.metrics.slowClients).toBe(0);
    client.destroy();
  });

  test('of a connection that is used again', async () => {
    server = await new Server().start(50);
    server.answer = ['short'];
    for (let i = 0; i < 3; i++) {
      expect(await (await server.post('a')).text()).toBe('short');
      await sleep(120);
    }
    expect(server.queries.metrics.slowClients).toBe(0);
  });
});

test('a query that is cancelled while its answer is written cuts it', async () => {
  server = await new Server().start();
  const response = await server.post('a');
  await until(() => server.made > 1);
  expect(server.queries.all()[0]!.phase).toBe('write');
  expect(server.queries.cancel('a')).toBe(true);
  await expect(response.text()).rejects.toThrow();
  await until(() => server.left === 1);
  expectNothingHeld(server);
});

describe('a server that is full', () => {
  test('refuses before it reads a body', async () => {
    server = await new Server(1, 0).start();
    let end: () => void = () => undefined;
    server.work = () =>
      new Promise((resolve) => {
        end = resolve;
      });
    server.answer = ['done'];
    const first = server.post('first');
    await until(() => server.queries.scheduler.runningCount === 1);
    const refused = await server.post('second');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.json()).toMatchObject({
      error: 'Query capacity exceeded',
      errorMessage: expect.stringContaining('total query capacity of 1 exceeded'),
    });
    expect(server.bodies).toEqual(['first']);
    end();
    expect(await (await first).text()).toBe('done');
  });

  test('of bytes refuses what is more, until it is given back', async () => {
    server = await new Server(9, 9, 2000).start();
    const client = server.silent('a');
    await until(() => server.made > 1);
    const refused = await server.post('b');
    // The answer of another is held.
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({
      errorMessage: expect.stringMatching(/answers are under way.*raise heldBytes/),
    });
    expect((await server.post('x'.repeat(1500))).status).toBe(429);
    client.destroy();
    await until(() => server.queries.all().length === 0);
    server.answer = ['done'];
    expect(await (await server.post('x'.repeat(1500))).text()).toBe('done');
    await until(() => server.queries.all().length === 0);
    expectNothingHeld(server);
    expect(server.queries.held.refused).toBe(2);
  });

  test('a large body counts as it comes', async () => {
    server = await new Server(9, 9, 200_000).start();
    server.answer = ['done'];
    const client = connect(Number(new URL(server.url).port), '127.0.0.1');
    client.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 150000\r\n\r\n');
    client.write('y'.repeat(1000));
    await until(() => server.queries.held.bytes === 1000);
    // Were it held as declared, there would be no room.
    expect(await (await server.post('x'.repeat(100_000))).text()).toBe('done');
    client.write('y'.repeat(149_000));
    await until(() => server.bodies.length === 2);
    expect(server.bodies[1]).toBe('y'.repeat(150_000));
    client.destroy();
  });
});
