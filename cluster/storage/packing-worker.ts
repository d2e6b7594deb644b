import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { encodeError, InternalError, RealDisk } from '../../core/index.js';
import { type PackingJob, type PackingReport, runPackingJob } from './packing.js';

/** The entry of a worker thread that packs or unpacks one file and tells how it ends. */
function answer(port: MessagePort, job: PackingJob): void {
  const send = (report: PackingReport): void => port.postMessage(report);
  try {
    send({ kind: 'made', file: runPackingJob(new RealDisk(), job) });
  } catch (error) {
    send({ kind: 'failed', error: encodeError(error) });
  }
}

if (parentPort === null) throw new InternalError('this file runs in a worker thread only');
answer(parentPort, workerData as PackingJob);
