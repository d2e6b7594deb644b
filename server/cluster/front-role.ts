import {
  type BrokerTables,
  ClusterInventory,
  type ClusterNodes,
  CoordinatorLoop,
  CoordinatorSettings,
  type Follower,
  HistoricalLink,
  type MetadataStore,
  type NodeClient,
  type NodeRecord,
  type ObjectStore,
  type PushRouter,
  type PutSegment,
  RoundRecord,
  remoteBatchRunner,
  type Scatter,
  type TableFiles,
  type ToldTable,
} from '../../cluster/index.js';
import {
  type Disk,
  every,
  type Logger,
  steadyClock,
  systemClock,
  systemRandom,
} from '../../core/index.js';
import { type BatchRunner, Sampler, TaskManager } from '../../ingest/index.js';
import { QueryEngine, SpillSpace, SqlEngine } from '../../query/index.js';
import { Advisor } from '../advisor.js';
import { sqlCatalog } from '../catalog.js';
import type { Config } from '../config.js';
import type { ClusterView } from '../http/coordinator/cluster-view.js';
import type { MetricSource } from '../http/metrics.js';
import { startLookups } from '../lookups/start.js';
import { maintenanceOf } from '../maintenance.js';
import { inputEnvironment, sleep, type VarveNode } from '../node.js';
import { DeadLetters } from '../push/dead-letters.js';
import type { DeclaredTables } from '../push/declared-tables.js';
import { Pushes } from '../push/pushes.js';
import { openQueries } from '../queries/open-queries.js';
import { openQueryCaches } from '../query-caches.js';
import { systemTables } from '../system-tables.js';
import type { ClusterConfig } from './cluster-config.js';
import { coordinatorMetrics, gatherMetrics, viewMetrics } from './cluster-metrics.js';
import { heardAll } from './heard-all.js';
import { leaderTasks } from './leader-tasks.js';
import { Leadership } from './leadership.js';
import { lookupStates } from './lookup-nodes.js';
import { memberServers } from './member-servers.js';
import { memberView } from './member-view.js';
import { OrphanSweeps } from './orphan-sweeps.js';
import type { ScanMeans } from './scan-means.js';
import { ServedSegments } from './served-segments.js';
import { storedBatchRunner } from './stored-batches.js';
import { TaskWorkers } from './task-workers.js';

/** What the nodes that answer clients stand on. */
export interface FrontMeans extends ScanMeans {
  readonly self: NodeRecord;
  readonly disk: Disk;
  readonly logger: Logger;
  readonly store: MetadataStore;
  readonly client: NodeClient;
  readonly nodes: ClusterNodes;
  readonly follower: Follower<ToldTable>;
  readonly tables: BrokerTables;
  readonly scatter: Scatter;
  readonly declared: DeclaredTables;
  readonly router: PushRouter;
  readonly build: BatchRunner;
  readonly put: PutSegment;
  readonly deep: ObjectStore;
  readonly clusterId: string;
  readonly files: TableFiles;
}

export interface FrontRole {
  readonly node: VarveNode;
  readonly view: ClusterView;
  readonly metrics: MetricSource;
}

/** How long a historical may take to answer the leader. */
const ORDER_DEADLINE_MS = 10_000;

