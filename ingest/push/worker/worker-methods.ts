import type { JsonObject, LogLevel } from '../../../core/index.js';
import type { Interval } from '../../../model/index.js';
import type { CopyStart, LogGroup } from '../copies/types.js';
import type { PushLimits } from '../engine/engine-options.js';
import type { EngineStats } from '../engine/engine-stats.js';
import type {
  GivenTable,
  HandoffRequest,
  LiveRelease,
  LiveUpdate,
  OpenedTable,
  PushAnswer,
  PushRequest,
  ReplayRequest,
  StoredTable,
} from '../types.js';

/** The `workerData` of the push worker. */
export interface PushWorkerSettings {
  readonly logDir: string;
  readonly piecesDir: string;
  readonly segmentsDir: string;
  readonly limits: PushLimits;
  readonly arenaBytes: number;
  /** Behind the ranges of each arena, for the kernels of all query workers. */
  readonly scratchBytes: number;
  /** What a job that seals may take, about. */
  readonly sealBytes: number;
  readonly logLevel: LogLevel;
}

/** What the push worker answers. */
export type WorkerMethods = {
  /** Once, first of all: recovers, and gives the log's id. */
  open(nothing: null): Promise<string>;
  push(request: PushRequest): Promise<PushAnswer>;
  replay(request: ReplayRequest): Promise<PushAnswer>;
  declare(table: { readonly name: string; readonly spec: JsonObject }): Promise<number>;
  adopt(table: string): Promise<void>;
  give(table: string): Promise<GivenTable>;
  handOff(table: string): Promise<void>;
  addStandby(node: string): Promise<void>;
  released(release: LiveRelease): void;
  stats(nothing: null): EngineStats;
  close(nothing: null): Promise<void>;
};

/** What the main thread answers. */
export type HostMethods = {
  tables(nothing: null): Promise<readonly StoredTable[]>;
  declare(table: {
    readonly name: string;
    readonly spec: JsonObject;
    readonly position: number;
  }): Promise<number>;
  open(table: { readonly name: string; readonly position: number }): Promise<OpenedTable | null>;
  publish(request: HandoffRequest): Promise<void>;
  chunkIntervals(dataSource: string): readonly Interval[] | Promise<readonly Interval[]>;
  announce(update: LiveUpdate): void;
};

/** What the main thread answers about copies of the log; see `CopyLink`. */
export type CopyMethods = {
  beginCopy(copy: { readonly node: string; readonly start: CopyStart }): Promise<void>;
  sendCopy(copy: { readonly node: string; readonly group: LogGroup }): Promise<void>;
  joinCopy(node: string): Promise<void>;
  appendToCopies(group: LogGroup): Promise<number>;
  trimCopies(before: number): void;
};
