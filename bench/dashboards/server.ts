import { type ChildProcess, fork, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../core/index.js';
import { cpuMsOf } from '../cpu-time.js';
import { NO_CACHES } from '../no-caches.js';
import { REPOSITORY } from '../query/peer.js';
import type { ClientsOrder, ClientsReport } from './clients.js';

/** `varve serve` as users start it, in a process of its own; but nothing of answers is kept unless told so, for clients ask the same again and again. */
export class Server {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static start(
    dataDir: string,
    nodeFlags: readonly string[],
    cache: JsonObject = NO_CACHES,
    query: JsonObject = {},
  ): Promise<Server> {
    const cli = join(REPOSITORY, 'dist/bundle/main.js');
    const config = `${dataDir}-config.json`;
    writeFileSync(config, JSON.stringify({ query: { ...query, cache } }));
    const flags = ['serve', '--port', '0', '--data-dir', dataDir, '--log-level', 'error'];
    const child = spawn(process.execPath, [...nodeFlags, cli, ...flags, '--config', config], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return new Promise((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const url = /^listening on (http:\S+)$/m.exec(output)?.[1];
        if (url !== undefined) resolve(new Server(child, url));
      });
      child.once('exit', (code) => reject(new Error(`varve serve ended (${code}): ${output}`)));
    });
  }

  /** CPU time so far, of all threads; NaN where the system does not tell. */
  cpuMs(): number {
    return cpuMsOf(this.child.pid);
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.kill('SIGTERM');
    });
  }
}

/** Lets clients in another process ask. */
export function runClients(order: ClientsOrder): Promise<ClientsReport> {
  const child = fork(fileURLToPath(new URL('clients.js', import.meta.url)));
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as ClientsReport));
    child.once('exit', (code) => reject(new Error(`the clients ended (${code})`)));
    child.send(order);
  });
}
