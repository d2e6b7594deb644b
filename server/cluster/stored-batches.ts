import { type PutSegment, putSegments } from '../../cluster/index.js';
import type { Disk } from '../../core/index.js';
import type { BatchRunner } from '../../ingest/index.js';

/** Runs batch jobs, and puts the files that they make into deep storage: here nothing is left of them. */
export const storedBatchRunner =
  (run: BatchRunner, put: PutSegment, disk: Disk): BatchRunner =>
  async (job) => {
    const result = await run(job);
    try {
      const { dataSource } = job.spec;
      const segments = await putSegments(put, dataSource, result.segments, job.signal, job.taskId);
      return { ...result, segments };
    } finally {
      for (const { sealed } of result.segments) disk.remove(sealed.path);
    }
  };
