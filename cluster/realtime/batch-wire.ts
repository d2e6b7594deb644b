import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import type { BatchJob, BatchResult } from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import { packMessage, unpackMessage } from '../transport/frames.js';
import { readAs } from '../transport/read-as.js';

/** The method by which the leader has segments built. Its answer is a frame for each `BatchNews`, the result last. */
export const RUN_BATCH = 'run-batch';

/** A job without what only the leader has: slices are references to published segments. */
export interface BatchOrder {
  readonly taskId: string;
  readonly spec: JsonObject;
  readonly chunkIntervals: BatchJob['chunkIntervals'];
  readonly slices: readonly (readonly SliceRef[])[];
}

interface SliceRef {
  readonly stored: unknown;
  readonly interval: Interval;
}

export type BatchNews =
  | { readonly kind: 'progress'; readonly progress: Parameters<BatchJob['onProgress']>[0] }
  | { readonly kind: 'result'; readonly result: BatchResult };

const interval = z.object({ startMs: z.number(), endMs: z.number() });

const ORDER = z.object({
  taskId: z.string(),
  spec: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null),
  chunkIntervals: z.array(interval),
  slices: z.array(z.array(z.object({ stored: z.unknown(), interval }))),
});

const NEWS = z.union([
  z.object({ kind: z.literal('progress'), progress: z.object({ phase: z.string() }).loose() }),
  z.object({
    kind: z.literal('result'),
    result: z
      .object({ segments: z.array(z.object({ interval, sealed: z.object({}).loose() }).loose()) })
      .loose(),
  }),
]);

/** What is sent of a job. */
export const batchOrder = ({ taskId, spec, chunkIntervals, slices }: BatchJob): BatchOrder => ({
  taskId,
  spec: spec.json,
  chunkIntervals,
  slices: slices.map((each) =>
    each.map(({ stored = null, interval: visible }) => ({ stored, interval: visible })),
  ),
});

export const readOrder = (message: unknown): BatchOrder => readAs(ORDER, message, 'a batch job');

export const newsFrame = (news: BatchNews): Uint8Array => packMessage(news);

export const readNews = (frame: Uint8Array): BatchNews =>
  readAs(NEWS, unpackMessage(frame), 'the news of a batch job') as unknown as BatchNews;
