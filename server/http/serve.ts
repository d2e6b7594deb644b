import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { UnavailableError } from '../../core/index.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
  readonly drainTimeoutMs: number;
}

export interface Listener {
  /** `http://127.0.0.1:8888` */
  readonly url: string;
  /** Stops accepting, lets running requests finish for `drainTimeoutMs`, then cuts the rest. */
  close(): Promise<void>;
}

/** Starts to listen. Throws UnavailableError with a hint when the port is taken. */
export function listen(app: Hono, options: ListenOptions): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = serve(
      { fetch: app.fetch, hostname: options.host, port: options.port },
      (address) =>
        resolve({ url: urlOf(options.host, address.port), close: () => drain(server, options) }),
    ) as Server;
    server.requestTimeout = options.requestTimeoutMs;
    server.headersTimeout = Math.min(options.requestTimeoutMs, 30_000);
    server.keepAliveTimeout = options.keepAliveTimeoutMs;
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options)));
  });
}

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
