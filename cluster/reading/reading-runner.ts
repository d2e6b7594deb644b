import type { BatchJob, BatchRunner } from '../../ingest/index.js';
import { readSegment } from '../historical/segment-wire.js';
import type { StoredSegment } from '../metadata/stored-segment.js';
import type { TableFiles } from './table-files.js';

type Slice = BatchJob['slices'][number][number];

/** Runs batch jobs that may read segments in deep storage: their files are fetched before, and released behind. */
export const readingBatchRunner =
  (run: BatchRunner, files: Pick<TableFiles, 'hold'>): BatchRunner =>
  async (job) => {
    const stored = job.slices.flat().flatMap((slice) => segmentOf(slice) ?? []);
    if (stored.length === 0) return run(job);
    const { pathOf, release } = await files.hold(stored, job.signal);
    try {
      const local = (slice: Slice): Slice => {
        const segment = segmentOf(slice);
        return segment === null ? slice : { path: pathOf(segment), interval: slice.interval };
      };
      return await run({ ...job, slices: job.slices.map((each) => each.map(local)) });
    } finally {
      release();
    }
  };

/** Null where the file is here. */
const segmentOf = ({ stored }: Slice): StoredSegment | null =>
  stored === undefined ? null : readSegment(stored);
