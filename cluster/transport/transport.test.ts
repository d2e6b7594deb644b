import type { Server } from 'node:http';
import { createServer } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterEach, describe, expect, test } from 'vitest';
import {
  CapacityError,
  ConflictError,
  InternalError,
  NotFoundError,
  QueryTimeoutError,
  ResourceLimitError,
  silentLogger,
  systemTimers,
  UnavailableError,
  UserError,
} from '../../core/index.js';
import { HttpCarrier } from './http-carrier.js';
import { httpHandler } from './http-handler.js';
import { LocalCarrier } from './local-carrier.js';
import { NodeClient } from './node-client.js';
import { NodeMethods } from './node-methods.js';
import { checkSecret } from './secret.js';
import {
  type Carrier,
  type NodeIdentity,
  type NodeMethod,
  type Outgoing,
  PeerUnavailableError,
} from './types.js';

const SECRET = 'a secret of nodes'.replaceAll(' ', '-');
const BROKER: NodeIdentity = { name: 'b1', incarnation: 'i1', roles: ['broker'] };
const HISTORICAL: NodeIdentity = { name: 'h 1;ü', incarnation: 'i2', roles: ['historical'] };

interface Wire {
  readonly url: string;
  readonly carrier: Carrier;
}

const atEnd: (() => void)[] = [];
afterEach(() => {
  for (const end of atEnd.splice(0)) end();
});

async function overHttp(methods: NodeMethods): Promise<Wire> {
  const handler = httpHandler(methods);
  const app = new Hono();
  app.post('/varve/internal/*', (context) => handler(context.req.raw));
  const carrier = new HttpCarrier({ connectTimeoutMs: 1000 });
  atEnd.push(() => carrier.close());
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({ url: `http://127.0.0.1:${port}`, carrier }),
    ) as Server;
    atEnd.push(() => {
      server.close();
      server.closeAllConnections();
    });
  });
}

async function inProcess(methods: NodeMethods): Promise<Wire> {
  const carrier = new LocalCarrier();
  carrier.connect('local:h1', methods);
  return { url: 'local:h1', carrier };
}

const methodsOf = (maxCalls?: number): NodeMethods =>
  new NodeMethods({
    self: HISTORICAL,
    cluster: 'c1',
    secret: SECRET,
    timers: systemTimers,
    logger: silentLogger,
    ...(maxCalls === undefined ? {} : { maxCalls }),
  });

const clientOf = (carrier: Carrier, over: Partial<NodeClient['options']> = {}): NodeClient =>
  new NodeClient(carrier, {
    self: BROKER,
    cluster: 'c1',
    secret: SECRET,
    timers: systemTimers,
    ...over,
  });

const method = (handle: NodeMethod['handle'], over: Partial<NodeMethod> = {}): NodeMethod => ({
  name: 'work',
  servedBy: ['historical'],
  calledBy: ['broker'],
  handle,
  ...over,
});

const SOON = { deadlineMs: 20_000 };

