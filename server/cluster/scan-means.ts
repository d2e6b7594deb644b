import { availableParallelism } from 'node:os';
import { ArenaPool, type Disk } from '../../core/index.js';
import { WorkerExecutor } from '../../query/index.js';
import { SegmentCache } from '../../segments/index.js';
import type { Config } from '../config.js';

/** Workers of one arena share this much at most: a memory ends at 4 GiB, and segments want room as well. */
const MAX_SCRATCH_BYTES = 2 * 2 ** 30;

/** What scans of a process run on: its threads, and the memory that segments are loaded into. */
export interface ScanMeans {
  readonly executor: WorkerExecutor;
  readonly pool: ArenaPool;
  readonly cache: SegmentCache;
  /** What all workers may take together beside segments. */
  readonly scratchBytes: number;
}

export function openScanMeans(config: Config, disk: Disk): ScanMeans {
  const executor = new WorkerExecutor(config.query.workers ?? availableParallelism());
  const { arenaBytes, segmentBytes } = config.memory;
  const wanted = config.memory.scratchBytes * executor.parallelism;
  const scratchBytes = Math.min(wanted, MAX_SCRATCH_BYTES);
  const pool = new ArenaPool({ arenaBytes, maxBytes: segmentBytes, scratchBytes });
  const load: WorkerExecutor['load'] = (job) => executor.load(job);
  const cache = new SegmentCache({ pool, disk, load, maxBytes: segmentBytes });
  return { executor, pool, cache, scratchBytes };
}