/** Brokers and coordinators: the same parts over the same metadata, of which the leader alone changes anything. */
export async function startFront(
  config: Config,
  cluster: ClusterConfig,
  dataDir: string,
  means: FrontMeans,
): Promise<FrontRole> {
  const { disk, logger, store, tables, declared, executor, pool, cache, nodes, files } = means;
  const inventory = new ClusterInventory({
    tables,
    store: () => leadership.store,
    declaredStarTrees: (name) => declared.starTrees(name),
    directory: (segment, signal) => files.directory(segment, signal),
  });
  const limits = config.query;
  const queryCaches = openQueryCaches(limits.cache);
  const engine = new QueryEngine({
    tables,
    executor,
    clock: steadyClock,
    limits,
    logger,
    caches: queryCaches,
    spillSpace: new SpillSpace(disk, `${dataDir}/tmp/groups`, limits.maxSpillBytes),
  });
  const input = inputEnvironment(config, disk);
  const settings = new CoordinatorSettings(store.settings);
  const workers = new TaskWorkers(nodes, means.self, config.ingest.taskSlots, settings);
  const tasks = new TaskManager({
    store: leaderTasks(store, () => leadership.store),
    publisher: inventory,
    remover: inventory,
    run: remoteBatchRunner({
      client: means.client,
      slots: workers.slots,
      urlOf: (host) => workers.urlOf(host),
      runHere: storedBatchRunner(means.build, means.put, disk),
      logger,
    }),
    input,
    clock: systemClock,
    random: systemRandom,
    logger,
    slots: () => workers.slots.count,
    runsLostAgain: true,
  });
  const stopListening = nodes.listen(() => tasks.slotsChanged());
  const leadership = new Leadership({
    store,
    node: means.self.name,
    incarnation: means.self.incarnation,
    isCandidate: cluster.roles.includes('coordinator'),
    beatMs: cluster.beatMs,
    lostAfterMs: cluster.lostAfterMs,
    logger,
    onLead: () => tasks.recover(),
    // The next leader runs them again.
    onLose: () => tasks.abandon('another node leads the cluster now, and runs the task'),
    steadyClock,
  });
  const { maxBytes } = config.lookups;
  const { lookups, ...running } = await startLookups(store.settings, input, maxBytes, logger);
  const maintenance = maintenanceOf(store, inventory, tasks, config, logger);
  const { rules } = maintenance;
  const link = new HistoricalLink({
    client: means.client,
    historicals: () => nodes.alive('historical'),
    used: () => tables.segments(),
    rules,
    settings,
    epoch: () => leadership.epoch,
    nowMs: () => systemClock.nowMs(),
    steadyClock,
    logger,
    deadlineMs: ORDER_DEADLINE_MS,
  });
  const orphans = new OrphanSweeps({
    config: cluster.orphans,
    clusterId: means.clusterId,
    deep: means.deep,
    store: () => leadership.store,
    nodes,
    steadyClock,
    logger,
  });
  const rounds = new RoundRecord();
  const loop = new CoordinatorLoop({
    link,
    duties: [orphans],
    clock: systemClock,
    steadyClock,
    random: systemRandom,
    logger,
    onRound: (report) => rounds.add(report),
  });
  const served = new ServedSegments(tables, means.follower.view);
  const hasHeard = heardAll(means.follower, steadyClock, cluster.lostAfterMs);
  const view = memberView({
    nodes,
    served,
    tables,
    leadership,
    link,
    rules,
    workers,
    pushTables: store.pushTables,
    lookups: () => lookupStates({ ...means, lookups }),
    isReady: () => tables.isReady && hasHeard(),
  });
  const serving = memberServers(nodes, means.follower.view, served, leadership, view.wanted);
  const { router } = means;
  const letters = new DeadLetters({ engine, worker: router, sleep });
  const catalog = store.pushTables.ofLog(means.self.name);
  const { queueBytes } = config.push;
  const pushes = new Pushes({ worker: router, catalog, letters, queueBytes });
  const queries = openQueries(config, executor.parallelism, logger);
  const sql = new SqlEngine({
    engine,
    catalog: sqlCatalog(inventory, declared, lookups),
    system: systemTables(inventory, tasks, pushes, queries, config, serving),
    clock: systemClock,
  });
  await leadership.start();
  loop.start(cluster.roundMs);
  const stopLookups = every(cluster.beatMs, () => {
    lookups.refresh().catch((err: unknown) => logger.warn({ err }, 'lookups could not be read'));
  });
  const stopDuties = every(config.duties.periodMs, () => {
    if (leadership.epoch !== null) void maintenance.run();
  });
  const node: VarveNode = {
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
    sampler: new Sampler(inventory, input, (stored, signal) => files.fetch(stored, signal)),
    pushes,
    metadata: store,
    clock: systemClock,
    rules,
    compactionSettings: maintenance.compactionSettings,
    compaction: maintenance.compaction,
    queries,
    advisor: new Advisor(engine, null),
    lookups,
    async close() {
      stopDuties();
      stopListening();
      stopLookups();
      await running.close();
      await loop.close();
      await orphans.close();
      await maintenance.close();
      await tasks.close();
      await leadership.close();
    },
  };
  const coordinated = () => {
    const active = tasks.active().length;
    const slots = workers.slots.count;
    return coordinatorMetrics(leadership.epoch !== null, rounds, link, { active, slots });
  };
  const metrics = () => [
    ...viewMetrics(tables, means.follower),
    ...gatherMetrics(means.scatter.loads.counts),
    ...(cluster.roles.includes('coordinator') ? coordinated() : []),
  ];
  return { node, view, metrics };
}
