import {
  chunkIntervalsOf,
  handoffHost,
  OwnedTables,
  type PartSource,
  pushMethods,
  RealtimeTables,
  runBatchMethod,
} from '../../cluster/index.js';
import { InternalError, systemRandom, systemTimers } from '../../core/index.js';
import { PushWorker } from '../../ingest/index.js';
import { endProcess, pushSettings } from '../node.js';
import { type NodeMeans, realtimeUrls } from './node-means.js';

export interface RealtimeRole {
  readonly parts: PartSource;
  readonly owned: OwnedTables;
}

/** Takes pushed rows of the tables that are this node's, shows them, and builds segments: of those rows, and for the leader. */
export async function startRealtime(means: NodeMeans): Promise<RealtimeRole> {
  const { config, self, disk, logger, store, announcer, methods, owners, writer } = means;
  const { put } = writer;
  const removeFile = (path: string) => disk.remove(path);
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
  worker = await startWorker(means, parts);
  const owned = new OwnedTables({
    self: self.name,
    owners,
    tables: store.pushTables,
    worker,
    others: () => [...realtimeUrls(means).keys()].filter((other) => other !== self.name),
    logger,
  });
  for (const method of pushMethods(owned, config.push.queueBytes)) methods.add(method);
  methods.add(runBatchMethod({ run: means.build, put, removeFile, logger }));
  return { parts, owned };
}

async function startWorker(means: NodeMeans, parts: RealtimeTables): Promise<PushWorker> {
  const { config, dataDir, self, disk, logger, store, writer, closing } = means;
  // Not that of `closing`: rows are handed off when the node ends.
  const ending = new AbortController();
  const worker = await PushWorker.start(
    { ...pushSettings(config, dataDir, means.scratchBytes), segmentsDir: `${dataDir}/made` },
    handoffHost({
      catalog: store.pushTables.ofLog(self.name),
      chunkIntervals: async (dataSource) => chunkIntervalsOf(await store.segments.used(dataSource)),
      put: writer.put,
      release: (segments) => writer.release(segments),
      removeFile: (path) => disk.remove(path),
      announce: (update) => parts.update(update),
      timers: systemTimers,
      random: systemRandom,
      logger,
      signal: ending.signal,
    }),
    (why) => endProcess(logger, new InternalError(`the push worker ${why}`)),
  );
  closing.add(async () => {
    ending.abort(new InternalError('the node ends'));
    await worker.close();
  });
  return worker;
}
