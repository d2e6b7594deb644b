import { InternalError, type Logger } from '../../core/index.js';
import type { BatchJob, BatchResult, BatchRunner } from '../../ingest/index.js';
import type { NodeRecord } from '../membership/node-record.js';
import type { NodeSilence } from '../membership/node-silence.js';
import type { NodeClient } from '../transport/node-client.js';
import { PeerUnavailableError } from '../transport/types.js';
import type { BatchSlots } from './batch-slots.js';
import { batchOrder, RUN_BATCH, readNews } from './batch-wire.js';

export interface RemoteBatchOptions {
  readonly client: Pick<NodeClient, 'call'>;
  readonly slots: Pick<BatchSlots, 'take'>;
  /** The node that a worker is; null: jobs for it run here. */
  nodeOf(host: string): Pick<NodeRecord, 'name' | 'url'> | null;
  /** See `silenceOf`. */
  silenceOf(node: string): NodeSilence;
  readonly runHere: BatchRunner;
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
  const { slots, logger, tries = 3 } = options;
  return async (job) => {
    const lost = new Set<string>();
    for (let tried = 1; ; tried++) {
      const slot = await slots.take({ ...wishOf(job), lost });
      try {
        const node = options.nodeOf(slot.host);
        return await (node === null ? options.runHere(job) : runAt(options, node, job));
      } catch (error) {
        if (!(error instanceof PeerUnavailableError) || tried === tries) throw error;
        lost.add(slot.host);
        logger.warn(
          { task: job.taskId, worker: slot.host, err: error },
          'a node that ran a job is lost; another one runs it again',
        );
      } finally {
        slot.release();
      }
    }
  };
}

const wishOf = ({ taskId, spec: { dataSource }, signal }: BatchJob) => ({
  taskId,
  dataSource,
  signal,
});

/** Waits as long as the node lives. Throws PeerUnavailableError where it is lost. */
async function runAt(
  { client, silenceOf }: RemoteBatchOptions,
  { name, url }: Pick<NodeRecord, 'name' | 'url'>,
  job: BatchJob,
): Promise<BatchResult> {
  const silence = silenceOf(name);
  try {
    return await runOn(client, url, job, AbortSignal.any([job.signal, silence.signal]));
  } catch (error) {
    if (!silence.signal.aborted || error !== silence.signal.reason) throw error;
    throw new PeerUnavailableError(url, 'says nothing any more', true, error);
  } finally {
    silence.end();
  }
}

async function runOn(
  client: RemoteBatchOptions['client'],
  url: string,
  job: BatchJob,
  signal: AbortSignal,
): Promise<BatchResult> {
  const limits = { deadlineMs: DEADLINE_MS, signal };
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
