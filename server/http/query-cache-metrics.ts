import type { CacheCounts, QueryCaches } from '../../query/index.js';
import { counter, gauge, type Metric } from './metric.js';

/** Of partials of segments, and of whole answers. */
export function queryCacheMetrics({ partials, results, sizes }: QueryCaches): Metric[] {
  const caches: readonly [string, CacheCounts | undefined, number][] = [
    ['partial', partials?.counts, sizes.partialBytes],
    ['result', results?.counts, sizes.resultBytes],
  ];
  const of = (what: (counts: CacheCounts) => number) =>
    caches.map(([cache, counts]) => ({
      labels: { cache },
      value: counts === undefined ? 0 : what(counts),
    }));
  const count = (name: string, help: string, what: (counts: CacheCounts) => number) =>
    counter(`varve_query_cache_${name}_total`, help, of(what));
  return [
    count('hits', 'Segments, and whole queries, whose answer was known.', ({ hits }) => hits),
    count('misses', 'Those whose answer was looked up and not known.', ({ misses }) => misses),
    count('evictions', 'Answers that made room for others.', ({ evictions }) => evictions),
    gauge(
      'varve_query_cache_entries',
      'Answers that are kept.',
      of(({ entries }) => entries),
    ),
    gauge(
      'varve_query_cache_bytes',
      'What they take, at most.',
      of(({ bytes }) => bytes),
    ),
    gauge(
      'varve_query_cache_limit_bytes',
      'How much they may take.',
      caches.map(([cache, , value]) => ({ labels: { cache }, value })),
    ),
  ];
}
