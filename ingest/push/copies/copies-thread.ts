import { Worker } from 'node:worker_threads';
import { workerEntry } from '../../../core/index.js';
import { PortCalls } from '../worker/port-calls.js';
import type { CopiesMethods, CopySession } from './copies-methods.js';
import type { KeptCopy } from './log-copies.js';
import type { CopyStart, LogGroup } from './types.js';

const ENTRY = workerEntry(import.meta.url, 'ingest/push/copies', './copies-worker.js');

/** The copies of other nodes' push logs, in a thread of their own, as the main thread sees them; see `LogCopies`. */
export class CopiesThread {
  readonly #worker: Worker;
  readonly #calls: PortCalls<CopiesMethods>;
  #isClosed = false;

  /** `onDeath` is told when the thread ends by itself. */
  constructor(
    private readonly directory: string,
    onDeath: (why: string) => void,
  ) {
    this.#worker = new Worker(ENTRY, { name: 'varve-copies', workerData: { directory } });
    this.#calls = new PortCalls<CopiesMethods>(this.#worker, {});
    const die = (why: string): void => {
      this.#calls.fail(`the thread that keeps copies of logs ${why}`);
      if (!this.#isClosed) onDeath(why);
    };
    this.#worker.on('error', (error) => die(`crashed: ${error.message}`));
    this.#worker.on('exit', (code) => die(`ended with code ${code}`));
  }

  directoryOf(log: string): string {
    return `${this.directory}/${log}`;
  }

  list(): Promise<readonly KeptCopy[]> {
    return this.#calls.call('list', null);
  }

  begin(copy: CopySession, start: CopyStart): Promise<void> {
    return this.#calls.call('begin', { ...copy, start });
  }

  append(copy: CopySession, group: LogGroup): Promise<void> {
    return this.#calls.call('append', { ...copy, group });
  }

  trim(copy: CopySession, before: number): Promise<void> {
    return this.#calls.call('trim', { ...copy, before });
  }

  close(log: string): Promise<void> {
    return this.#calls.call('close', log);
  }

  remove(log: string): Promise<void> {
    return this.#calls.call('remove', log);
  }

  async end(): Promise<void> {
    if (this.#isClosed) return;
    await this.#calls.call('end', null);
    this.#isClosed = true;
    await this.#worker.terminate();
  }
}
