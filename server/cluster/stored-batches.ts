import type { SegmentTransfer } from '../../cluster/index.js';
import type { Disk } from '../../core/index.js';
import type { BatchRunner } from '../../ingest/index.js';

/** Runs batch jobs, and puts the files that they make into deep storage: here nothing is left of them. */
export const storedBatchRunner =
  (run: BatchRunner, transfer: SegmentTransfer, disk: Disk): BatchRunner =>
  async (job) => {
    const result = await run(job);
    try {
      const segments = [];
      for (const segment of result.segments) {
        const { sealed, interval } = segment;
        const key = transfer.newKey(job.spec.dataSource, interval);
        const deep = await transfer.put(key, sealed.path, sealed, job.signal);
        segments.push({ ...segment, sealed: { ...sealed, path: '', deep } });
      }
      return { ...result, segments };
    } finally {
      for (const { sealed } of result.segments) disk.remove(sealed.path);
    }
  };
