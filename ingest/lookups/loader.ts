import { Worker } from 'node:worker_threads';
import { decodeError, UnavailableError, type WireError, workerEntry } from '../../core/index.js';
import { type LookupHandle, lookupOf } from '../../model/index.js';
import type { InputEnvironment } from '../input/sources/source.js';
import type { UriFactory } from './factory.js';
import type { LoadedPairs } from './load-pairs.js';

const ENTRY = workerEntry(import.meta.url, 'ingest/lookups', './lookup-worker.js');

/** Threads at the same time; others wait. */
const MAX_RUNNING = 2;

/** What one takes longer is given up. */
const DEADLINE_MS = 10 * 60_000;

/** Reads the files of lookups. */
export interface LookupLoader {
  load(factory: UriFactory): Promise<LoadedPairs>;
}

/** The `workerData` of a worker: one file. */
export interface LookupJob {
  readonly json: UriFactory['json'];
  readonly settings: Pick<InputEnvironment, 'localRoots' | 'httpHosts' | 'maxEntityBytes'>;
  readonly maxBytes: number;
}

/** From the worker. */
export type LookupReport =
  | ({ readonly kind: 'loaded' } & LookupHandle & Omit<LoadedPairs, 'table'>)
  | { readonly kind: 'failed'; readonly error: WireError };

/** Reads each file in a thread of its own, which leaves the pairs in shared memory. */
export class ThreadLoader implements LookupLoader {
  readonly #waiting: (() => void)[] = [];
  readonly #workers = new Set<Worker>();
  #running = 0;
  #isClosed = false;

  constructor(
    private readonly input: LookupJob['settings'],
    private readonly maxBytes: number,
  ) {}

  async load({ json }: UriFactory): Promise<LoadedPairs> {
    // Whoever comes while one that waits is being woken may be faster.
    while (!this.#isClosed && this.#running >= MAX_RUNNING) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#isClosed) throw closed();
    this.#running++;
    try {
      return await this.#run(json);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #run(json: UriFactory['json']): Promise<LoadedPairs> {
    const { localRoots, httpHosts, maxEntityBytes } = this.input;
    const settings = { localRoots, httpHosts, maxEntityBytes };
    const workerData: LookupJob = { json, settings, maxBytes: this.maxBytes };
    const worker = new Worker(ENTRY, { name: 'varve-lookup', workerData });
    this.#workers.add(worker);
    try {
      return await outcome(worker);
    } finally {
      this.#workers.delete(worker);
      await worker.terminate();
    }
  }

  /** Ends what is being read, and reads no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }
}

const closed = (): UnavailableError => new UnavailableError('the store is being closed');

async function outcome(worker: Worker): Promise<LoadedPairs> {
  const late = AbortSignal.timeout(DEADLINE_MS);
  let onLate = (): void => {};
  const report = new Promise<LookupReport>((resolve, reject) => {
    const lost = (what: string) => reject(new UnavailableError(`the thread that reads it ${what}`));
    onLate = () => lost(`did not end within ${DEADLINE_MS} ms`);
    late.addEventListener('abort', onLate);
    worker.on('error', ({ message }) => lost(`crashed: ${message}`));
    worker.on('exit', (code) => lost(`ended with code ${code}`));
    worker.on('message', resolve);
  });
  try {
    const found = await report;
    if (found.kind === 'failed') throw decodeError(found.error);
    const { buffer, contentId, uri, skipped } = found;
    return { table: lookupOf({ buffer, contentId }), uri, skipped };
  } finally {
    // Until the deadline it would hold the promise, and so the pairs.
    late.removeEventListener('abort', onLate);
  }
}
