import { every, steadyClock, systemClock } from '../../core/index.js';
import { type InputEnvironment, Sampler } from '../../ingest/index.js';
import { QueryEngine, SpillSpace, SqlEngine } from '../../query/index.js';
import { Advisor } from '../advisor.js';
import { sqlCatalog } from '../catalog.js';
import type { ClusterView } from '../http/coordinator/cluster-view.js';
import type { MetricSource } from '../http/metrics.js';
import type { Lookups } from '../lookups/lookups.js';
import { startLookups } from '../lookups/start.js';
import { inputEnvironment, sleep, type VarveNode } from '../node.js';
import { DeadLetters } from '../push/dead-letters.js';
import { Pushes } from '../push/pushes.js';
import { openQueries } from '../queries/open-queries.js';
import { openQueryCaches } from '../query-caches.js';
import { systemTables } from '../system-tables.js';
import { gatherMetrics, viewMetrics } from './cluster-metrics.js';
import type { ClusterTables } from './cluster-tables.js';
import { heardAll } from './heard-all.js';
import { startLeaderRole } from './leader-role.js';
import { lookupStates } from './lookup-nodes.js';
import { memberServers } from './member-servers.js';
import { memberView } from './member-view.js';
import type { NodeMeans } from './node-means.js';
import { ServedSegments } from './served-segments.js';

export interface FrontRole {
  readonly node: VarveNode;
  readonly view: ClusterView;
  readonly metrics: MetricSource;
}

/** What answers clients: the same parts over the same metadata on every node, of which the leader alone changes anything. */
export async function startFront(means: NodeMeans & ClusterTables): Promise<FrontRole> {
  const { config, cluster, dataDir, closing, follower, self } = means;
  const { disk, logger, store, tables, declared, executor, pool, cache, nodes, files } = means;
  const input = inputEnvironment(config, disk);
  const leader = await startLeaderRole(means, input);
  const { metadata, inventory, tasks, leadership, workers, maintenance, link } = leader;
  const { rules, supervisors } = maintenance;
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
  const lookups = await followLookups({ ...means, store: metadata }, input);
  const served = new ServedSegments(tables, follower.view);
  const hasHeard = heardAll(follower, steadyClock, cluster.lostAfterMs);
  const view = memberView({
    nodes,
    served,
    tables,
    leadership,
    link,
    rules,
    workers,
    pushTables: store.pushTables,
    pushLogs: store.pushLogs,
    lookups: () => lookupStates({ ...means, lookups }),
    isReady: () => tables.isReady && hasHeard(),
  });
  const pushes = pushesOf(means, engine);
  const queries = openQueries(config, executor.parallelism, logger);
  const serving = memberServers(nodes, follower.view, served, leadership, view.wanted);
  const sql = new SqlEngine({
    engine,
    catalog: sqlCatalog(inventory, declared, lookups),
    system: systemTables({ inventory, tasks, pushes, queries, supervisors, config, serving }),
    clock: systemClock,
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
    metadata,
    clock: systemClock,
    rules,
    compactionSettings: maintenance.compactionSettings,
    compaction: maintenance.compaction,
    supervisors,
    queries,
    advisor: new Advisor(engine, null),
    lookups,
    close: () => closing.close(),
  };
  const metrics = () => [
    ...viewMetrics(tables, follower),
    ...gatherMetrics(means.scatter.loads.counts),
    ...(self.roles.includes('coordinator') ? leader.metrics() : []),
  ];
  return { node, view, metrics };
}

/** Lookups as the metadata have them; what another node changes is seen soon. */
async function followLookups(
  { config, cluster, store, logger, closing }: NodeMeans,
  input: InputEnvironment,
): Promise<Lookups> {
  const { maxBytes } = config.lookups;
  const { lookups, close } = await startLookups(store.settings, input, maxBytes, logger);
  closing.add(close);
  closing.add(
    every(cluster.beatMs, () => {
      lookups.refresh().catch((err: unknown) => logger.warn({ err }, 'lookups could not be read'));
    }),
  );
  return lookups;
}

function pushesOf(
  { config, store, self, router }: NodeMeans & ClusterTables,
  engine: QueryEngine,
): Pushes {
  const letters = new DeadLetters({ engine, worker: router, sleep });
  const catalog = store.pushTables.ofLog(self.name);
  return new Pushes({ worker: router, catalog, letters, queueBytes: config.push.queueBytes });
}
