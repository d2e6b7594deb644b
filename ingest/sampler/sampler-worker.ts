import { once } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import {
  decodeError,
  encodeError,
  InternalError,
  RealDisk,
  systemClock,
} from '../../core/index.js';
import type { SegmentSlice } from '../input/sources/source.js';
import { sample } from './sample.js';
import type { SamplerJob, SamplerReport } from './sampler.js';
import { parseSamplerSpec } from './sampler-spec.js';
import type { FileAnswer } from './wanted-files.js';

/** The entry of a worker thread that answers one sampler request. */
async function answer(port: MessagePort, { body, slices, settings }: SamplerJob): Promise<void> {
  const send = (report: SamplerReport): void => port.postMessage(report);
  try {
    const environment = { ...settings, disk: new RealDisk(), fetch, clock: systemClock };
    const files = slices.map((each) => filesOf(port, each));
    send({ kind: 'answer', answer: await sample(parseSamplerSpec(body), files, environment) });
  } catch (error) {
    send({ kind: 'failed', error: encodeError(error) });
  }
}

/** Files that are not here are fetched when their turn has come. */
async function* filesOf(port: MessagePort, slices: readonly SegmentSlice[]) {
  for (const slice of slices) {
    if (slice.stored === undefined) yield slice;
    else yield { ...slice, path: await fetchFile(port, slice.stored) };
  }
}

async function fetchFile(port: MessagePort, stored: unknown): Promise<string> {
  const answered = once(port, 'message') as Promise<[FileAnswer]>;
  port.postMessage({ kind: 'wants', stored } satisfies SamplerReport);
  const [answer] = await answered;
  if ('error' in answer) throw decodeError(answer.error);
  return answer.path;
}

if (parentPort === null) throw new InternalError('this file runs in a worker thread only');
await answer(parentPort, workerData as SamplerJob);
