/**
 * query: what was asked, and how it is planned, scanned, merged and written.
 *
 *     JSON ─native/─► NativeQuery ─plan/─► jobs ─executor/─► partials ─engines/─► rows ─json/─► JSON
 *
 * Start at `query-engine.ts` and `native/query.ts`. Each type of query has one file in native/ that
 * reads it and one in engines/ that answers it, and a line in both registries; window functions are
 * computed of answers, by window/. The interpreter walks rows one at a time; it is plain on purpose,
 * for faster engines are tested against it.
 */
export { nativeArrow, sqlArrow } from './binary/arrow-answers.js';
export { nativeMessagePack } from './binary/native-message-pack.js';
export { sqlMessagePack } from './binary/sql-message-pack.js';
export type { CacheCounts } from './cache/byte-cache.js';
export { defaultCacheSizes, type QueryCaches, queryCaches } from './cache/query-caches.js';
export type { WireAnalysis } from './engines/analysis-wire.js';
export type { ColumnSchema, PartialResult } from './engines/engine.js';
export type { Executor, ScanJob } from './executor/executor.js';
export { WorkerExecutor } from './executor/worker-executor.js';
export type { FilterSummaryJson } from './filter/filter-summary.js';
export { nativeJson } from './json/native-json.js';
export { DEFAULT_LIMITS, type QueryLimits } from './limits.js';
export { loggedShape } from './log/plain-shape.js';
export { QueryLog } from './log/query-log.js';
export { type MergedColumn, mergedColumns } from './merged-columns.js';
export { metricsJson, roundedMs } from './metrics-json.js';
export { parseUrgency, type QueryContext } from './native/context.js';
export type { DataSource, NativeQuery, QueryType } from './native/query.js';
export { parseNativeQuery } from './native/registry.js';
export { contentTag } from './plan/content-tag.js';
export { type Gaps, gapsOf } from './plan/gaps.js';
export { innerTableNames } from './plan/query-tables.js';
export { QueryEngine, type QueryEngineOptions } from './query-engine.js';
export type { OnStart } from './query-phase.js';
export {
  type Explanations,
  emptyStats,
  explanationsOf,
  type QueryPhase,
  type QueryResult,
  type QueryStats,
  type ResultField,
  type ResultSet,
  type ScanBatch,
} from './result.js';
export type { RunOptions } from './run-options.js';
export type {
  HeldAnswer,
  OnLost,
  PartHolder,
  ShareAnswer,
  ShareIntake,
  ShareItem,
  ShareQuery,
} from './shares/share.js';
export type { ShareScanner } from './shares/share-scanner.js';
export { halvesOf, slicesOf } from './shares/slices.js';
export { rowsBytes } from './spill/partial-bytes.js';
export { SpillSpace } from './spill/spill-space.js';
export * from './sql/index.js';
export type { Advice, Proposal } from './star/advise/advice.js';
export { type AdviceOptions, adviseTable } from './star/advise/advise-table.js';
export type { StarTreeSummaryJson } from './star/tree-summary.js';
export type {
  PartFacts,
  PartOutline,
  TablePart,
  TableProvider,
  TableSchema,
  TableSnapshot,
} from './tables.js';
