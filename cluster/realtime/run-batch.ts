import type { Logger } from '../../core/index.js';
import { type BatchResult, type BatchRunner, parseTaskSpec } from '../../ingest/index.js';
import type { NodeMethod } from '../transport/types.js';
import { type BatchNews, type BatchOrder, newsFrame, RUN_BATCH, readOrder } from './batch-wire.js';
import { type PutSegment, putSegments } from './put-segments.js';

export interface RunBatchOptions {
  /** Fetches what is read of tables; see `readingBatchRunner`. */
  readonly run: BatchRunner;
  readonly put: PutSegment;
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
  { run, put, removeFile, logger }: RunBatchOptions,
  { taskId, spec: json, chunkIntervals, slices }: BatchOrder,
  signal: AbortSignal,
  tell: (news: BatchNews) => void,
): Promise<BatchResult> {
  const spec = parseTaskSpec(json);
  let built: BatchResult['segments'] = [];
  try {
    const result = await run({
      taskId,
      spec,
      chunkIntervals,
      slices: slices.map((refs) => refs.map((ref) => ({ path: '', ...ref }))),
      signal,
      onProgress: (progress) => tell({ kind: 'progress', progress }),
    });
    built = result.segments;
    const segments = await putSegments(put, spec.dataSource, built, signal, taskId);
    return { ...result, segments };
  } finally {
    for (const { sealed } of built) {
      try {
        removeFile(sealed.path);
      } catch (error) {
        logger.warn({ path: sealed.path, err: error }, 'a built file could not be removed');
      }
    }
  }
}
