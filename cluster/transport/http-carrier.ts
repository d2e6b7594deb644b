import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { INTERNAL_PATH } from './call-headers.js';
import {
  type CarriedAnswer,
  type CarriedRequest,
  type Carrier,
  PeerUnavailableError,
} from './types.js';

export interface HttpCarrierOptions {
  /** To get a connection, which is not what the deadline is for: a node that is gone is noticed sooner. */
  readonly connectTimeoutMs: number;
  /** Connections to one node at once; more requests wait for one of them. */
  readonly maxConnections: number;
  readonly maxIdleConnections: number;
  /** Less than that of the servers (5 s is usual), which would close a connection while a request is on its way. */
  readonly idleTimeoutMs: number;
}

const DEFAULTS: HttpCarrierOptions = {
  connectTimeoutMs: 3000,
  maxConnections: 256,
  maxIdleConnections: 32,
  idleTimeoutMs: 4000,
};

/** Calls over HTTP/1.1 with connections that are kept. */
export class HttpCarrier implements Carrier {
  private readonly agent: Agent;
  readonly #connectTimeoutMs: number;

  constructor(options: Partial<HttpCarrierOptions> = {}) {
    const settings = { ...DEFAULTS, ...options };
    this.#connectTimeoutMs = settings.connectTimeoutMs;
    this.agent = new Agent({
      keepAlive: true,
      maxSockets: settings.maxConnections,
      maxFreeSockets: settings.maxIdleConnections,
      timeout: settings.idleTimeoutMs,
      scheduling: 'lifo',
    });
  }

  send(url: string, { method, headers, body, signal }: CarriedRequest): Promise<CarriedAnswer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(new URL(INTERNAL_PATH + method, url), {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/octet-stream' },
        agent: this.agent,
        signal,
      });
      const state = watchConnection(request, this.#connectTimeoutMs);
      // Without effect once the answer is there, whose reader is told instead.
      request.on('error', (error) =>
        reject(signal.aborted ? signal.reason : failure(url, error, state.isConnected)),
      );
      request.once('response', (response) =>
        resolve({ status: response.statusCode ?? 0, body: readPieces(url, response, signal) }),
      );
      if (body instanceof Uint8Array) request.end(body);
      // An answer may come before all is sent, and end it. Other failures are those of the request.
      else pipeline(Readable.from(body, { highWaterMark: 1 }), request).catch(() => {});
    });
  }

  close(): void {
    this.agent.destroy();
  }
}

/** Gives up when no connection comes. */
function watchConnection(request: ClientRequest, timeoutMs: number): { isConnected: boolean } {
  const state = { isConnected: false };
  request.once('socket', (socket) => {
    if (!socket.connecting) {
      state.isConnected = true;
      return;
    }
    const onTimeout = () => request.destroy(new Error(`no connection within ${timeoutMs} ms`));
    socket.setTimeout(timeoutMs, onTimeout);
    socket.once('connect', () => {
      state.isConnected = true;
      socket.setTimeout(0);
      socket.removeListener('timeout', onTimeout);
    });
  });
  return state;
}

async function* readPieces(
  url: string,
  response: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* response;
  } catch (error) {
    throw signal.aborted ? signal.reason : failure(url, error as Error, true);
  } finally {
    // What was not read to its end takes the connection with it.
    if (!response.readableEnded) response.destroy();
  }
}

function failure(url: string, error: Error, isConnected: boolean): PeerUnavailableError {
  const { code = error.message } = error as NodeJS.ErrnoException;
  const detail =
    code === 'ECONNREFUSED'
      ? 'refuses connections'
      : isConnected
        ? `broke off (${code})`
        : `cannot be reached (${code})`;
  return new PeerUnavailableError(url, detail, isConnected, error);
}
