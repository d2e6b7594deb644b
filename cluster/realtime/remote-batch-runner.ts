import { InternalError, type Logger } from '../../core/index.js';
import type { BatchJob, BatchResult, BatchRunner } from '../../ingest/index.js';
import type { NodeClient } from '../transport/node-client.js';
import { PeerUnavailableError } from '../transport/types.js';
import { batchOrder, RUN_BATCH, readNews } from './batch-wire.js';

/** A place for one job on a live realtime node. */
export interface BatchSlot {
  readonly node: string;
  readonly url: string;
  release(): void;
}

export interface RemoteBatchOptions {
  readonly client: Pick<NodeClient, 'call'>;
  /** Waits for a free slot, on another node than those that were lost where there is one. Rejects with the signal's reason. */
  takeSlot(lost: ReadonlySet<string>, signal: AbortSignal): Promise<BatchSlot>;
  readonly logger: Logger;
  /** On how many nodes a job is tried. */
  readonly tries?: number;
}

/** A job ends by itself, or with its task: as long as a timer can be set for. */
const DEADLINE_MS = 2 ** 31 - 1;

/**
 * Runs jobs on realtime nodes. When a node is lost the job goes to another one; files that the first one made are in deep
 * storage at most, where no metadata names them. Errors of the job itself are the task's.
 */
export function remoteBatchRunner(options: RemoteBatchOptions): BatchRunner {
  const { takeSlot, logger, tries = 3 } = options;
  return async (job) => {
    const lost = new Set<string>();
    for (let tried = 1; ; tried++) {
      const slot = await takeSlot(lost, job.signal);
      try {
        return await runAt(options.client, slot.url, job);
      } catch (error) {
        if (!(error instanceof PeerUnavailableError) || tried === tries) throw error;
        lost.add(slot.node);
        logger.warn(
          { task: job.taskId, node: slot.node, err: error },
          'a node that ran a job is lost; another one runs it again',
        );
      } finally {
        slot.release();
      }
    }
  };
}

async function runAt(
  client: RemoteBatchOptions['client'],
  url: string,
  job: BatchJob,
): Promise<BatchResult> {
  const limits = { deadlineMs: DEADLINE_MS, signal: job.signal };
  const { frames } = await client.call(url, RUN_BATCH, { message: batchOrder(job) }, limits);
  let result: BatchResult | null = null;
  for await (const frame of frames) {
    const news = readNews(frame);
    if (news.kind === 'progress') job.onProgress(news.progress);
    else result = news.result;
  }
  if (result === null)
    throw new InternalError(`node ${url} ended job ${job.taskId} without a result`);
  return result;
}
