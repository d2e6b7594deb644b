import { Worker } from 'node:worker_threads';
import { type JsonObject, workerEntry } from '../../../core/index.js';
import { type CopyLink, NO_COPIES } from '../copies/types.js';
import type { EngineStats } from '../engine/engine-stats.js';
import type { GivenTable, LiveRelease, PushAnswer, PushRequest, ReplayRequest } from '../types.js';
import { PortCalls } from './port-calls.js';
import type {
  CopyMethods,
  HostMethods,
  PushWorkerSettings,
  WorkerMethods,
} from './worker-methods.js';

const ENTRY = workerEntry(import.meta.url, 'ingest/push/worker', './worker.js');

const copyMethods = (copies: CopyLink): CopyMethods => ({
  beginCopy: ({ node, start }) => copies.begin(node, start),
  sendCopy: ({ node, group }) => copies.send(node, group),
  joinCopy: (node) => copies.join(node),
  appendToCopies: (group) => copies.append(group),
  trimCopies: (before) => copies.trim(before),
});

/** The push engine in a thread of its own, as the main thread sees it. */
export class PushWorker {
  readonly #worker: Worker;
  readonly #calls: PortCalls<WorkerMethods>;
  #logId = '';
  #closed = false;

  private constructor(
    settings: PushWorkerSettings,
    host: HostMethods,
    onDeath: (why: string) => void,
    copies: CopyLink,
  ) {
    this.#worker = new Worker(ENTRY, { name: 'varve-push', workerData: settings });
    this.#calls = new PortCalls<WorkerMethods>(this.#worker, { ...host, ...copyMethods(copies) });
    const die = (why: string): void => {
      this.#calls.fail(
        `the push worker ${why}; the outcome of the request is not known, send it again`,
      );
      if (!this.#closed) onDeath(why);
    };
    this.#worker.on('error', (error) => die(`crashed: ${error.message}`));
    this.#worker.on('exit', (code) => die(`ended with code ${code}`));
  }

  /**
   * Starts the thread and recovers: live rows are announced to `host` before this resolves. Rejects with what kept the engine
   * from opening. `onDeath` is told when the thread ends by itself, after which nothing is acknowledged. `copies` brings the log to its
   * standbys, where it has some.
   */
  static async start(
    settings: PushWorkerSettings,
    host: HostMethods,
    onDeath: (why: string) => void,
    copies: CopyLink = NO_COPIES,
  ): Promise<PushWorker> {
    const worker = new PushWorker(settings, host, onDeath, copies);
    try {
      worker.#logId = await worker.#calls.call('open', null);
      return worker;
    } catch (error) {
      worker.#closed = true;
      await worker.#worker.terminate();
      throw error;
    }
  }

  /** Tokens of this log begin with it. */
  get logId(): string {
    return this.#logId;
  }

  /** See `PushEngine.push`. The body's memory moves to the worker. */
  push(request: PushRequest): Promise<PushAnswer> {
    const { buffer } = request.body;
    const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === request.body.byteLength;
    return this.#calls.call('push', request, isWhole ? [buffer] : []);
  }

  replay(request: ReplayRequest): Promise<PushAnswer> {
    return this.#calls.call('replay', request);
  }

  declare(name: string, spec: JsonObject): Promise<number> {
    return this.#calls.call('declare', { name, spec });
  }

  /** See `PushEngine.adopt`. */
  adopt(table: string): Promise<void> {
    return this.#calls.call('adopt', table);
  }

  /** See `PushEngine.give`. */
  give(table: string): Promise<GivenTable> {
    return this.#calls.call('give', table);
  }

  handOff(table: string): Promise<void> {
    return this.#calls.call('handOff', table);
  }

  /** See `PushEngine.addStandby`. */
  addStandby(node: string): Promise<void> {
    return this.#calls.call('addStandby', node);
  }

  released(release: LiveRelease): void {
    if (!this.#closed) this.#calls.tell('released', release);
  }

  stats(): Promise<EngineStats> {
    return this.#calls.call('stats', null);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#calls.call('close', null);
    this.#closed = true;
    await this.#worker.terminate();
  }
}
