import { z } from 'zod';
import type { Interval } from '../../model/index.js';

/** What a node is asked to scan: what it has under this name. */
export type PartRef = SegmentRef | LiveRef;

/** A published segment, as far as its rows lie in the interval. */
export interface SegmentRef {
  readonly kind: 'segment';
  readonly id: string;
  readonly interval: Interval;
  /** What the metadata say of it, for a node that has to fetch it first; null: the node has announced it. */
  readonly stored: unknown;
}

/** The first rows of something that a node took in and has not published yet. */
export interface LiveRef {
  readonly kind: 'live';
  readonly dataSource: string;
  /** Of the part, on that node. */
  readonly part: number;
  /** As many as there were when the query began, and their times. */
  readonly rowCount: number;
  readonly minTimeMs: number;
  readonly maxTimeMs: number;
}

export const PART_REF: z.ZodType<PartRef> = z.union([
  z.object({
    kind: z.literal('segment'),
    id: z.string(),
    interval: z.object({ startMs: z.number(), endMs: z.number() }),
    stored: z.unknown(),
  }),
  z.object({
    kind: z.literal('live'),
    dataSource: z.string(),
    part: z.int(),
    rowCount: z.int().min(1),
    minTimeMs: z.number(),
    maxTimeMs: z.number(),
  }),
]);
