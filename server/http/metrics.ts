import { Hono } from 'hono';
import type { VarveNode } from '../node.js';
import { counter, gauge, type Metric, metricsText } from './metric.js';
import { processMetrics } from './process-metrics.js';
import { pushMetrics } from './push-metrics.js';
import { queryCacheMetrics } from './query-cache-metrics.js';
import { queryMetrics } from './query-metrics.js';

/** Something that counts. */
export type MetricSource = () => readonly Metric[] | Promise<readonly Metric[]>;

/** What is counted, and what every process tells of itself, in the text format of Prometheus: `GET /metrics`. */
export function metricsRoutes(...sources: readonly MetricSource[]): Hono {
  const routes = new Hono();
  const processNow = processMetrics();
  routes.get('/metrics', async (context) => {
    const metrics = await Promise.all(sources.map((source) => source()));
    context.header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
    return context.body(metricsText([...metrics.flat(), ...processNow()]));
  });
  return routes;
}

/** Of a process that answers queries. */
export const nodeMetrics =
  (node: VarveNode): MetricSource =>
  async () => [
    ...metricsOf(node),
    ...queryMetrics(node.queries),
    ...queryCacheMetrics(node.queryCaches),
    ...pushMetrics(await node.pushes.stats(), node.pushes.inFlight.bytes),
  ];

/** Of what scans: columns in memory. */
export function scanMetrics(
  cache: Pick<VarveNode['cache'], 'counts' | 'usedBytes' | 'partCount' | 'segmentCount'>,
  workers: number,
  limitBytes: number,
): Metric[] {
  return [
    gauge('varve_query_workers', 'Threads that scan.', workers),
    gauge('varve_cached_segments', 'Segment files in memory.', cache.segmentCount),
    ...cacheMetrics(cache),
    gauge('varve_segment_cache_limit_bytes', 'How many there may be.', limitBytes),
  ];
}

/** Parts are columns and indexes of segment files. */
function cacheMetrics({
  counts,
  usedBytes,
  partCount,
}: Pick<VarveNode['cache'], 'counts' | 'usedBytes' | 'partCount'>): Metric[] {
  const { hits, misses, loadedBytes, evictions, evictedBytes } = counts;
  const count = (name: string, help: string, value: number) =>
    counter(`varve_segment_cache_${name}_total`, help, [{ value }]);
  return [
    gauge('varve_segment_cache_bytes', 'Bytes of columns and indexes in memory.', usedBytes),
    gauge('varve_segment_cache_parts', 'Columns and indexes in memory.', partCount),
    count('hits', 'Columns and indexes that queries found in memory.', hits),
    count('misses', 'Those that were read from files.', misses),
    count('loaded_bytes', 'Their bytes.', loadedBytes),
    count('evictions', 'Those that made room for others.', evictions),
    count('evicted_bytes', 'Their bytes.', evictedBytes),
  ];
}

function metricsOf({ engine, workers, cache, config, inventory }: VarveNode): Metric[] {
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
    counter(
      'varve_star_tree_segments_total',
      'Segments that were answered by a star-tree instead of their rows.',
      [{ value: totals.treeSegments }],
    ),
    counter('varve_star_tree_records_total', 'Records of star-trees that were looked at.', [
      { value: totals.treeRecords },
    ]),
    counter('varve_jobs_total', 'Ranges of rows that kernels or the interpreter scanned.', [
      { labels: { scan: 'compiled' }, value: totals.compiledJobs },
      { labels: { scan: 'interpreted' }, value: totals.interpretedJobs },
    ]),
    counter('varve_partial_answers_total', 'Answers that lack segments, as they were asked to.', [
      { value: totals.partialAnswers },
    ]),
    counter('varve_spilled_bytes_total', 'Groups of queries that memory did not hold, on disk.', [
      { value: totals.spilledBytes },
    ]),
    counter('varve_spilled_files_total', 'Files of them.', [{ value: totals.spilledFiles }]),
    gauge('varve_query_memory_bytes', 'What queries hold now.', engine.heldBytes),
    ...scanMetrics(cache, workers, config.memory.segmentBytes),
    gauge(
      'varve_segment_files_waiting',
      'Files that are removed when queries and tasks that may read them are done.',
      inventory.waitingFiles,
    ),
  ];
}
