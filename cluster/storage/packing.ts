import { type Disk, type FinishedFile, JobThreads, workerEntry } from '../../core/index.js';
import { packSegment, unpackSegment } from '../../segments/index.js';
import { Slots } from './slots.js';

const ENTRY = workerEntry(import.meta.url, 'cluster/storage', './packing-worker.js');

/** One file made of another. The one that is made is durable. */
export interface PackingJob {
  readonly kind: 'pack' | 'unpack';
  readonly from: string;
  readonly to: string;
}

/**
 * Makes the packed form of a segment file, or a segment file of it. Errors as of `packSegment` and `unpackSegment`; there is
 * no new file then, but there may be one named `<to>.tmp`, when the signal was raised.
 */
export type Packing = (job: PackingJob, signal: AbortSignal) => Promise<FinishedFile>;

export function runPackingJob(disk: Disk, { kind, from, to }: PackingJob): FinishedFile {
  return kind === 'pack' ? packSegment(disk, from, to) : unpackSegment(disk, from, to);
}

/** In this thread, which does nothing else meanwhile. */
export const packingOn =
  (disk: Disk): Packing =>
  async (job, signal) => {
    signal.throwIfAborted();
    return runPackingJob(disk, job);
  };

/** In threads, so many at the same time, on the real disk. They are kept for a while: to start one takes longer than a small file. */
export class PackingThreads {
  readonly #threads = new JobThreads<PackingJob, FinishedFile>({
    entry: ENTRY,
    name: 'varve-packing',
    remedy: 'it can be tried again',
    stopMs: 0,
  });
  readonly #slots: Slots;

  constructor(count: number) {
    this.#slots = new Slots(count);
  }

  readonly run: Packing = (job, signal) =>
    this.#slots.run(signal, job.kind === 'unpack', () =>
      this.#threads.run(job, { what: `what ${job.kind}s ${job.from}`, signal }),
    );

  /** Ends the threads that have no file. */
  close(): Promise<void> {
    return this.#threads.close();
  }
}
