import { parentPort } from 'node:worker_threads';
import {
  goBehindMainThread,
  InternalError,
  type JobContext,
  RealDisk,
  serveJobs,
  systemClock,
  systemRandom,
} from '../../core/index.js';
import { parseTaskSpec } from '../spec/parse-task-spec.js';
import { type BatchResult, runBatchJob } from './batch-job.js';
import type { Progress } from './progress.js';
import type { WorkerJob } from './worker-messages.js';

/** The entry of a worker thread that runs batch jobs, one after another. */
function run(
  { taskId, spec, chunkIntervals, slices, settings }: WorkerJob,
  { signal, tell }: JobContext<Progress>,
): Promise<BatchResult> {
  const disk = new RealDisk();
  const clock = systemClock;
  const { localRoots, httpHosts, maxEntityBytes, ...storage } = settings;
  return runBatchJob(
    {
      taskId,
      spec: parseTaskSpec(spec),
      chunkIntervals,
      slices,
      signal,
      onProgress: tell,
    },
    {
      ...storage,
      input: { disk, localRoots, httpHosts, fetch, maxEntityBytes, clock },
      disk,
      random: systemRandom,
      clock,
    },
  );
}

if (parentPort === null) throw new InternalError('this file runs in a worker thread only');
goBehindMainThread();
serveJobs(parentPort, run);
