import { JobThreads, workerEntry } from '../../core/index.js';
import type { BatchJob, BatchResult, BatchRunner } from './batch-job.js';
import type { Progress } from './progress.js';
import type { WorkerJob, WorkerSettings } from './worker-messages.js';

const ENTRY = workerEntry(import.meta.url, 'ingest/batch', './batch-worker.js');

/** How long a job has to stop by itself: one step, be it a slow expression over one record, may take for ever. */
const STOP_MS = 10_000;

/**
 * Runs every job in a worker thread that has no other meanwhile, with the real disk, clock and network; threads are kept for a while, for
 * to start one takes longer than a small job. A job that fails rejects with the error that was thrown there; a thread that dies, with
 * UnavailableError. A job that is aborted and goes on for `stopMs` is ended. Then, and where a thread dies, files may be left that no
 * segment refers to.
 */
export class BatchThreads {
  readonly #threads: JobThreads<WorkerJob, BatchResult, Progress>;

  constructor(
    private readonly settings: WorkerSettings,
    stopMs = STOP_MS,
  ) {
    const remedy = 'submit the task again';
    this.#threads = new JobThreads({ entry: ENTRY, name: 'varve-ingest', remedy, stopMs });
  }

  readonly run: BatchRunner = (job: BatchJob) => {
    const { taskId, spec, chunkIntervals, slices, signal, onProgress } = job;
    const { settings } = this;
    const sent: WorkerJob = { taskId, spec: spec.json, chunkIntervals, slices, settings };
    return this.#threads.run(sent, { what: `task ${taskId}`, signal, onNews: onProgress });
  };

  /** Ends the threads that have no job. */
  close(): Promise<void> {
    return this.#threads.close();
  }
}
