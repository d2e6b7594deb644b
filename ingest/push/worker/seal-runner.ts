import { Worker } from 'node:worker_threads';
import { decodeError, UnavailableError, type WireError, workerEntry } from '../../../core/index.js';
import type { ChunkSegment } from '../../publisher.js';
import type { Sealer, SealJob } from '../live/seal-job.js';

const ENTRY = workerEntry(import.meta.url, 'ingest/push/worker', './seal-worker.js');

/** The `workerData` of a worker that seals. */
export interface SealWorkerData {
  readonly job: SealJob;
  /** What its own memory may take, about. */
  readonly memoryBytes: number;
}

/** How a job ended. */
export type SealReport =
  | { readonly kind: 'sealed'; readonly segments: readonly ChunkSegment[] }
  | { readonly kind: 'failed'; readonly error: WireError };

/** Runs every job in a worker thread of its own, which reads live rows where they lie. */
export function workerSealer(memoryBytes: number): Sealer {
  return async (job) => {
    const workerData: SealWorkerData = { job, memoryBytes };
    const worker = new Worker(ENTRY, { name: 'varve-seal', workerData });
    try {
      return await outcome(worker);
    } finally {
      await worker.terminate();
    }
  };
}

function outcome(worker: Worker): Promise<readonly ChunkSegment[]> {
  const lost = (what: string): UnavailableError =>
    new UnavailableError(`the worker that seals rows ${what}; it is tried again`);
  return new Promise((resolve, reject) => {
    worker.on('error', (error) => reject(lost(`crashed: ${error.message}`)));
    worker.on('exit', (code) => reject(lost(`ended with code ${code}`)));
    worker.on('message', (report: SealReport) => {
      if (report.kind === 'sealed') resolve(report.segments);
      else reject(decodeError(report.error));
    });
  });
}
