import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  CapacityError,
  ConflictError,
  NotFoundError,
  UnavailableError,
  UnsupportedError,
  UserError,
  utf8Encode,
} from '../../core/index.js';
import type { PushRequest } from '../../ingest/index.js';
import { httpTransport } from './http-transport.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let stop: () => void = () => undefined;
afterEach(() => stop());

/** The address of a server that answers so. */
function serverOf(handler: Handler): Promise<string> {
  const server = createServer(handler);
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    ),
  );
}

const REQUEST: PushRequest = {
  table: 'a b',
  format: 'csv',
  columns: null,
  body: utf8Encode('a\n1\n'),
  producer: 'me',
  sequence: 7,
  key: null,
  ack: 'memory',
};

test('a batch goes out with who sent it, and comes back with its answer', async () => {
  const seen: unknown[] = [];
  const url = await serverOf((request, response) => {
    const { 'content-type': type, 'x-varve-producer': producer, authorization } = request.headers;
    seen.push(request.url, type, producer, request.headers['x-varve-sequence'], authorization);
    response.end('{"received":1,"token":"log:9007199254740993"}');
  });
  const transport = httpTransport(url, { headers: { authorization: 'mine' } });
  expect(await transport(REQUEST)).toEqual({ received: 1, token: 'log:9007199254740993' });
  expect(seen).toEqual(['/v1/tables/a%20b/rows?ack=memory', 'text/csv', 'me', '7', 'mine']);
});

test.each([
  { status: 400, type: UserError },
  { status: 413, type: UserError },
  { status: 415, type: UserError },
  { status: 404, type: NotFoundError },
  { status: 409, type: ConflictError },
  { status: 501, type: UnsupportedError },
  { status: 408, type: UnavailableError },
  { status: 500, type: UnavailableError },
  { status: 503, type: UnavailableError },
])('a $status is a $type.name with what the server says', async ({ status, type }) => {
  const url = await serverOf((_, response) => {
    response.writeHead(status).end('{"errorMessage":"because"}');
  });
  const failed = httpTransport(url, {})(REQUEST);
  await expect(failed).rejects.toBeInstanceOf(type);
  await expect(failed).rejects.toThrow(`${status} from the server: because`);
});

test.each([
  { header: { 'retry-after': '7' }, waitMs: 7000 },
  { header: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, waitMs: 1000 },
  { header: {}, waitMs: 1000 },
])('a 429 with $header says when to come back', async ({ header, waitMs }) => {
  const url = await serverOf((_, response) => {
    response.writeHead(429, header).end('busy');
  });
  const error: unknown = await httpTransport(url, {})(REQUEST).catch((each: unknown) => each);
  expect(error).toBeInstanceOf(CapacityError);
  expect(error).toMatchObject({ retryAfterMs: waitMs, message: '429 from the server: busy' });
});

test.each([
  { name: 'nobody listens', handler: null },
  {
    name: 'the connection breaks',
    handler: (request: IncomingMessage) => request.socket.destroy(),
  },
  { name: 'no answer comes in time', handler: () => undefined },
  {
    name: 'somebody else answers',
    handler: (_: unknown, response: ServerResponse) => void response.end('<html>'),
  },
])('$name: it may be tried again', async ({ handler }) => {
  const url = handler === null ? 'http://127.0.0.1:1' : await serverOf(handler);
  const failed = httpTransport(url, { timeoutMs: 200 })(REQUEST);
  await expect(failed).rejects.toBeInstanceOf(UnavailableError);
});
