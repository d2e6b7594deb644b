import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { encodeError, InternalError, RealDisk, systemClock } from '../../core/index.js';
import { sample } from './sample.js';
import type { SamplerJob, SamplerReport } from './sampler.js';
import { parseSamplerSpec } from './sampler-spec.js';

/** The entry of a worker thread that answers one sampler request. */
async function answer(port: MessagePort, { body, slices, settings }: SamplerJob): Promise<void> {
  const send = (report: SamplerReport): void => port.postMessage(report);
  try {
    const environment = { ...settings, disk: new RealDisk(), fetch, clock: systemClock };
    send({ kind: 'answer', answer: await sample(parseSamplerSpec(body), slices, environment) });
  } catch (error) {
    send({ kind: 'failed', error: encodeError(error) });
  }
}

if (parentPort === null) throw new InternalError('this file runs in a worker thread only');
await answer(parentPort, workerData as SamplerJob);
