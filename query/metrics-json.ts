import type { JsonObject } from '../core/index.js';
import type { NativeQuery } from './native/query.js';
import type { QueryStats } from './result.js';

/** What answering a native query took, for those who ask by the context's `explainMetrics`. */
export const metricsJson = ({ queryType }: NativeQuery, stats: QueryStats): JsonObject => ({
  queryType,
  planMs: roundedMs(stats.planMs),
  scanMs: roundedMs(stats.scanMs),
  mergeMs: roundedMs(stats.mergeMs),
  rowsScanned: stats.rowsScanned,
  segments: stats.segments,
  segmentsPruned: stats.segmentsPruned,
  indexedSegments: stats.indexedSegments,
  indexedRows: stats.indexedRows,
  treeSegments: stats.treeSegments,
  treeRecords: stats.treeRecords,
  loadedBytes: stats.loadedBytes,
  jobs: stats.jobs,
  compiledJobs: stats.compiledJobs,
  interpretedJobs: stats.interpretedJobs,
  missingSegments: stats.missing.length,
});

/** To microseconds: more is noise. */
export const roundedMs = (ms: number): number => Math.round(ms * 1000) / 1000;
