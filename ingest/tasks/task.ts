import type { JsonObject, Logger } from '../../core/index.js';
import type { BatchRunner } from '../batch/batch-job.js';
import type { Progress } from '../batch/progress.js';
import type { InputEnvironment } from '../input/sources/source.js';
import type { Publisher } from '../publisher.js';
import type { SegmentRemover } from '../remover.js';

/** A checked task of whatever type. */
export interface Task {
  readonly type: string;
  /** The id the client chose; null to make one. */
  readonly id: string | null;
  readonly dataSource: string;
  /** The JSON as submitted. */
  readonly json: JsonObject;
  /** Throws UserError for what the server's configuration does not allow. */
  check(input: InputEnvironment): void;
  /** Called once, when the task is taken; nothing is done before `run`. */
  start(context: TaskContext): TaskRun;
}

/** What a task may use, and whom it tells how it goes. */
export interface TaskContext {
  readonly taskId: string;
  readonly publisher: Publisher;
  readonly remover: SegmentRemover;
  /** Builds segment files of a batch job. */
  readonly build: BatchRunner;
  readonly logger: Logger;
  /** Raised when the task is to stop. */
  readonly signal: AbortSignal;
  /** Adds a line to the task's log. */
  note(line: string): void;
  tell(progress: Progress): void;
}

/** One task on its way. */
export interface TaskRun {
  /** Does the work, when its turn has come. What it rejects with is the task's end. */
  run(): Promise<void>;
  /** Druid's report while the task waits (`hasStarted` is false) or runs. */
  liveReport(hasStarted: boolean): JsonObject;
  /** Druid's report of the end; `errorMsg` is null when it went well. */
  report(errorMsg: string | null): JsonObject;
}
