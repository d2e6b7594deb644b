import {
  claimLog,
  dataLayout,
  type KeptLogs,
  type LogHold,
  LogStandbys,
  OwnedTables,
  type PartSource,
  pushMethods,
  RealtimeTables,
  runBatchMethod,
  StandbyDuty,
} from '../../cluster/index.js';
import {
  FencedError,
  InternalError,
  steadyClock,
  systemRandom,
  systemTimers,
  uuid,
} from '../../core/index.js';
import { logIdIn, type PushWorker } from '../../ingest/index.js';
import { Duties } from '../duties.js';
import { endProcess } from '../node.js';
import { keepLogs } from './kept-logs-role.js';
import { type NodeMeans, realtimeUrls } from './node-means.js';
import { startPushWorker } from './push-worker-of.js';

export interface RealtimeRole {
  readonly parts: PartSource;
  readonly owned: OwnedTables;
  readonly standbys: LogStandbys;
  readonly kept: KeptLogs;
  /** Publishes, and gives the tables of this node away. */
  leave(): Promise<void>;
}

/** Takes pushed rows of the tables that are this node's, shows them, and builds segments: of those rows, and for the leader. */
export async function startRealtime(means: NodeMeans): Promise<RealtimeRole> {
  const { config, self, disk, logger, store, announcer, methods, owners, writer } = means;
  const { put } = writer;
  const removeFile = (path: string) => disk.remove(path);
  // First: nodes may wait for each other's logs to be taken over.
  const kept = keepLogs(means);
  const hold = await claim(means);
  let worker: PushWorker | null = null;
  const parts = new RealtimeTables({
    cache: means.cache,
    timers: systemTimers,
    random: systemRandom,
    announcer: { setLive: (live) => announcer.announce({ live }) },
    onUnused: (unused) => {
      for (const release of unused) worker?.released(release);
    },
  });
  // Not that of `closing`: rows are taken, copied and handed off while the node leaves.
  const ending = new AbortController();
  const standbys = standbysOf(means, hold, ending.signal);
  worker = await startPushWorker(means, {
    hold,
    announce: (update) => parts.update(update),
    copies: standbys,
    signal: ending.signal,
  });
  means.closing.add(async () => {
    ending.abort(new InternalError('the node ends'));
    await worker?.close();
  });
  const duties = lookForStandbys(means, hold, standbys, worker);
  const owned = new OwnedTables({
    self: self.name,
    hold,
    owners,
    tables: store.pushTables,
    worker,
    others: () => [...realtimeUrls(means).keys()].filter((other) => other !== self.name),
    logger,
  });
  for (const method of pushMethods(owned, config.push.queueBytes)) methods.add(method);
  methods.add(runBatchMethod({ run: means.build, put, removeFile, logger }));
  const leave = async () => {
    const isPublished = await owned.drain();
    await duties.close();
    // Else a standby publishes what is left.
    if (isPublished) await store.pushLogs.release(hold);
  };
  return { parts, owned, standbys, kept, leave };
}

/** Makes this node the holder of its log, as soon as no other one has it. */
function claim({ self, store, disk, dataDir, cluster, logger, closing }: NodeMeans) {
  const { pushLogDir } = dataLayout(dataDir);
  return claimLog({
    logs: store.pushLogs,
    log: self.name,
    logId: () => logIdIn(disk, pushLogDir),
    discard: () => disk.removeTree(pushLogDir),
    timers: systemTimers,
    logger,
    signal: closing.signal,
    pauseMs: cluster.beatMs,
  });
}

const standbysOf = (means: NodeMeans, hold: LogHold, signal: AbortSignal): LogStandbys =>
  new LogStandbys({
    hold,
    logs: means.store.pushLogs,
    client: means.client,
    urlOf: (node) => realtimeUrls(means).get(node) ?? null,
    newSession: () => uuid(systemRandom),
    timers: systemTimers,
    logger: means.logger,
    signal,
  });

/** Looks again and again whether the log has its standbys, and is still this node's: else the process ends, and begins anew. */
function lookForStandbys(
  means: NodeMeans,
  hold: LogHold,
  standbys: LogStandbys,
  worker: PushWorker,
): Duties {
  const { cluster, store, logger, closing } = means;
  const duty = new StandbyDuty({
    hold,
    logs: store.pushLogs,
    standbys,
    wanted: cluster.pushCopies - 1,
    nodes: () => [...realtimeUrls(means).keys()],
    add: (node) => worker.addStandby(node),
    clock: steadyClock,
    logger,
  });
  const run = async () => {
    try {
      await duty.round();
    } catch (error) {
      if (error instanceof FencedError) endProcess(logger, error);
      throw error;
    }
  };
  const duties = new Duties([{ name: 'standbys', run }], steadyClock, logger);
  duties.start(cluster.beatMs);
  closing.add(() => duties.close());
  return duties;
}
