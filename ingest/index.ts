/**
 * ingest: how a row arrives, gets parsed, rolled up and handed off.
 *
 *     task JSON ─► TaskSpec ─► input batches ─► typed rows ─► mutable segments ─► files ─► Publisher
 *
 *     pushed rows ─► PushLog ─► TableState ─► live rows ─► handoff ─► files ─► PushCatalog
 *
 * The `TaskManager` keeps the life of tasks and publishes what they made in one step; a batch job
 * (batch/) runs in a worker thread and only writes files that nobody sees yet. Publishing and
 * remembering are interfaces that upper rooms implement. Start at `tasks/task-manager.ts`, then
 * `batch/batch-job.ts` and `rows/batch-reader.ts`; for pushed rows at `push/engine/push-engine.ts`.
 */
export {
  type BatchEnvironment,
  type BatchJob,
  type BatchResult,
  type BatchRunner,
  runBatchJob,
} from './batch/batch-job.js';
export {
  NO_ROWS as NO_ROW_STATS,
  type ParseException,
  type Progress,
  type RowStats,
} from './batch/progress.js';
export { BatchThreads } from './batch/worker-runner.js';
export { parseCompactSpec } from './compaction/compact-spec.js';
export { partitionsOf } from './compaction/compaction-state.js';
export type { FetchedFile, InputEnvironment, SegmentFetcher } from './input/sources/source.js';
export { logIdIn } from './log/push-log.js';
export { type LookupFactory, parseLookupFactory, type UriFactory } from './lookups/factory.js';
export { type LoadedPairs, loadPairs } from './lookups/load-pairs.js';
export { type LookupLoader, ThreadLoader } from './lookups/loader.js';
export type {
  ChunkInterval,
  ChunkSegment,
  PublishBasis,
  Publisher,
  PublishRequest,
  TableReader,
  VisibleSegment,
} from './publisher.js';
export type { CopySession } from './push/copies/copies-methods.js';
export { CopiesThread } from './push/copies/copies-thread.js';
export type { KeptCopy } from './push/copies/log-copies.js';
export type { CopyLink, CopyStart, LogGroup } from './push/copies/types.js';
export type { EngineStats, TableStats } from './push/engine/engine-stats.js';
export { checkIdentity } from './push/identity.js';
export { DEAD_LETTER_SCHEMA } from './push/letters/dead-letters.js';
export {
  type DeclaredColumn,
  type DeclaredTable,
  declaredDimension,
  declaredTable,
  TIME_COLUMN,
} from './push/spec/declared-columns.js';
export { discoveredSpec } from './push/spec/discovered-spec.js';
export { addCounts, NO_ROWS } from './push/state/answer.js';
export { type PushToken, parseToken } from './push/token.js';
export {
  DEAD_LETTERS,
  type HandoffRequest,
  type HandoffSegments,
  type LetterReason,
  type LiveGeneration,
  type LivePart,
  type LiveRelease,
  type LiveTable,
  type LiveUpdate,
  type OpenedTable,
  type PushAnswer,
  type PushCatalog,
  type PushFormat,
  type PushIdentity,
  type PushRequest,
  type ReplayRequest,
  type RowCounts,
  type RowError,
  type StoredTable,
} from './push/types.js';
export { PushWorker } from './push/worker/push-worker.js';
export type { HostMethods, PushWorkerSettings } from './push/worker/worker-methods.js';
export type { KillOrder, SegmentRemover } from './remover.js';
export { Sampler } from './sampler/sampler.js';
export {
  countField,
  flagField,
  readerOfType,
  readFields,
  readObject,
  shown,
} from './spec/fields.js';
export { checkTableName } from './spec/names.js';
export { parseTaskSpec } from './spec/parse-task-spec.js';
export type { TaskSpec } from './spec/task-spec.js';
export type { TaskRecord, TaskStore } from './task-store.js';
export { makeTaskId } from './tasks/task-id.js';
export {
  type ProgressListener,
  TaskManager,
  type TaskManagerOptions,
} from './tasks/task-manager.js';
