import {
  type BrokerTables,
  type ClusterNodes,
  type HistoricalLink,
  type NodeRecord,
  type NodeRole,
  type PushLogs,
  type PushTables,
  type RetentionRules,
  replicasByTier,
  type StoredSegment,
  wishFor,
} from '../../cluster/index.js';
import { systemClock } from '../../core/index.js';
import type { ClusterView, Role, ViewedServer } from '../http/coordinator/cluster-view.js';
import { giveUpNode } from './give-up-node.js';
import type { Leadership } from './leadership.js';
import type { ServedSegments } from './served-segments.js';
import type { TaskWorkers } from './task-workers.js';

export interface MemberViewOptions {
  readonly nodes: ClusterNodes;
  readonly served: ServedSegments;
  readonly tables: BrokerTables;
  readonly leadership: Leadership;
  readonly link: HistoricalLink;
  readonly rules: RetentionRules;
  readonly workers: TaskWorkers;
  readonly pushTables: PushTables;
  readonly pushLogs: PushLogs;
  readonly lookups: NonNullable<ClusterView['lookups']>;
  readonly isReady: () => boolean;
}

/** Which of our roles does what one of Druid's does. */
const ROLE_OF: Readonly<Record<Role, NodeRole>> = {
  coordinator: 'coordinator',
  overlord: 'coordinator',
  broker: 'broker',
  router: 'broker',
  historical: 'historical',
  middleManager: 'realtime',
};

/** The cluster as one of its members knows it. */
export function memberView(options: MemberViewOptions): ClusterView {
  const { nodes, tables, leadership, link, rules, workers } = options;
  const isAlive = (name: string) => nodes.node(name) !== null;
  const used = (dataSource: string) => {
    const { segments = [], tombstones = [] } = tables.view(dataSource)?.served ?? {};
    return [...segments.map(({ stored }) => stored), ...tombstones];
  };
  const server = (node: NodeRecord): ViewedServer => {
    const { segments, sizeBytes: currSizeBytes } = options.served.of(node.name);
    const orders = link.told.get(node.name)?.orders ?? [];
    const ordered = (wanted: 'load' | 'drop') =>
      orders.flatMap(({ kind, idText }) =>
        kind === wanted ? (options.served.byId.get(idText) ?? []) : [],
      );
    return {
      host: new URL(node.url).host,
      tier: node.tier,
      type: 'historical',
      priority: node.priority,
      maxSizeBytes: node.capacityBytes,
      currSizeBytes,
      segments,
      toLoad: ordered('load'),
      toDrop: ordered('drop'),
    };
  };
  return {
    isLeader: () => leadership.epoch !== null,
    leader: () => {
      const { leader } = leadership;
      return leader === null ? null : (nodes.node(leader)?.url ?? null);
    },
    isReady: options.isReady,
    lookups: options.lookups,
    nodes: (role) =>
      nodes.alive(ROLE_OF[role]).map(({ url }) => {
        const { hostname, port } = new URL(url);
        return { host: hostname, port: Number(port) };
      }),
    servers: () => nodes.alive('historical').map(server),
    workers: () => workers.viewed(),
    setWorker: (host, isEnabled) => workers.enable(host, isEnabled),
    giveUp: (name) => giveUpNode({ ...options, isAlive }, name),
    dataSources: () => tables.views().flatMap((view) => (view.served ? view.dataSource : [])),
    used,
    wanted: () => wantedReplicas(rules, nodes),
  };
}

/** How many replicas the rules want now. */
async function wantedReplicas(rules: RetentionRules, nodes: ClusterNodes) {
  const all = await rules.all();
  const nowMs = systemClock.nowMs();
  const byTier = new Map<string, number>();
  for (const { tier } of nodes.alive('historical')) byTier.set(tier, (byTier.get(tier) ?? 0) + 1);
  return (segment: StoredSegment): ReadonlyMap<string, number> => {
    const wish = wishFor(segment, all, nowMs);
    return wish.kind === 'load' ? replicasByTier(wish.replicas, byTier) : NONE;
  };
}

const NONE: ReadonlyMap<string, number> = new Map();
