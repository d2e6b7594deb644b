import {
  type AutoCompaction,
  type CompactionSettings,
  dataLayout,
  MetadataStore,
  type RetentionRules,
  removeLeftOvers,
  SegmentInventory,
  type Supervisors,
  type TableInventory,
} from '../cluster/index.js';
import {
  type ArenaPool,
  type Clock,
  type Disk,
  InternalError,
  type Logger,
  RealDisk,
  steadyClock,
  systemClock,
  systemRandom,
} from '../core/index.js';
import {
  BatchThreads,
  type InputEnvironment,
  PushWorker,
  type PushWorkerSettings,
  Sampler,
  TaskManager,
} from '../ingest/index.js';
import { type QueryCaches, QueryEngine, SpillSpace, SqlEngine } from '../query/index.js';
import type { SegmentCache } from '../segments/index.js';
import { Advisor } from './advisor.js';
import { sqlCatalog } from './catalog.js';
import { openScanMeans } from './cluster/scan-means.js';
import type { Config } from './config.js';
import type { Lookups } from './lookups/lookups.js';
import { startLookups } from './lookups/start.js';
import { maintenanceOf } from './maintenance.js';
import { DeadLetters } from './push/dead-letters.js';
import { DeclaredTables } from './push/declared-tables.js';
import { pushHost } from './push/host.js';
import { Pushes } from './push/pushes.js';
import type { AskedQueries } from './queries/asked-queries.js';
import { openQueries } from './queries/open-queries.js';
import { openQueryCaches } from './query-caches.js';
import { closeQueryLog, openQueryLog, queryLogDuty } from './query-log.js';
import { systemTables } from './system-tables.js';

/** All roles of one process on one data directory. */
export interface VarveNode {
  readonly config: Config;
  readonly logger: Logger;
  readonly pool: ArenaPool;
  readonly cache: SegmentCache;
  /** Threads that scan. */
  readonly workers: number;
  readonly inventory: TableInventory;
  readonly queryCaches: QueryCaches;
  readonly engine: QueryEngine;
  readonly sql: SqlEngine;
  readonly tasks: TaskManager;
  readonly sampler: Sampler;
  readonly pushes: Pushes;
  readonly metadata: MetadataStore;
  readonly clock: Clock;
  readonly rules: RetentionRules;
  readonly compactionSettings: CompactionSettings;
  readonly compaction: AutoCompaction;
  readonly supervisors: Supervisors;
  readonly queries: AskedQueries;
  readonly advisor: Advisor;
  readonly lookups: Lookups;
  /** Cancels tasks, answers pushes that wait, ends the workers and closes the metadata store. */
  close(): Promise<void>;
}

/**
 * Opens a data directory (made when absent), locks it for this process, and starts the roles on it.
 * This is where the real clock, disk and chance come in. Throws UnavailableError when another
 * process has the directory.
 */
