import { Hono } from 'hono';
import type { VarveNode } from '../node.js';

/** One family of samples. */
export interface Metric {
  /** Ends in `_total` for a counter, in the unit for a gauge. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  /** Values are plain words: nothing in them needs an escape. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What is counted, in the text format of Prometheus: `GET /metrics`. */
export function metricsRoutes(node: VarveNode): Hono {
  const routes = new Hono();
  routes.get('/metrics', (context) => {
    context.header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    return context.body(metricsText(metricsOf(node)));
  });
  return routes;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .flatMap(({ name, type, help, samples }) => [
      `# HELP ${name} ${help}\n`,
      `# TYPE ${name} ${type}\n`,
      ...samples.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}\n`),
    ])
    .join('');
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join()}}`;
}

function metricsOf({ engine, running, workers, cache, config }: VarveNode): Metric[] {
  const { totals } = engine;
  return [
    counter(
      'varve_queries_total',
      'Native queries that ended, those that SQL becomes among them.',
      totals.queries.map(({ type, outcome, count }) => ({
        labels: { type, outcome },
        value: count,
      })),
    ),
    counter('varve_rows_scanned_total', 'Rows that scans looked at, before filters.', [
      { value: totals.rowsScanned },
    ]),
    counter('varve_jobs_total', 'Ranges of rows that kernels or the interpreter scanned.', [
      { labels: { scan: 'compiled' }, value: totals.compiledJobs },
      { labels: { scan: 'interpreted' }, value: totals.interpretedJobs },
    ]),
    gauge('varve_queries_running', 'Requests whose query runs now.', running.count),
    gauge('varve_query_workers', 'Threads that scan.', workers),
    gauge('varve_cached_segments', 'Segment files in memory.', cache.segmentCount),
    gauge('varve_segment_cache_bytes', 'Bytes of the segment files in memory.', cache.usedBytes),
    gauge('varve_segment_cache_limit_bytes', 'How many there may be.', config.memory.segmentBytes),
    gauge('varve_uptime_seconds', 'Since the process began.', process.uptime()),
  ];
}

const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  type: 'counter',
  help,
  samples,
});

const gauge = (name: string, help: string, value: number): Metric => ({
  name,
  type: 'gauge',
  help,
  samples: [{ value }],
});
