import type { AskedQueries } from '../queries/asked-queries.js';
import { PHASES } from '../queries/query-times.js';
import { counter, gauge, histogram, type Metric } from './metric.js';

/** Of requests with queries: what they took, how many there are, and how many were refused. */
export function queryMetrics(queries: AskedQueries): Metric[] {
  return [...timeMetrics(queries), ...schedulerMetrics(queries), ...heldMetrics(queries)];
}

function timeMetrics({ metrics }: AskedQueries): Metric[] {
  return [
    histogram(
      'varve_query_seconds',
      'Time of requests with queries, by type, from the first byte of the query to the last of the answer.',
      [...metrics.totals].map(([type, of]) => ({ labels: { type }, of })),
    ),
    histogram(
      'varve_query_phase_seconds',
      'The same by phase.',
      [...metrics.phases].flatMap(([type, phases]) =>
        PHASES.map((phase) => ({ labels: { type, phase }, of: phases[phase] })),
      ),
    ),
    counter('varve_slow_queries_total', 'Queries that took as long as slowQueryMs.', [
      { value: metrics.slowQueries },
    ]),
    counter('varve_slow_clients_total', 'Connections cut since nobody read the answer.', [
      { value: metrics.slowClients },
    ]),
  ];
}

function schedulerMetrics({ scheduler, lanes }: AskedQueries): Metric[] {
  const all = [null, ...lanes.limits.keys()];
  const byLane = (count: (lane: string | null) => number) =>
    all.map((lane) => ({ labels: lane === null ? {} : { lane }, value: count(lane) }));
  return [
    gauge(
      'varve_queries_running',
      'Queries that run now, by lane.',
      byLane((lane) => scheduler.runningOf(lane)),
    ),
    gauge(
      'varve_queries_waiting',
      'Queries that wait for others to end.',
      byLane((lane) => scheduler.waitingOf(lane)),
    ),
    counter(
      'varve_queries_refused_total',
      'Queries that were refused with 429, since too many ran and waited.',
      byLane((lane) => scheduler.refused.get(lane) ?? 0),
    ),
  ];
}

function heldMetrics({ held }: AskedQueries): Metric[] {
  return [
    gauge('varve_queries_held_bytes', 'Bytes of bodies of queries, and of answers.', held.bytes),
    gauge('varve_queries_held_limit_bytes', 'How many there may be.', held.maxBytes),
    counter(
      'varve_queries_refused_for_bytes_total',
      'Queries and answers that were refused with 429, since others held too many bytes.',
      [{ value: held.refused }],
    ),
  ];
}
