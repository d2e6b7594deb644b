import { Worker } from 'node:worker_threads';
import { decodeError, encodeError, UnavailableError, workerEntry } from '../../core/index.js';
import type { BatchJob, BatchResult, BatchRunner } from './batch-job.js';
import type { AbortMessage, WorkerJob, WorkerReport, WorkerSettings } from './worker-messages.js';

const ENTRY = workerEntry(import.meta.url, 'ingest/batch', './batch-worker.js');

/** How long a job has to stop by itself: one step, be it a slow expression over one record, may take for ever. */
const STOP_MS = 10_000;

/**
 * Runs every job in a worker thread of its own, with the real disk, clock and network. A job that
 * fails rejects with the error that was thrown there; a thread that dies, with UnavailableError. A job that is aborted and
 * goes on for `stopMs` is ended. Then, and where a thread dies, files may be left that no segment refers to.
 */
export function workerBatchRunner(settings: WorkerSettings, stopMs = STOP_MS): BatchRunner {
  return async (job) => {
    job.signal.throwIfAborted();
    const { taskId, spec, chunkIntervals, slices } = job;
    const workerData: WorkerJob = { taskId, spec: spec.json, chunkIntervals, slices, settings };
    const worker = new Worker(ENTRY, { name: 'varve-ingest', workerData });
    const onAbort = () => {
      const message: AbortMessage = { reason: encodeError(job.signal.reason) };
      worker.postMessage(message);
      AbortSignal.timeout(stopMs).addEventListener('abort', () => void worker.terminate());
    };
    job.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await outcome(worker, job);
    } finally {
      job.signal.removeEventListener('abort', onAbort);
      await worker.terminate();
    }
  };
}

function outcome(worker: Worker, { taskId, signal, onProgress }: BatchJob): Promise<BatchResult> {
  const lost = (what: string): UnavailableError =>
    new UnavailableError(`the worker of task ${taskId} ${what}; submit the task again`);
  return new Promise((resolve, reject) => {
    worker.on('error', (error) => reject(lost(`crashed: ${error.message}`)));
    worker.on('exit', (code) =>
      reject(signal.aborted ? signal.reason : lost(`ended with code ${code}`)),
    );
    worker.on('message', (report: WorkerReport) => {
      if (report.kind === 'progress') onProgress(report.progress);
      else if (report.kind === 'result') resolve(report.result);
      else reject(decodeError(report.error));
    });
  });
}
