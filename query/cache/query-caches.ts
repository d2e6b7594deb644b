import { PartialCache } from './partial-cache.js';
import { ResultCache } from './result-cache.js';

/** What the caches of queries may hold. 0 bytes: there is none. */
export interface CacheSizes {
  /** Of all partials of segments. */
  readonly partialBytes: number;
  /** Of all whole answers. */
  readonly resultBytes: number;
  /** Of the partials of one segment, and of one answer. */
  readonly maxEntryBytes: number;
}

/** The caches of an engine; null where there is none, and nothing of an answer is kept. */
export interface QueryCaches {
  readonly sizes: CacheSizes;
  readonly partials: PartialCache | null;
  readonly results: ResultCache | null;
}

/** Tests make `minRows` small (`PartialCache`). */
export function queryCaches(sizes: CacheSizes, minRows?: number): QueryCaches {
  const { partialBytes, resultBytes, maxEntryBytes } = sizes;
  return {
    sizes,
    partials: partialBytes > 0 ? new PartialCache(partialBytes, maxEntryBytes, minRows) : null,
    results: resultBytes > 0 ? new ResultCache(resultBytes, maxEntryBytes) : null,
  };
}

const MIB = 2 ** 20;

/** As much as fits beside all else into a heap of so many bytes. */
export const defaultCacheSizes = (heapBytes: number): CacheSizes => ({
  partialBytes: Math.min(1024 * MIB, Math.floor(heapBytes / 10)),
  resultBytes: Math.min(256 * MIB, Math.floor(heapBytes / 20)),
  maxEntryBytes: 1_000_000,
});
