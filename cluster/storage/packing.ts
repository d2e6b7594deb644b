import { Worker } from 'node:worker_threads';
import {
  type Disk,
  decodeError,
  type FinishedFile,
  UnavailableError,
  type WireError,
  workerEntry,
} from '../../core/index.js';
import { packSegment, unpackSegment } from '../../segments/index.js';
import { Slots } from './slots.js';

const ENTRY = workerEntry(import.meta.url, 'cluster/storage', './packing-worker.js');

/** One file made of another. The one that is made is durable. */
export interface PackingJob {
  readonly kind: 'pack' | 'unpack';
  readonly from: string;
  readonly to: string;
}

/** From the worker. */
export type PackingReport =
  | { readonly kind: 'made'; readonly file: FinishedFile }
  | { readonly kind: 'failed'; readonly error: WireError };

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

/** In threads, so many at the same time, on the real disk. */
export function packingInThreads(count: number): Packing {
  const slots = new Slots(count);
  return (job, signal) => slots.run(signal, job.kind === 'unpack', () => runInThread(job, signal));
}

async function runInThread(job: PackingJob, signal: AbortSignal): Promise<FinishedFile> {
  const worker = new Worker(ENTRY, { name: 'varve-packing', workerData: job });
  let onAbort = (): void => {};
  try {
    const report = await new Promise<PackingReport>((resolve, reject) => {
      const lost = (what: string) =>
        reject(new UnavailableError(`the thread that ${job.kind}s ${job.from} ${what}`));
      onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort);
      worker.on('error', ({ message }) => lost(`crashed: ${message}`));
      worker.on('exit', (code) => lost(`ended with code ${code}`));
      worker.on('message', resolve);
      if (signal.aborted) onAbort();
    });
    if (report.kind === 'failed') throw decodeError(report.error);
    return report.file;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await worker.terminate();
  }
}
