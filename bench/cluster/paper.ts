import { table } from '../query/markdown.js';
import { type Costs, estimate, type PaperCluster, type PaperQuery } from './cost-model.js';

/** What nobody has here: a hundred historicals of sixteen cores, and four brokers. */
const CLUSTER: PaperCluster = {
  historicals: 100,
  coresOfHistorical: 16,
  brokers: 4,
  networkMs: 0.5,
};

/** 100,000 segments of five million rows: 5 × 10^11 rows, a thousand segments on each node. */
const QUERIES: readonly (PaperQuery & { readonly name: string })[] = [
  { name: 'an hour: 10 segments', segments: 10, rowsOfSegment: 5e6, groups: 100 },
  { name: 'a day: 240', segments: 240, rowsOfSegment: 5e6, groups: 100 },
  { name: 'a week, many groups: 1,680', segments: 1680, rowsOfSegment: 5e6, groups: 10_000 },
  { name: 'all: 100,000', segments: 100_000, rowsOfSegment: 5e6, groups: 100 },
];

/** The estimate of a cluster of a hundred nodes, with its arithmetic. */
export function paper(costs: Costs): string {
  const { broker, historical } = costs;
  const { historicals, coresOfHistorical, brokers, networkMs } = CLUSTER;
  const lines = QUERIES.map(({ name, ...query }) => {
    const found = estimate(costs, CLUSTER, query);
    return [
      ...[name, String(query.groups), String(found.nodes), String(found.segmentsOfNode)],
      ...[shown(found.brokerMs), shown(found.historicalMs), shown(found.latencyMs)],
      ...[shown(found.perSecond), found.busiest],
    ];
  });
  const head = ['question', 'groups', 'nodes', 'segments each', 'broker ms', 'node ms'];
  return `### Cost model, not measured: ${historicals} historicals

What the lines through the measurements above give, in milliseconds of one core here:

- broker: ${shown(broker.query)} for a question, ${shown(broker.segment)} for a segment, ${shown(broker.node)} for a node that is asked, ${shown(broker.group)} for a group of a node
- historical: ${shown(historical.query)} for a question, ${shown(historical.segment)} for a segment, ${shown(historical.row * 1e6)} for a million rows (of small segments, whose cost it holds, too)

On paper: ${historicals} historicals of ${coresOfHistorical} such cores, ${brokers} brokers, ${networkMs} ms of network there and back; 100,000 segments of five million rows, the columns in memory.

- broker ms = question + segments × segment + nodes × (node + groups × group)
- node ms = question + segments each × (segment + rows × row), CPU of one node
- alone = network + broker ms + question + segments each × (segment + rows × row) / ${coresOfHistorical}
- per s = what keeps the busiest busy: 1000 × ${brokers} / broker ms, or 1000 × ${historicals} × ${coresOfHistorical} / (nodes × node ms)

${table([...head, 'alone ms', 'per s', 'busiest'], lines)}`;
}

const shown = (value: number): string =>
  value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
