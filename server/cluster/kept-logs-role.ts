import {
  copyMethods,
  KeptLogs,
  type LogHold,
  publishLog,
  RealtimeTables,
} from '../../cluster/index.js';
import { InternalError, steadyClock, systemRandom, systemTimers } from '../../core/index.js';
import { CopiesThread, type PushWorker } from '../../ingest/index.js';
import { Duties } from '../duties.js';
import { endProcess } from '../node.js';
import { type NodeMeans, realtimeUrls } from './node-means.js';
import { startPushWorker } from './push-worker-of.js';

/** What is known of all tables, beside a group of commands. */
const CHECKPOINT_BYTES = 256 << 20;

/** Keeps copies of the logs of other realtime nodes, and takes over those of nodes that are lost. */
export function keepLogs(means: NodeMeans): KeptLogs {
  const { config, cluster, self, dataDir, logger, store, nodes, methods, closing } = means;
  const copies = new CopiesThread(`${dataDir}/copies`, (why) =>
    endProcess(logger, new InternalError(`the thread that keeps copies of logs ${why}`)),
  );
  closing.add(() => copies.end());
  const kept = new KeptLogs({
    self: self.name,
    copies,
    logs: store.pushLogs,
    isAlive: (node) => nodes.node(node) !== null,
    publish: (hold, directory) => publishTaken(means, hold, directory),
    clock: steadyClock,
    logger,
    takeOverAfterMs: cluster.takeOverAfterMs,
  });
  for (const method of copyMethods(kept, config.push.queueBytes + CHECKPOINT_BYTES)) {
    methods.add(method);
  }
  const duties = new Duties([{ name: 'kept-logs', run: () => kept.round() }], steadyClock, logger);
  duties.start(cluster.beatMs);
  closing.add(() => duties.close());
  return kept;
}

/** Publishes the rest of a log whose node is lost, without showing it: brokers wait for that, or refuse. */
async function publishTaken(
  means: NodeMeans,
  hold: LogHold,
  logDir: string,
): Promise<readonly string[]> {
  const { dataDir, store, closing } = means;
  let worker: PushWorker | null = null;
  // Nobody reads them, but they are released as if somebody did.
  const parts = new RealtimeTables({
    cache: means.cache,
    timers: systemTimers,
    random: systemRandom,
    announcer: { setLive: () => undefined },
    onUnused: (unused) => {
      for (const release of unused) worker?.released(release);
    },
    graceMs: 0,
  });
  worker = await startPushWorker(means, {
    hold,
    places: { logDir, piecesDir: `${dataDir}/tmp/taken/${hold.log}` },
    announce: (update) => parts.update(update),
    signal: closing.signal,
  });
  try {
    const tables = store.pushTables;
    return await publishLog({ hold, tables, worker, nodes: () => [...realtimeUrls(means).keys()] });
  } finally {
    await worker.close();
  }
}
