import { getHeapStatistics } from 'node:v8';
import { defaultCacheSizes, type QueryCaches, queryCaches } from '../query/index.js';
import type { Config } from './config.js';

/** The caches that the configuration asks for; where it says nothing, their sizes depend on that of the heap, which they lie in. */
export function openQueryCaches(given: Config['query']['cache']): QueryCaches {
  const sizes = defaultCacheSizes(getHeapStatistics().heap_size_limit);
  return queryCaches({
    partialBytes: given.partialBytes ?? sizes.partialBytes,
    resultBytes: given.resultBytes ?? sizes.resultBytes,
    maxEntryBytes: given.maxEntryBytes ?? sizes.maxEntryBytes,
  });
}
