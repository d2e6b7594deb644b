import {
  BrokerTables,
  Follower,
  type OwnedTables,
  PushRouter,
  Scatter,
  ServedNodes,
  silenceOf,
  type ToldTable,
  toldTableCodec,
} from '../../cluster/index.js';
import { every, steadyClock, systemRandom, systemTimers } from '../../core/index.js';
import { DeclaredTables } from '../push/declared-tables.js';
import { type NodeMeans, realtimeUrls } from './node-means.js';

/** The tables of the cluster, as nodes that answer clients see and fill them. */
export interface ClusterTables {
  readonly follower: Follower<ToldTable>;
  readonly scatter: Scatter;
  readonly tables: BrokerTables;
  readonly declared: DeclaredTables;
  readonly router: PushRouter;
}

/** How long a node may work on the share of a query. */
const SHARE_DEADLINE_MS = 300_000;

/** Nobody else is asked before a node has taken so long. */
const LEAST_HEDGE_MS = 100;

/** Follows the metadata and the nodes. `own`: the tables whose rows this node takes. */
export async function followTables(
  means: NodeMeans,
  own: OwnedTables | null,
): Promise<ClusterTables> {
  const { cluster, self, store, client, nodes, owners, logger, closing } = means;
  const declared = new DeclaredTables();
  const catalog = store.pushTables.ofLog(self.name);
  const follower = new Follower<ToldTable>({
    nodes,
    client,
    codec: toldTableCodec,
    timers: systemTimers,
    random: systemRandom,
    logger,
    onChange: ({ isLiveChanged }) => {
      if (isLiveChanged) void refresh();
    },
  });
  const scatter = new Scatter({
    client,
    nodes: new ServedNodes(nodes, follower.view),
    clock: steadyClock,
    timers: systemTimers,
    deadlineMs: SHARE_DEADLINE_MS,
    leastHedgeMs: LEAST_HEDGE_MS,
  });
  const tables = new BrokerTables({
    changes: store.changes,
    told: () => follower.view.nodes(),
    clock: steadyClock,
    holder: scatter,
    declared: (dataSource) => declared.columns(dataSource),
    onChange: async () => declared.restore(await catalog.tables()),
  });
  const router = new PushRouter({
    self: self.name,
    owners,
    tables: store.pushTables,
    client,
    own,
    nodes: () => realtimeUrls(means),
    silenceOf: (node) => silenceOf(nodes, node),
    timers: systemTimers,
    signal: closing.signal,
    onDeclared: () => tables.refresh(),
  });
  const refresh = () =>
    tables.refresh().catch((err: unknown) => {
      logger.warn({ err }, 'the metadata could not be read; they are read again');
    });
  await tables.refresh();
  follower.start();
  closing.add(() => follower.close());
  closing.add(every(cluster.pollMs, () => void refresh()));
  return { follower, scatter, tables, declared, router };
}