describe.each([
  { name: 'over HTTP', open: overHttp },
  { name: 'in process', open: inProcess },
])('$name', ({ open }) => {
  async function world(
    handle: NodeMethod['handle'],
    over: Partial<NodeMethod> = {},
    client: Partial<NodeClient['options']> = {},
  ) {
    const methods = methodsOf();
    methods.add(method(handle, over));
    const { url, carrier } = await open(methods);
    return { methods, url, client: clientOf(carrier, client) };
  }

  test('a message there and back, with who asks and how long is left', async () => {
    const { url, client } = await world(async ({ message }, { caller, deadlineMs }) => ({
      message: { message, caller, isClose: deadlineMs <= 5000 && deadlineMs > 0 },
    }));
    const asked = { columns: Float64Array.of(-0, 1), big: 2n ** 60n };
    expect(await client.ask(url, 'work', asked, { deadlineMs: 5000 })).toEqual({
      message: asked,
      caller: { ...BROKER, protocol: 1 },
      isClose: true,
    });
  });

  test('frames there and back, in order, nothing shared', async () => {
    const sent = Array.from({ length: 40 }, (_, i) => new Uint8Array(i * 3000).fill(i));
    const { url, client } = await world(async ({ frames }) => ({
      message: 'echo',
      frames: (async function* () {
        for await (const frame of frames) {
          yield frame.slice();
          frame.fill(0xee);
        }
      })(),
    }));
    const answer = await client.call(url, 'work', { message: null, frames: sent }, SOON);
    let at = 0;
    for await (const frame of answer.frames) {
      expect(Buffer.compare(frame, new Uint8Array(at * 3000).fill(at))).toBe(0);
      at++;
    }
    expect(at).toBe(40);
    expect(sent[39]![0]).toBe(39);
  });

  test.each([
    { error: new NotFoundError('no such segment', { id: 's' }), type: NotFoundError },
    { error: new UserError('bad', 'spec', 'a.b'), type: UserError },
    { error: new CapacityError('busy', 250), type: CapacityError },
    { error: new ConflictError('late'), type: ConflictError },
    { error: new TypeError('bug'), type: InternalError },
  ])('$error.name crosses with its type', async ({ error, type }) => {
    const { url, client, methods } = await world(async () => {
      throw error;
    });
    const asking = client.ask(url, 'work', 1, SOON);
    await expect(asking).rejects.toThrow(type);
    await expect(asking).rejects.toThrow(error.message);
    expect(methods.running).toBe(0);
  });

  test('without the secret nothing is told, whatever is asked', async () => {
    const { url, client } = await world(
      async () => ({ message: 1 }),
      {},
      { secret: `${SECRET}x`, cluster: 'other' },
    );
    for (const name of ['work', 'no-such-method']) {
      const asking = client.ask(url, name, 1, SOON);
      await expect(asking).rejects.toThrow(PeerUnavailableError);
      await expect(asking).rejects.toThrow(/403.*same secret/);
    }
  });

  test('foreign clusters, foreign roles and unknown methods are refused', async () => {
    let calls = 0;
    const handle = async () => ({ message: ++calls });
    const foreign = await world(handle, {}, { cluster: 'c2' });
    await expect(foreign.client.ask(foreign.url, 'work', 1, SOON)).rejects.toThrow(
      /of another cluster/,
    );
    const realtime = await world(handle, {}, { self: { ...BROKER, roles: ['realtime'] } });
    const asking = realtime.client.ask(realtime.url, 'work', 1, SOON);
    await expect(asking).rejects.toThrow(UnavailableError);
    await expect(asking).rejects.toThrow('work is for broker; b1 is realtime');
    const elsewhere = await world(handle, { servedBy: ['coordinator'] });
    await expect(elsewhere.client.ask(elsewhere.url, 'work', 1, SOON)).rejects.toThrow(
      /is no coordinator/,
    );
    await expect(elsewhere.client.ask(elsewhere.url, 'other', 1, SOON)).rejects.toThrow(
      NotFoundError,
    );
    expect(calls).toBe(0);
  });

  test('the deadline ends both sides', async () => {
    const ended = later<unknown>();
    const { url, client } = await world(async (_, { signal }) => {
      await stuckUntil(signal, ended.resolve);
      return { message: 1 };
    });
    await expect(client.ask(url, 'work', 1, { deadlineMs: 60 })).rejects.toThrow(QueryTimeoutError);
    await ended.promise;
  });

  test('a cancelled call raises the signal of its handler', async () => {
    const ended = later<unknown>();
    const started = later<void>();
    const { url, client, methods } = await world(async (_, { signal }) => {
      started.resolve();
      await stuckUntil(signal, ended.resolve);
      return { message: 1 };
    });
    const controller = new AbortController();
    const asking = client.ask(url, 'work', 1, { ...SOON, signal: controller.signal });
    await started.promise;
    controller.abort();
    await expect(asking).rejects.toMatchObject({ family: 'cancelled' });
    await ended.promise;
    await expect.poll(() => methods.running).toBe(0);
    await expect(
      client.ask(url, 'work', 1, { ...SOON, signal: controller.signal }),
    ).rejects.toMatchObject({ family: 'cancelled' });
  });

  test('an answer that is closed, or not read, is not made', async () => {
    const ended = later<unknown>();
    let made = 0;
    const { url, client, methods } = await world(async (_, { signal }) => ({
      message: 1,
      frames: endless(signal, () => made++, ended.resolve),
    }));
    const answer = await client.call(url, 'work', { message: 0 }, SOON);
    for await (const _ of answer.frames) break;
    answer.close();
    await ended.promise;
    // What the buffers of two sockets take, at most.
    expect(made * FRAME_BYTES).toBeLessThan(64 << 20);
    await expect.poll(() => methods.running).toBe(0);
  });

  test('an answer beyond what the caller takes, and a request beyond what the method takes', async () => {
    const { url, client } = await world(
      async ({ frames }) => {
        for await (const _ of frames);
        return { message: 1, frames: [new Uint8Array(100_000)] };
      },
      { maxRequestBytes: 50_000 },
    );
    const large: Outgoing = { message: 0, frames: [new Uint8Array(60_000)] };
    await expect(client.call(url, 'work', large, SOON)).rejects.toThrow(ResourceLimitError);
    const answer = await client.call(
      url,
      'work',
      { message: 0 },
      { ...SOON, maxAnswerBytes: 70_000 },
    );
    const reading = (async () => {
      for await (const _ of answer.frames);
    })();
    await expect(reading).rejects.toThrow(ResourceLimitError);
  });

  test('more calls than it takes are refused at once', async () => {
    const methods = methodsOf(1);
    const release = later<void>();
    methods.add(
      method(async () => {
        await release.promise;
        return { message: 'done' };
      }),
    );
    const { url, carrier } = await open(methods);
    const client = clientOf(carrier);
    const first = client.ask(url, 'work', 1, SOON);
    await expect.poll(() => methods.running).toBe(1);
    await expect(client.ask(url, 'work', 1, SOON)).rejects.toThrow(CapacityError);
    release.resolve();
    expect(await first).toBe('done');
  });

  test('nobody there', async () => {
    const { client } = await world(async () => ({ message: 1 }));
    const asking = client.ask('http://127.0.0.1:1', 'work', 1, SOON);
    await expect(asking).rejects.toThrow(/refuses connections/);
    await expect(asking).rejects.toMatchObject({ mayHaveHappened: false });
  });
});

