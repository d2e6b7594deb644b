/**
 * core: what everybody needs: typed errors, exact 64-bit integers, bytes and checksums, hashing,
 * memory arenas, limits, logs, and the seam to the world (disk, clock, chance).
 *
 * Start at `errors.ts`, then `disk.ts` and `world.ts`: storage code takes those as arguments, so
 * that tests can hand it a disk that loses power and a clock that stands still.
 */
export type { Arena } from './arena.js';
export { ArenaPool, type ArenaPoolOptions, type ArenaRange } from './arena-pool.js';
export { ByteReader } from './byte-reader.js';
export { parseByteSize } from './byte-size.js';
export { ByteWriter } from './byte-writer.js';
export { type Codec, compress, decompress, PREFERRED_CODEC } from './compress.js';
export { crc32c } from './crc32c.js';
export * from './disk.js';
export { decodeError, encodeError, isWireError, type WireError } from './error-wire.js';
export * from './errors.js';
export {
  cutPowerAt,
  type DiskFault,
  type DiskOperation,
  type DiskOperationKind,
  type FaultPlan,
  failOperation,
  PowerCutError,
} from './fault-plan.js';
export { formatDouble, formatFloat } from './format-number.js';
export { Histogram } from './histogram.js';
export { inOrder } from './in-order.js';
export { type JobCall, JobThreads, type JobThreadsOptions } from './job-threads.js';
export { isJsonObject, type JsonObject, parseJson, stringifyJson } from './json.js';
export {
  createLogger,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  silentLogger,
} from './log.js';
export * from './long.js';
export { mapParallel } from './map-parallel.js';
export { mergeDoubles } from './merge-doubles.js';
export { mix64 } from './mix64.js';
export { murmur3, murmur3Half, murmur3Of } from './murmur3.js';
export { murmur3Word } from './murmur3-32.js';
export { murmur3Long } from './murmur3-long.js';
export { type FinishedFile, NewFile } from './new-file.js';
export { isNull, nullBitmapBytes, setNull } from './null-bitmap.js';
export { SeededRandom, systemRandom } from './random.js';
export { RealDisk, type RealDiskOptions } from './real-disk.js';
export { Room } from './room.js';
export { type JobContext, serveJobs } from './serve-jobs.js';
export { Sha256, sha256Hex } from './sha256.js';
export { sortDoubles } from './sort-doubles.js';
export { compareText, utf8Decode, utf8Encode } from './text.js';
export { goBehindMainThread } from './thread-priority.js';
export { pause, systemTimers, type Timers } from './timers.js';
export { atOnce, inPieces, inTurns, mapInPieces, Pace, type Turns } from './turns.js';
export { uuid } from './uuid.js';
export type { CrashRule } from './virtual-crash.js';
export { VirtualDisk, type VirtualDiskOptions } from './virtual-disk.js';
export { VirtualTime } from './virtual-time.js';
export {
  compareDoubles,
  extremesOf,
  readLong,
  writeLong,
  writeSortableDouble,
} from './words.js';
export { workerEntry } from './worker-entry.js';
export * from './world.js';
