import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { UnavailableError } from '../../core/index.js';
import { Draining } from './draining.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  /** How long it goes on to answer, and says that it is not ready, before it stops to accept; 0 when absent. */
  readonly drainDelayMs?: number;
  readonly drainTimeoutMs: number;
}

export interface Listener {
  /** `http://127.0.0.1:8888` */
  readonly url: string;
  /** Says that it is not ready; after `drainDelayMs` stops accepting, lets running requests finish for `drainTimeoutMs`, then cuts the rest. */
  close(): Promise<void>;
}

/** Starts to listen. Throws UnavailableError with a hint when the port is taken. */
export function listen(
  app: Hono,
  options: ListenOptions,
  wait: (ms: number) => Promise<void> = sleep,
): Promise<Listener> {
  const draining = new Draining();
  const close = async (server: Server) => {
    draining.begin();
    const { drainDelayMs = 0 } = options;
    if (drainDelayMs > 0) await wait(drainDelayMs);
    await drain(server, options);
  };
  return new Promise((resolve, reject) => {
    const { host: hostname, port } = options;
    const server = serve({ fetch: draining.answering(app.fetch), hostname, port }, (address) =>
      resolve({ url: urlOf(hostname, address.port), close: () => close(server) }),
    ) as Server;
    draining.watch(server);
    server.requestTimeout = options.requestTimeoutMs;
    server.headersTimeout = Math.min(options.requestTimeoutMs, 30_000);
    server.keepAliveTimeout = options.keepAliveTimeoutMs;
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options)));
  });
}

const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

const urlOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

function listenError(error: NodeJS.ErrnoException, { host, port }: ListenOptions): Error {
  if (error.code !== 'EADDRINUSE') return error;
  return new UnavailableError(
    `port ${port} of ${host} is in use; stop the other program or choose another with --port`,
  );
}

function drain(server: Server, { drainTimeoutMs }: ListenOptions): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainTimeoutMs);
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
    server.closeIdleConnections();
  });
}
