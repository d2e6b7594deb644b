/** What one question costs whom, in milliseconds of one core of the machine that it was measured on. */
export interface Costs {
  /** The broker: for any question, for each segment, for each node that is asked, and for each group that a node gives. */
  readonly broker: {
    readonly query: number;
    readonly segment: number;
    readonly node: number;
    readonly group: number;
  };
  /** A historical: for any question, for each segment of it, and for each row. */
  readonly historical: {
    readonly query: number;
    readonly segment: number;
    readonly row: number;
  };
}

/** A cluster that nobody has measured. */
export interface PaperCluster {
  readonly historicals: number;
  readonly coresOfHistorical: number;
  readonly brokers: number;
  /** There and back, between broker and historical. */
  readonly networkMs: number;
}

export interface PaperQuery {
  readonly segments: number;
  readonly rowsOfSegment: number;
  /** That a node finds. */
  readonly groups: number;
}

export interface Estimate {
  /** Of historicals that are asked. */
  readonly nodes: number;
  readonly segmentsOfNode: number;
  readonly brokerMs: number;
  /** Of CPU, of one node. */
  readonly historicalMs: number;
  /** Of a question that runs alone. */
  readonly latencyMs: number;
  /** How many questions a second keep what is busiest wholly busy. */
  readonly perSecond: number;
  readonly busiest: 'brokers' | 'historicals';
}

/**
 * A model and no measurement: costs add up, segments lie evenly, the cores of a historical share the rows of its segments evenly, the broker's main
 * thread works alone, and nothing is done while something else is waited for.
 */
export function estimate(costs: Costs, cluster: PaperCluster, query: PaperQuery): Estimate {
  const { broker, historical } = costs;
  const { historicals, coresOfHistorical, brokers, networkMs } = cluster;
  const { segments, rowsOfSegment, groups } = query;
  const nodes = Math.min(historicals, segments);
  const segmentsOfNode = Math.ceil(segments / nodes);
  const brokerMs =
    broker.query + broker.segment * segments + nodes * (broker.node + broker.group * groups);
  const scanMs = segmentsOfNode * (historical.segment + historical.row * rowsOfSegment);
  const historicalMs = historical.query + scanMs;
  const byBrokers = (1000 * brokers) / brokerMs;
  const byHistoricals = (1000 * historicals * coresOfHistorical) / (nodes * historicalMs);
  return {
    nodes,
    segmentsOfNode,
    brokerMs,
    historicalMs,
    latencyMs: networkMs + brokerMs + historical.query + scanMs / coresOfHistorical,
    perSecond: Math.min(byBrokers, byHistoricals),
    busiest: byBrokers < byHistoricals ? 'brokers' : 'historicals',
  };
}
