import {
  type Announcer,
  chunkIntervalsOf,
  type HandoffHostOptions,
  handoffHost,
  type MetadataStore,
  type NodeMethods,
  type NodeRecord,
  OwnedTables,
  type PartSource,
  type PutSegment,
  pushMethods,
  RealtimeTables,
  runBatchMethod,
  type TableOwners,
  type ToldTable,
} from '../../cluster/index.js';
import {
  type Disk,
  InternalError,
  type Logger,
  systemRandom,
  systemTimers,
} from '../../core/index.js';
import { type BatchRunner, PushWorker } from '../../ingest/index.js';
import type { Config } from '../config.js';
import { endProcess, pushSettings } from '../node.js';
import type { ScanMeans } from './scan-means.js';

export interface RealtimeMeans extends ScanMeans {
  readonly self: NodeRecord;
  readonly disk: Disk;
  readonly logger: Logger;
  readonly store: MetadataStore;
  readonly announcer: Announcer<ToldTable>;
  readonly methods: NodeMethods;
  readonly owners: TableOwners;
  readonly put: PutSegment;
  readonly release: HandoffHostOptions['release'];
  readonly build: BatchRunner;
  /** The names of other realtime nodes that are alive. */
  others(): readonly string[];
}

export interface RealtimeRole {
  readonly parts: PartSource;
  readonly owned: OwnedTables;
  close(): Promise<void>;
}

/** Takes pushed rows of the tables that are this node's, shows them, and builds segments: of those rows, and for the leader. */
export async function startRealtime(
  config: Config,
  dataDir: string,
  means: RealtimeMeans,
): Promise<RealtimeRole> {
  const { self, disk, logger, store, announcer, methods, owners, put } = means;
  const ending = new AbortController();
  const removeFile = (path: string) => disk.remove(path);
  let worker: PushWorker | null = null;
  const tables = new RealtimeTables({
    cache: means.cache,
    timers: systemTimers,
    random: systemRandom,
    announcer: { setLive: (live) => announcer.announce({ live }) },
    onUnused: (unused) => {
      for (const release of unused) worker?.released(release);
    },
  });
  const settings = pushSettings(config, dataDir, means.scratchBytes);
  worker = await PushWorker.start(
    { ...settings, segmentsDir: `${dataDir}/made` },
    handoffHost({
      catalog: store.pushTables.ofLog(self.name),
      chunkIntervals: async (dataSource) => chunkIntervalsOf(await store.segments.used(dataSource)),
      put,
      release: means.release,
      removeFile,
      announce: (update) => tables.update(update),
      timers: systemTimers,
      random: systemRandom,
      logger,
      signal: ending.signal,
    }),
    (why) => endProcess(logger, new InternalError(`the push worker ${why}`)),
  );
  const { others } = means;
  const pushTables = store.pushTables;
  const own = { self: self.name, owners, tables: pushTables, worker, others, logger };
  const owned = new OwnedTables(own);
  for (const method of pushMethods(owned, config.push.queueBytes)) methods.add(method);
  methods.add(runBatchMethod({ run: means.build, put, removeFile, logger }));
  return {
    parts: tables,
    owned,
    async close() {
      ending.abort(new InternalError('the node ends'));
      await worker.close();
    },
  };
}
