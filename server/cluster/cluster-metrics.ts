import type {
  BrokerTables,
  ClusterNodes,
  DatabaseCounts,
  Follower,
  GatherCounts,
  HistoricalLink,
  HistoricalNode,
  KeptLogs,
  LogStandbys,
  NodeCounts,
  NodeMethods,
  NodeRole,
  RoundRecord,
} from '../../cluster/index.js';
import { counter, gauge, histogram, type Metric, type Sample } from '../http/metric.js';

const ROLES: readonly NodeRole[] = ['broker', 'historical', 'realtime', 'coordinator'];

const sample = (labels: Readonly<Record<string, string>>, value: number): Sample => ({
  labels,
  value,
});

/** One sample for each entry of an object, under its key. */
const byKey = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([key, value]) => sample({ [label]: key }, value));

const byEntry = (label: string, values: ReadonlyMap<string, number>): Sample[] =>
  Array.from(values, ([key, value]) => sample({ [label]: key }, value));

/** Of every node: whom it takes to live, and how much it is asked by others. */
export const memberMetrics = (
  nodes: Pick<ClusterNodes, 'alive'>,
  methods: Pick<NodeMethods, 'running'>,
): Metric[] => [
  gauge(
    'varve_cluster_nodes',
    'Nodes that live, as this one sees it, by role.',
    ROLES.map((role) => sample({ role }, nodes.alive(role).length)),
  ),
  gauge('varve_node_calls_running', 'Calls of other nodes that are answered now.', methods.running),
];

/** Of every node: how the metadata store answers. */
export const metadataMetrics = ({ seconds, retries, failures }: DatabaseCounts): Metric[] => [
  histogram(
    'varve_metadata_seconds',
    'Time of calls of the metadata store, by kind, with all that was tried again.',
    Object.entries(seconds).map(([call, of]) => ({ labels: { call }, of })),
  ),
  counter(
    'varve_metadata_retries_total',
    'Attempts that were made again, since the store was lost or another transaction in the way.',
    byKey('why', retries),
  ),
  counter('varve_metadata_failures_total', 'Calls that failed.', [{ value: failures }]),
];

/** Of brokers and coordinators: how old what they know is. */
export const viewMetrics = (
  tables: Pick<BrokerTables, 'ageMs'>,
  { view }: { readonly view: Pick<Follower<unknown>['view'], 'nodes'> },
): Metric[] => [
  gauge(
    'varve_view_age_seconds',
    'How long ago it was read what is published.',
    (tables.ageMs ?? 0) / 1000,
  ),
  gauge(
    'varve_view_silent_nodes',
    'Nodes that do not tell what they serve.',
    view.nodes().filter(({ isCurrent }) => !isCurrent).length,
  ),
];

/** Of brokers: what came of asking other nodes. */
export function gatherMetrics({ seconds, nodes }: GatherCounts): Metric[] {
  const byNode = (read: (counts: NodeCounts) => number): Sample[] =>
    Array.from(nodes, ([node, counts]) => sample({ node }, read(counts)));
  const count = (name: string, help: string, read: (counts: NodeCounts) => number) =>
    counter(`varve_gather_${name}_total`, help, byNode(read));
  return [
    histogram('varve_gather_seconds', 'From the first request of a query to the last answer.', [
      { labels: {}, of: seconds },
    ]),
    histogram(
      'varve_gather_request_seconds',
      'Time of requests that were answered, by node.',
      Array.from(nodes, ([node, { seconds: of }]) => ({ labels: { node }, of })),
    ),
    count('requests', 'Requests for parts of queries.', ({ requests }) => requests),
    count('failures', 'Requests that others were asked for instead.', ({ failures }) => failures),
    count('hedges', 'Requests that took so long that others were asked, too.', (of) => of.hedges),
    count('cold_parts', 'Segments that the node had to fetch first.', (of) => of.coldParts),
    count('absent_parts', 'Parts that the node had no more.', (of) => of.absentParts),
  ];
}

/** Of realtime nodes: on how many disks rows are that are not published. */
export const pushLogMetrics = (
  {
    standbys,
    kept,
  }: { readonly standbys: Pick<LogStandbys, 'names'>; readonly kept: Pick<KeptLogs, 'counts'> },
  wanted: number,
): Metric[] => [
  gauge(
    'varve_push_log_copies',
    'Nodes that have the log of this one, itself among them.',
    1 + standbys.names.length,
  ),
  gauge('varve_push_log_copies_wanted', 'How many there are to be: cluster.pushCopies.', wanted),
  gauge('varve_push_logs_kept', 'Logs of other nodes that this one has.', kept.counts.copies),
  counter(
    'varve_push_logs_taken_over_total',
    'Logs of nodes that were lost, published by this one.',
    [{ value: kept.counts.takeOvers }],
  ),
];

