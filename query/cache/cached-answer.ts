import type { Outcome } from '../engines/engine.js';
import { scanEngineOf } from '../engines/registry.js';
import type { NativeQuery } from '../native/query.js';
import { contentTag } from '../plan/content-tag.js';
import type { QueryStats } from '../result.js';
import type { TableSnapshot } from '../tables.js';
import type { QueryCaches } from './query-caches.js';

/** How a query runs. */
interface Running {
  readonly signal: AbortSignal;
  readonly stats: QueryStats;
  readonly snapshot: TableSnapshot;
  readonly isOwn?: boolean;
  /** Absent: not known yet. */
  readonly contentTag?: string | null;
}

/** The whole answer to a query, if it is kept; else it is made, and kept for those who ask the same of the same rows. */
export async function cachedAnswer(
  caches: QueryCaches | undefined,
  query: NativeQuery,
  { signal, stats, snapshot, isOwn, contentTag: known }: Running,
  make: () => Promise<Outcome>,
): Promise<Outcome> {
  const { useResultLevelCache: finds, populateResultLevelCache: keeps } = query.context;
  const results = caches?.results ?? null;
  // What is known of segments without reading them is told as soon as it is found here.
  const isRead = scanEngineOf(query) !== undefined;
  if (results === null || isOwn || !isRead || (!finds && !keeps)) return make();
  const tag = known === undefined ? contentTag(query, snapshot) : known;
  if (tag === null) return make();
  const isWorthIt = () => stats.segments + stats.cachedSegments > 0;
  const isWhole = () => stats.missing.length === 0;
  const found = await results.answer({ tag, finds, keeps, signal, make, isWorthIt, isWhole });
  stats.isCachedResult = found.isKnown;
  return found.outcome;
}