export async function startNode(
  config: Config,
  dataDir: string,
  logger: Logger,
): Promise<VarveNode> {
  const disk = new RealDisk({ onFatal: (error) => endProcess(logger, error) });
  const { metadataPath, segmentsDir, temporaryDir, queryLogPath } = dataLayout(dataDir);
  disk.makeDirectory(segmentsDir);
  const store = await MetadataStore.open({ type: 'sqlite', path: metadataPath }, systemClock);
  await removeLeftOvers(disk, dataDir, store, logger);
  const queryLog = openQueryLog(config.queryLog, queryLogPath, disk, systemClock, logger);

  const { executor, pool, cache, scratchBytes } = openScanMeans(config, disk);
  let pushWorker: PushWorker | null = null;
  const declared = new DeclaredTables();
  const inventory = await SegmentInventory.open({
    store,
    cache,
    disk,
    logger,
    dataDir,
    onUnused: (unused) => {
      for (const release of unused) pushWorker?.released(release);
    },
    declared: (dataSource) => declared.columns(dataSource),
    declaredStarTrees: (dataSource) => declared.starTrees(dataSource),
  });

  const limits = config.query;
  const queryCaches = openQueryCaches(limits.cache);
  const engine = new QueryEngine({
    tables: inventory,
    executor,
    clock: steadyClock,
    limits,
    logger,
    caches: queryCaches,
    spillSpace: new SpillSpace(disk, `${temporaryDir}/groups`, limits.maxSpillBytes),
    ...(queryLog && { onAnswer: (query, stats) => queryLog.add(query, stats) }),
  });
  const input = inputEnvironment(config, disk);
  const batches = new BatchThreads({
    localRoots: input.localRoots,
    httpHosts: input.httpHosts,
    maxEntityBytes: input.maxEntityBytes,
    segmentsDir,
    temporaryDir,
    memoryBytes: config.ingest.memoryBytes,
  });
  const tasks = new TaskManager({
    store: store.tasks,
    publisher: inventory,
    remover: inventory,
    run: batches.run,
    input,
    clock: systemClock,
    random: systemRandom,
    logger,
    slots: () => config.ingest.taskSlots,
  });
  await tasks.recover();
  const { maxBytes } = config.lookups;
  const { lookups, ...running } = await startLookups(store.settings, input, maxBytes, logger);
  const duties = [queryLogDuty(queryLog)];
  const maintenance = maintenanceOf(store, inventory, tasks, config, logger, duties);
  const close = async () => {
    await running.close();
    await maintenance.close();
    closeQueryLog(queryLog, logger);
    await tasks.close();
    await batches.close();
    await pushWorker?.close();
    await executor.close();
    await store.close();
  };
  try {
    // Rows of the push log are recovered here: when this is done, queries see them.
    pushWorker = await PushWorker.start(
      pushSettings(config, dataDir, scratchBytes),
      pushHost(inventory, declared),
      (why) => endProcess(logger, new InternalError(`the push worker ${why}`)),
    );
  } catch (error) {
    await close();
    throw error;
  }
  const letters = new DeadLetters({ engine, worker: pushWorker, sleep });
  const pushes = new Pushes({
    worker: pushWorker,
    catalog: inventory.pushCatalog,
    letters,
    queueBytes: config.push.queueBytes,
  });
  const queries = openQueries(config, executor.parallelism, logger);
  const { supervisors } = maintenance;
  const system = systemTables({ inventory, tasks, pushes, queries, supervisors, config });
  const sql = new SqlEngine({
    engine,
    catalog: sqlCatalog(inventory, declared, lookups),
    system,
    clock: systemClock,
  });

  maintenance.start();
  return {
    config,
    logger,
    pool,
    cache,
    workers: executor.parallelism,
    inventory,
    queryCaches,
    engine,
    sql,
    tasks,
    sampler: new Sampler(inventory, input),
    pushes,
    metadata: store,
    clock: systemClock,
    rules: maintenance.rules,
    compactionSettings: maintenance.compactionSettings,
    compaction: maintenance.compaction,
    supervisors,
    queries,
    advisor: new Advisor(engine, queryLog),
    lookups,
    close,
  };
}

export function inputEnvironment(config: Config, disk: Disk): InputEnvironment {
  return {
    disk,
    localRoots: config.localRoots.map((root) => disk.realPath(root)),
    httpHosts: config.httpHosts,
    fetch,
    maxEntityBytes: config.ingest.maxInputBytes,
    clock: systemClock,
  };
}

export function pushSettings(
  config: Config,
  dataDir: string,
  scratchBytes: number,
): PushWorkerSettings {
  const { segmentsDir, pushLogDir, piecesDir } = dataLayout(dataDir);
  const { queueBytes, memoryBytes, logBytes, logFileBytes } = config.push;
  return {
    logDir: pushLogDir,
    piecesDir,
    segmentsDir,
    limits: { queueBytes, memoryBytes, logBytes, logFileBytes },
    arenaBytes: config.memory.arenaBytes,
    scratchBytes,
    sealBytes: config.ingest.memoryBytes,
    logLevel: config.logLevel,
  };
}

export const sleep = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/**
 * After a failed sync nobody knows what the disk holds, nor what a push worker had done that is gone: the process ends,
 * and start-up reads the disk again.
 */
export function endProcess(logger: Logger, error: Error): never {
  logger.fatal({ err: error }, 'the process ends; restart it to recover');
  process.exit(70);
}
