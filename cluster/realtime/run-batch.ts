import type { Logger } from '../../core/index.js';
import { type BatchResult, type BatchRunner, parseTaskSpec } from '../../ingest/index.js';
import type { Interval } from '../../model/index.js';
import type { NodeMethod } from '../transport/types.js';
import { type BatchNews, type BatchOrder, newsFrame, RUN_BATCH, readOrder } from './batch-wire.js';
import { type PutSegment, putSegments } from './put-segments.js';

/** A segment file on this disk; it stays until it is released. */
export interface FetchedSegment {
  readonly path: string;
  release(): void;
}

export interface RunBatchOptions {
  readonly run: BatchRunner;
  readonly put: PutSegment;
  /** Brings a published segment here; `stored` is what the metadata say of it. */
  fetchSegment(stored: unknown, signal: AbortSignal): Promise<FetchedSegment>;
  removeFile(path: string): void;
  readonly logger: Logger;
}

/** How a realtime node builds segments for the leader: they are in deep storage when it has the result, and no longer here. */
export const runBatchMethod = (options: RunBatchOptions): NodeMethod => ({
  name: RUN_BATCH,
  servedBy: ['realtime'],
  calledBy: ['coordinator'],
  handle: async ({ message }, { signal }) => ({
    message: null,
    frames: newsOf(options, readOrder(message), signal),
  }),
});

/** Progress that nobody has read yet is replaced by later progress. */
async function* newsOf(
  options: RunBatchOptions,
  order: BatchOrder,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let latest: BatchNews | null = null;
  let wake: () => void = () => undefined;
  const tell = (news: BatchNews) => {
    latest = news;
    wake();
  };
  const job = runOrder(options, order, signal, tell);
  let isDone = false;
  const end = () => {
    isDone = true;
    wake();
  };
  job.then(end, end);
  while (!isDone) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (latest !== null || isDone) resolve();
    });
    const news = latest;
    latest = null;
    if (news !== null) yield newsFrame(news);
  }
  yield newsFrame({ kind: 'result', result: await job });
}

async function runOrder(
  { run, put, fetchSegment, removeFile, logger }: RunBatchOptions,
  { taskId, spec: json, chunkIntervals, slices }: BatchOrder,
  signal: AbortSignal,
  tell: (news: BatchNews) => void,
): Promise<BatchResult> {
  const spec = parseTaskSpec(json);
  const fetched: FetchedSegment[] = [];
  let built: BatchResult['segments'] = [];
  try {
    const local: { readonly path: string; readonly interval: Interval }[][] = [];
    for (const refs of slices) {
      const files: (typeof local)[number] = [];
      for (const { stored, interval } of refs) {
        const file = await fetchSegment(stored, signal);
        fetched.push(file);
        files.push({ path: file.path, interval });
      }
      local.push(files);
    }
    const result = await run({
      taskId,
      spec,
      chunkIntervals,
      slices: local,
      signal,
      onProgress: (progress) => tell({ kind: 'progress', progress }),
    });
    built = result.segments;
    const segments = await putSegments(put, spec.dataSource, built, signal, taskId);
    return { ...result, segments };
  } finally {
    for (const file of fetched) file.release();
    for (const { sealed } of built) {
      try {
        removeFile(sealed.path);
      } catch (error) {
        logger.warn({ path: sealed.path, err: error }, 'a built file could not be removed');
      }
    }
  }
}