/** Of historicals: what they have, and what came of fetching it. */
export function historicalMetrics(node: Pick<HistoricalNode, 'state' | 'counts'>): Metric[] {
  const { state, counts } = node;
  const count = (name: string, help: string, values: readonly Sample[]) =>
    counter(`varve_historical_${name}_total`, help, values);
  const orders = (kind: 'load' | 'drop') =>
    (['waiting', 'running', 'failed'] as const).map((of) =>
      sample(
        { kind, state: of },
        state.orders.filter((order) => order.kind === kind && order.state === of).length,
      ),
    );
  return [
    gauge('varve_historical_segments', 'Segments on its disk, by why they are there.', [
      sample({ kind: 'assigned' }, state.assignedCount),
      sample({ kind: 'cold' }, state.coldCount),
    ]),
    gauge('varve_historical_bytes', 'What they take.', [
      sample({ kind: 'assigned' }, state.assignedBytes),
      sample({ kind: 'cold' }, state.usedBytes - state.assignedBytes),
    ]),
    gauge('varve_historical_limit_bytes', 'What they may take: assigned ones, and all.', [
      sample({ kind: 'assigned' }, state.maxAssignedBytes),
      sample({ kind: 'all' }, state.maxBytes),
    ]),
    gauge('varve_historical_loading', 'Segments that are being fetched.', state.loadingCount),
    gauge('varve_historical_orders', 'Orders of the coordinator that have not come about.', [
      ...orders('load'),
      ...orders('drop'),
    ]),
    count('fetches', 'Segments that were fetched.', byKey('kind', counts.fetches)),
    count('fetched_bytes', 'Their bytes.', [{ value: counts.fetchedBytes }]),
    count('fetch_failures', 'Segments that could not be.', byKey('kind', counts.failures)),
    count('evictions', 'Cold segments that made room.', [{ value: counts.evictions }]),
    count('evicted_bytes', 'Their bytes.', [{ value: counts.evictedBytes }]),
    count('damaged', 'Files that were damaged and set aside.', [{ value: counts.damaged }]),
  ];
}

/** Of coordinators: whether one leads, and what its rounds found. What only the leader knows others do not tell. */
export function coordinatorMetrics(
  isLeader: boolean,
  record: RoundRecord,
  link: Pick<HistoricalLink, 'told'>,
  tasks: { readonly active: number; readonly slots: number },
): Metric[] {
  const { last, counts, orders, seconds } = record;
  const own = [
    gauge('varve_coordinator_is_leader', '1 where this process leads.', isLeader ? 1 : 0),
    counter('varve_coordinator_rounds_total', 'By what became of them.', byKey('outcome', counts)),
    histogram('varve_coordinator_round_seconds', 'Time of rounds.', [{ labels: {}, of: seconds }]),
    counter('varve_coordinator_orders_total', 'Orders to historicals.', byKey('kind', orders)),
  ];
  if (!isLeader || last === null) return own;
  const { stats, unreachable } = last;
  const queued = [...link.told.values()].flatMap((told) => told.orders);
  const queue = (kind: 'load' | 'drop') =>
    sample(
      { kind },
      queued.filter((order) => order.kind === kind && order.state !== 'failed').length,
    );
  return [
    ...own,
    gauge(
      'varve_coordinator_unavailable_segments',
      'Segments that the rules want and nobody serves, by table.',
      byEntry('table', stats.unavailable),
    ),
    gauge(
      'varve_coordinator_missing_replicas',
      'Replicas that the rules want and nobody serves, by tier.',
      byEntry('tier', stats.missingReplicas),
    ),
    gauge(
      'varve_coordinator_segments_without_rule',
      'Segments that no rule is about, by table.',
      byEntry('table', stats.withoutRule),
    ),
    gauge(
      'varve_coordinator_unknown_tiers',
      'Tiers that rules name and no historical has.',
      stats.unknownTiers.length,
    ),
    gauge('varve_coordinator_queue', 'Orders that historicals have still to carry out.', [
      queue('load'),
      queue('drop'),
    ]),
    gauge(
      'varve_coordinator_unreachable_nodes',
      'Historicals that took no orders in the last round.',
      unreachable.length,
    ),
    gauge('varve_tasks_active', 'Tasks that run or wait.', tasks.active),
    gauge('varve_task_slots', 'How many run at once.', tasks.slots),
  ];
}
