import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { encodeError, InternalError, invariant, RealDisk, systemClock } from '../../core/index.js';
import { parseLookupFactory } from './factory.js';
import { loadPairs } from './load-pairs.js';
import type { LookupJob, LookupReport } from './loader.js';

/** The entry of a worker thread that reads the file of one lookup. */
async function load(port: MessagePort, { json, settings, maxBytes }: LookupJob): Promise<void> {
  const send = (report: LookupReport): void => port.postMessage(report);
  try {
    const environment = { ...settings, disk: new RealDisk(), fetch, clock: systemClock };
    const factory = parseLookupFactory(json, 'lookupExtractorFactory', environment);
    invariant(factory.kind === 'uri', 'only files are read in a thread');
    const { table, uri, skipped } = await loadPairs(factory, environment, maxBytes);
    const { buffer, contentId } = table;
    send({ kind: 'loaded', buffer, contentId, uri, skipped });
  } catch (error) {
    send({ kind: 'failed', error: encodeError(error) });
  }
}

if (parentPort === null) throw new InternalError('this file runs in a worker thread only');
await load(parentPort, workerData as LookupJob);