test('connections are used again', async () => {
  const methods = methodsOf();
  methods.add(method(async ({ message }) => ({ message, frames: [new Uint8Array(9)] })));
  const { url, carrier } = await overHttp(methods);
  const client = clientOf(carrier);
  for (let i = 0; i < 20; i++) {
    const answer = await client.call(url, 'work', { message: i }, SOON);
    for await (const _ of answer.frames);
    await expect(client.ask(url, 'none', 0, SOON)).rejects.toThrow(NotFoundError);
  }
  const { freeSockets, sockets } = (carrier as unknown as { agent: AgentState }).agent;
  const count = (list: AgentState['sockets']) => Object.values(list).flat().length;
  expect(count(freeSockets) + count(sockets)).toBeLessThanOrEqual(2);
});

interface AgentState {
  readonly sockets: Record<string, unknown[]>;
  readonly freeSockets: Record<string, unknown[]>;
}

test('a node that breaks off may have done what it was asked', async () => {
  const server = createServer((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nxx'));
  });
  atEnd.push(() => server.close());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const carrier = new HttpCarrier();
  atEnd.push(() => carrier.close());
  const asking = clientOf(carrier).ask(`http://127.0.0.1:${port}`, 'work', 1, SOON);
  await expect(asking).rejects.toMatchObject({
    name: 'PeerUnavailableError',
    mayHaveHappened: true,
  });
});

test('a secret is long, and of one line', () => {
  expect(checkSecret(`${SECRET}\n`, 'cluster.secret')).toBe(SECRET);
  expect(() => checkSecret('short', 'cluster.secret')).toThrow(
    'cluster.secret must have at least 16',
  );
  expect(() => checkSecret('with spaces in between', 's')).toThrow(UserError);
});

const FRAME_BYTES = 1 << 20;

async function* endless(
  signal: AbortSignal,
  onFrame: () => void,
  onEnd: (reason: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      signal.throwIfAborted();
      onFrame();
      yield new Uint8Array(FRAME_BYTES);
    }
  } finally {
    onEnd(signal.reason);
  }
}

/** As a handler that knows nothing but its signal. */
async function stuckUntil(signal: AbortSignal, onEnd: (reason: unknown) => void): Promise<void> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  onEnd(signal.reason);
}

function later<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
