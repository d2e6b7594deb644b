import { ArenaPool, type Disk } from '../../../core/index.js';
import { ETERNITY } from '../../../model/index.js';
import {
  attachSegment,
  type OpenSegment,
  openSegment,
  type Segment,
  type SegmentSchema,
  sealChunks,
  sealSegments,
} from '../../../segments/index.js';
import { TimeChunks } from '../../batch/time-chunks.js';
import type { ChunkSegment } from '../../publisher.js';
import { DEAD_LETTER_GRANULARITY, DEAD_LETTER_SCHEMA } from '../letters/dead-letters.js';
import { parseTableSpec } from '../spec/table-spec.js';
import { tableSchema } from '../table-state.js';
import type { SealJob } from './seal-job.js';

const ARENA_BYTES = 64 * 2 ** 20;
const SCRATCH_BYTES = 64 * 2 ** 10;

/** Does a job in this thread. Pieces are opened in memory of its own, at most about `memoryBytes`. */
export function runSealJob(disk: Disk, job: SealJob, memoryBytes: number): readonly ChunkSegment[] {
  const pool = new ArenaPool({
    arenaBytes: Math.min(ARENA_BYTES, memoryBytes),
    maxBytes: memoryBytes,
    scratchBytes: SCRATCH_BYTES,
  });
  const opened: OpenSegment[] = [];
  try {
    const inputs = job.inputs.map((input): Segment => {
      if (input.kind === 'mutable') return attachSegment(input.handle);
      const segment = openSegment(disk, input.path, pool);
      opened.push(segment);
      return segment;
    });
    return seal(disk, job, inputs);
  } finally {
    for (const segment of opened) segment.close();
  }
}

function seal(
  disk: Disk,
  { kind, spec, dimensions, directory, prefix, chunkIntervals }: SealJob,
  inputs: readonly Segment[],
): readonly ChunkSegment[] {
  const table = spec === null ? null : parseTableSpec(spec.name, spec.json);
  const schema = table === null ? DEAD_LETTER_SCHEMA : tableSchema(table, dimensions);
  const granularity = table?.granularity.segmentGranularity ?? DEAD_LETTER_GRANULARITY;
  const chunks = new TimeChunks(granularity, chunkIntervals);
  const chunked: SegmentSchema & Required<Pick<SegmentSchema, 'chunkOf'>> = {
    ...schema,
    chunkOf: (timeMs) => chunks.spanAt(timeMs),
  };
  const name = (file: number): string => `${prefix}-${file}.varve`;
  if (kind === 'handoff') {
    return sealChunks(disk, directory, name, inputs, chunked, { maxRowsPerSegment: MAX_ROWS });
  }
  const options = { maxRowsPerSegment: Number.MAX_SAFE_INTEGER, durable: false };
  return sealSegments(disk, directory, name, inputs, chunked, options).map((sealed) => ({
    interval: ETERNITY,
    sealed,
  }));
}

/** Of a published file. */
const MAX_ROWS = 5_000_000;
