import {
  ClusterInventory,
  CoordinatorLoop,
  CoordinatorSettings,
  HistoricalLink,
  type MetadataStore,
  RoundRecord,
  remoteBatchRunner,
  silenceOf,
} from '../../cluster/index.js';
import { every, steadyClock, systemClock, systemRandom } from '../../core/index.js';
import { type InputEnvironment, TaskManager } from '../../ingest/index.js';
import type { Metric } from '../http/metric.js';
import { type Maintenance, maintenanceOf } from '../maintenance.js';
import { coordinatorMetrics } from './cluster-metrics.js';
import type { ClusterTables } from './cluster-tables.js';
import { Leadership } from './leadership.js';
import type { NodeMeans } from './node-means.js';
import { OrphanSweeps } from './orphan-sweeps.js';
import { storedBatchRunner } from './stored-batches.js';
import { TaskWorkers } from './task-workers.js';

/** What the node that leads does; the others have the same, and it rests. */
export interface LeaderRole {
  /** The metadata: every node may read them, and who leads may change them. */
  readonly metadata: MetadataStore;
  readonly inventory: ClusterInventory;
  readonly tasks: TaskManager;
  readonly leadership: Leadership;
  readonly workers: TaskWorkers;
  readonly maintenance: Maintenance;
  readonly link: HistoricalLink;
  metrics(): Metric[];
}

/** How long a historical may take to answer the leader. */
const ORDER_DEADLINE_MS = 10_000;

/** Tasks, rules, replicas and left-overs of the cluster: all nodes can be asked about them, one leads. */
export async function startLeaderRole(
  means: NodeMeans & ClusterTables,
  input: InputEnvironment,
): Promise<LeaderRole> {
  const { config, cluster, store, tables, nodes, logger, closing } = means;
  const inventory = new ClusterInventory({
    tables,
    store: () => leadership.store,
    declaredStarTrees: (name) => means.declared.starTrees(name),
    directory: (segment, signal) => means.files.directory(segment, signal),
  });
  const metadata = store.asLeader(() => leadership.lease);
  const settings = new CoordinatorSettings(metadata.settings);
  const workers = new TaskWorkers(nodes, means.self, config.ingest.taskSlots, settings);
  const tasks = tasksOf({ ...means, store: metadata }, workers, inventory, input);
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
  const maintenance = maintenanceOf(metadata, inventory, tasks, config, logger);
  const link = new HistoricalLink({
    client: means.client,
    historicals: () => nodes.alive('historical'),
    used: () => tables.segments(),
    rules: maintenance.rules,
    settings,
    epoch: () => leadership.epoch,
    nowMs: () => systemClock.nowMs(),
    steadyClock,
    logger,
    deadlineMs: ORDER_DEADLINE_MS,
  });
  closing.add(() => leadership.close());
  closing.add(() => tasks.close());
  closing.add(() => maintenance.close());
  await leadership.start();
  const rounds = startRounds(means, leadership, link);
  closing.add(nodes.listen(() => tasks.slotsChanged()));
  closing.add(
    every(config.duties.periodMs, () => {
      if (leadership.epoch !== null) void maintenance.run();
    }),
  );
  const metrics = () => {
    const work = { active: tasks.active().length, slots: workers.slots.count };
    return coordinatorMetrics(leadership.epoch !== null, rounds, link, work);
  };
  return { metadata, inventory, tasks, leadership, workers, maintenance, link, metrics };
}

function tasksOf(
  { client, nodes, store, build, writer, disk, logger }: NodeMeans,
  workers: TaskWorkers,
  inventory: ClusterInventory,
  input: InputEnvironment,
): TaskManager {
  return new TaskManager({
    store: store.tasks,
    publisher: inventory,
    remover: inventory,
    run: remoteBatchRunner({
      client,
      slots: workers.slots,
      nodeOf: (host) => workers.nodeOf(host),
      silenceOf: (node) => silenceOf(nodes, node),
      runHere: storedBatchRunner(build, writer.put, disk),
      logger,
    }),
    input,
    clock: systemClock,
    random: systemRandom,
    logger,
    slots: () => workers.slots.count,
    runsLostAgain: true,
  });
}

/** The leader's rounds over what is served, and its sweeps of deep storage. */
function startRounds(
  { cluster, clusterId, deep, nodes, logger, closing }: NodeMeans,
  leadership: Leadership,
  link: HistoricalLink,
): RoundRecord {
  const orphans = new OrphanSweeps({
    config: cluster.orphans,
    clusterId,
    deep,
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
  closing.add(() => orphans.close());
  closing.add(() => loop.close());
  loop.start(cluster.roundMs);
  return rounds;
}
