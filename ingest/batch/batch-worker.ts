import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  decodeError,
  encodeError,
  goBehindMainThread,
  InternalError,
  RealDisk,
  systemClock,
  systemRandom,
} from '../../core/index.js';
import { parseTaskSpec } from '../spec/parse-task-spec.js';
import { type BatchResult, runBatchJob } from './batch-job.js';
import type { AbortMessage, WorkerJob, WorkerReport } from './worker-messages.js';

/** The entry of a worker thread that runs one batch job and tells how it ends. */
async function answer(port: MessagePort, job: WorkerJob): Promise<void> {
  const send = (report: WorkerReport): void => port.postMessage(report);
  const abort = new AbortController();
  port.on('message', ({ reason }: AbortMessage) => abort.abort(decodeError(reason)));
  try {
    const result = await run(job, abort.signal, send);
    send({ kind: 'result', result });
  } catch (error) {
    send({ kind: 'failed', error: encodeError(error) });
  }
}

function run(
  { taskId, spec, chunkIntervals, slices, settings }: WorkerJob,
  signal: AbortSignal,
  send: (report: WorkerReport) => void,
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
      onProgress: (progress) => send({ kind: 'progress', progress }),
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
await answer(parentPort, workerData as WorkerJob);
