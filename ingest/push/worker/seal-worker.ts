import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { encodeError, InternalError, RealDisk } from '../../../core/index.js';
import { runSealJob } from '../live/run-seal-job.js';
import type { SealReport, SealWorkerData } from './seal-runner.js';

/** The entry of a worker thread that does one seal job and tells how it ends. */
function answer(port: MessagePort, { job, memoryBytes }: SealWorkerData): void {
  const send = (report: SealReport): void => port.postMessage(report);
  try {
    send({ kind: 'sealed', segments: runSealJob(new RealDisk(), job, memoryBytes) });
  } catch (error) {
    send({ kind: 'failed', error: encodeError(error) });
  }
}

if (parentPort === null) throw new InternalError('this file runs in a worker thread only');
answer(parentPort, workerData as SealWorkerData);
