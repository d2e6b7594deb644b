import { parentPort } from 'node:worker_threads';
import { InternalError, RealDisk, serveJobs } from '../../core/index.js';
import { type PackingJob, runPackingJob } from './packing.js';

/** The entry of a worker thread that packs and unpacks files, one after another. */
if (parentPort === null) throw new InternalError('this file runs in a worker thread only');
serveJobs(parentPort, (job: PackingJob) => runPackingJob(new RealDisk(), job));
