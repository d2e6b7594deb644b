import { z } from 'zod';
import { CorruptBytesError } from '../../core/index.js';
import type { StoredSegment } from '../metadata/stored-segment.js';

const number = z.number();

const SEGMENT = z.object({
  id: z.object({
    dataSource: z.string(),
    interval: z.object({ startMs: number, endMs: number }),
    version: z.string(),
    partitionNum: z.int(),
  }),
  idText: z.string(),
  sealed: z.object({
    path: z.string(),
    rowCount: z.int(),
    sizeBytes: z.int(),
    sha256: z.string(),
    minTimeMs: number,
    maxTimeMs: number,
    columns: z.array(z.unknown()),
  }),
  shardSpec: z.object({ type: z.string() }),
});

/** What another node says of a published segment, as the metadata have it: looked at as far as it matters here. Throws CorruptBytesError. */
export function readSegment(wire: unknown): StoredSegment {
  const read = SEGMENT.safeParse(wire);
  if (read.success) return wire as StoredSegment;
  const [issue] = read.error.issues;
  throw new CorruptBytesError(0, `a segment: ${issue?.path.join('.')}: ${issue?.message}`);
}
