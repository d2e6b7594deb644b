import type { JsonObject } from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { SegmentSlice } from '../input/sources/source.js';

/** What a worker may reach, as plain data. */
export interface WorkerSettings {
  /** Directories, as real paths, that `local` sources may read from. */
  readonly localRoots: readonly string[];
  readonly httpHosts: readonly string[];
  readonly maxEntityBytes: number;
  readonly segmentsDir: string;
  readonly temporaryDir: string;
  /** What the collected rows of one job may take, about. */
  readonly memoryBytes: number;
}

/** What a worker is sent: one job. */
export interface WorkerJob {
  readonly taskId: string;
  /** The spec as JSON; the worker parses it again. */
  readonly spec: JsonObject;
  readonly chunkIntervals: readonly Interval[];
  readonly slices: readonly (readonly SegmentSlice[])[];
  readonly settings: WorkerSettings;
}
