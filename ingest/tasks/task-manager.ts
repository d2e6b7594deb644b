import {
  CancelledError,
  type Clock,
  isJsonObject,
  type JsonObject,
  type Logger,
  NotFoundError,
  type Random,
  UnavailableError,
  UserError,
} from '../../core/index.js';
import { formatInstant } from '../../model/index.js';
import type { BatchResult, BatchRunner } from '../batch/batch-job.js';
import { NO_ROWS, type Progress } from '../batch/progress.js';
import type { InputEnvironment } from '../input/sources/source.js';
import type { Publisher, PublishRequest } from '../publisher.js';
import type { TaskRecord, TaskStore } from '../task-store.js';
import { liveReport, type ReportFacts, taskReport } from './report.js';
import type { BatchPlan, Task } from './task.js';
import { makeTaskId } from './task-id.js';
import { TaskQueue } from './task-queue.js';
import { type RunnerStatus, taskStatusPlus } from './task-status.js';
import { parseTask } from './types/registry.js';

export interface TaskManagerOptions {
  readonly store: TaskStore;
  readonly publisher: Publisher;
  readonly run: BatchRunner;
  /** What input sources may reach: asked when a task is submitted. */
  readonly input: InputEnvironment;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Tasks that run at the same time. */
  readonly slots: number;
}

/** A task of this process that has not ended. */
interface ActiveTask {
  record: TaskRecord;
  readonly task: Task;
  readonly cancel: AbortController;
  readonly log: string[];
  started: boolean;
  progress: Progress | null;
  readonly listeners: Set<ProgressListener>;
  readonly done: Promise<TaskRecord>;
  /** Takes it out of the queue; false when it has started. */
  leaveQueue: () => boolean;
  readonly settle: (record: TaskRecord) => void;
}

export type ProgressListener = (progress: Progress) => void;

/**
 * The life of ingestion tasks: accepted, queued, run in a worker, published, remembered.
 *
 * A task publishes everything in one transaction and only then is called SUCCESS, so that whatever
 * moment the process dies at, its rows are all visible or none of them are.
 */
export class TaskManager {
  readonly #active = new Map<string, ActiveTask>();
  readonly #queue: TaskQueue;
  readonly #logs = new Map<string, readonly string[]>();
  #closed = false;

  constructor(private readonly options: TaskManagerOptions) {
    this.#queue = new TaskQueue(options.slots);
  }

  /** Settles the tasks of a process that ended while they ran. Call once, before anything else. */
  async recover(): Promise<void> {
    const { store, publisher } = this.options;
    for (const task of await store.list()) {
      if (task.status !== 'RUNNING') continue;
      const published = await publisher.hasPublished(task.id);
      const errorMsg = published
        ? null
        : 'the server stopped while the task ran; nothing of it was published, submit it again';
      await store.update({
        ...task,
        status: published ? 'SUCCESS' : 'FAILED',
        durationMs: 0,
        errorMsg,
      });
    }
  }

  /**
   * Checks a task and queues it; gives its id. Throws UserError of kind 'spec' that names everything
   * that is wrong with it, UnavailableError once the manager is closed.
   */
  async submit(json: unknown): Promise<string> {
    const { clock, random, store, input } = this.options;
    if (this.#closed) throw isClosing();
    const task = parseTask(json);
    task.check(input);
    const createdMs = clock.nowMs();
    const id = task.id ?? makeTaskId(task.type, task.dataSource, createdMs, random);
    if (this.#active.has(id) || (await store.get(id)) !== null) throw alreadyExists(id);
    const record: TaskRecord = {
      id,
      type: task.type,
      dataSource: task.dataSource,
      status: 'RUNNING',
      createdMs,
      durationMs: -1,
      errorMsg: null,
    };
    try {
      await store.insert(record, { ...task.json, id });
    } catch (error) {
      // Another submit of the same id came in between.
      throw (await store.get(id)) === null ? error : alreadyExists(id);
    }
    // Closed while it was stored: start-up settles the record.
    if (this.#closed) throw isClosing();
    this.#enqueue(record, task);
    return id;
  }

  /** The task's record once it has ended. Throws NotFoundError for an unknown id. */
  async wait(id: string, onProgress?: ProgressListener): Promise<TaskRecord> {
    const active = this.#active.get(id);
    if (active === undefined) return this.#known(id);
    if (onProgress !== undefined) active.listeners.add(onProgress);
    return active.done;
  }

  /** Druid's TaskStatusPlus; null for an unknown id. */
  async status(id: string): Promise<JsonObject | null> {
    const task = await this.options.store.get(id);
    return task === null ? null : taskStatusPlus(task, this.#runnerStatus(task));
  }

  /** All tasks: ended ones first, newest first among them, as Druid lists them. */
  async list(): Promise<JsonObject[]> {
    const tasks = await this.options.store.list();
    const ended = tasks.filter(({ status }) => status !== 'RUNNING');
    const active = tasks.filter(({ status }) => status === 'RUNNING');
    return [...ended, ...active].map((task) => taskStatusPlus(task, this.#runnerStatus(task)));
  }

  payload(id: string): Promise<JsonObject | null> {
    return this.options.store.payload(id);
  }

  /** The report: live while the task runs. Null while there is none. */
  async report(id: string): Promise<JsonObject | null> {
    const active = this.#active.get(id);
    if (active === undefined) return this.options.store.report(id);
    const state = active.started ? 'BUILD_SEGMENTS' : 'NOT_STARTED';
    return liveReport(reportFacts(active, null, null, state), active.progress);
  }

  /** The task's log as text lines; null for an unknown id. Kept in memory only. */
  async log(id: string): Promise<readonly string[] | null> {
    const lines = this.#active.get(id)?.log ?? this.#logs.get(id);
    if (lines !== undefined) return lines;
    return (await this.options.store.get(id)) === null ? null : [];
  }

  /** Stops a task; it ends as FAILED. Nothing happens to one that has ended. */
  shutdown(id: string): void {
    const active = this.#active.get(id);
    if (active !== undefined) this.#cancel(active, 'Shutdown request from user');
  }

  /** Takes no more tasks, cancels what runs and waits until it has stopped. */
  async close(): Promise<void> {
    this.#closed = true;
    const active = [...this.#active.values()];
    for (const task of active) this.#cancel(task, CLOSING);
    await Promise.all(active.map(({ done }) => done));
  }

  /** One that waits ends at once, one that runs at its next step. */
  #cancel(active: ActiveTask, reason: string): void {
    active.cancel.abort(new CancelledError(reason));
    if (active.leaveQueue()) void this.#execute(active);
  }

  #runnerStatus(task: TaskRecord): RunnerStatus {
    const active = this.#active.get(task.id);
    if (active === undefined) return 'NONE';
    if (active.started) return 'RUNNING';
    return this.#queue.isBusy(task.dataSource) ? 'WAITING' : 'PENDING';
  }

  async #known(id: string): Promise<TaskRecord> {
    const task = await this.options.store.get(id);
    if (task === null) throw new NotFoundError(`there is no task ${id}`);
    return task;
  }

  #enqueue(record: TaskRecord, task: Task): void {
    let settle: (record: TaskRecord) => void = () => undefined;
    const done = new Promise<TaskRecord>((resolve) => {
      settle = resolve;
    });
    const active: ActiveTask = {
      record,
      task,
      cancel: new AbortController(),
      log: [],
      started: false,
      progress: null,
      listeners: new Set(),
      done,
      settle,
      leaveQueue: () => false,
    };
    this.#active.set(record.id, active);
    active.leaveQueue = this.#queue.add(record.dataSource, () => this.#execute(active));
  }

  /** Runs a task to its end, whatever that is. Never throws. */
  async #execute(active: ActiveTask): Promise<void> {
    const { clock, logger } = this.options;
    const startedMs = clock.nowMs();
    active.started = true;
    let failure: unknown = null;
    let result: BatchResult | null = null;
    try {
      active.cancel.signal.throwIfAborted();
      this.#note(active, `reading into ${active.task.dataSource}`);
      const plan = active.task.plan(this.options.publisher);
      result = await this.#build(active, plan);
      await this.#publish(active, plan, result);
    } catch (error) {
      failure = error;
      logger.warn({ task: active.record.id, err: error }, 'task failed');
      this.#note(active, `failed: ${messageOf(error)}`);
    }
    const record: TaskRecord = {
      ...active.record,
      status: failure === null ? 'SUCCESS' : 'FAILED',
      durationMs: clock.nowMs() - startedMs,
      errorMsg: failure === null ? null : messageOf(failure),
    };
    await this.#remember(active, record, result);
    active.settle(record);
  }

  #build(active: ActiveTask, { basis: _, ...plan }: BatchPlan): Promise<BatchResult> {
    const { record, cancel } = active;
    return this.options.run({
      taskId: record.id,
      ...plan,
      signal: cancel.signal,
      onProgress: (progress) => this.#tell(active, progress),
    });
  }

  async #publish(
    active: ActiveTask,
    { spec, basis }: BatchPlan,
    result: BatchResult,
  ): Promise<void> {
    active.cancel.signal.throwIfAborted();
    if (active.progress !== null) this.#tell(active, { ...active.progress, phase: 'PUBLISH' });
    const dropIntervals = spec.dropExisting ? (spec.granularity.intervals ?? []) : [];
    if (result.segments.length === 0 && dropIntervals.length === 0) {
      this.#note(active, 'no row was stored; nothing changes');
      return;
    }
    const mode = spec.append ? 'append' : 'overwrite';
    await this.#publishOnce(active, { mode, segments: result.segments, dropIntervals, basis });
    const { processed, processedWithError } = result.stats;
    this.#note(
      active,
      `published ${result.segments.length} segments, ${processed + processedWithError} rows`,
    );
  }

  /** A publish that fails may have been committed all the same: what the store says decides. */
  async #publishOnce(
    { record, task }: ActiveTask,
    request: Omit<PublishRequest, 'taskId' | 'dataSource'>,
  ): Promise<void> {
    const { publisher, logger } = this.options;
    const { dataSource } = task;
    try {
      await publisher.publish({ taskId: record.id, dataSource, ...request });
    } catch (error) {
      if (!(await publisher.hasPublished(record.id))) throw error;
      logger.error(
        { task: record.id, err: error },
        'published, but it may show only after a restart',
      );
    }
  }

  /** Stores how a task ended; a store that fails is logged, and start-up settles the task. */
  async #remember(
    active: ActiveTask,
    record: TaskRecord,
    result: BatchResult | null,
  ): Promise<void> {
    const { store, logger } = this.options;
    try {
      await store.saveReport(
        record.id,
        taskReport(reportFacts(active, record.errorMsg, result, 'COMPLETED')),
      );
      await store.update(record);
    } catch (error) {
      logger.error({ task: record.id, err: error }, 'the end of a task could not be stored');
    }
    this.#logs.set(record.id, active.log);
    if (this.#logs.size > MAX_LOGS) this.#logs.delete(this.#logs.keys().next().value ?? '');
    this.#active.delete(record.id);
  }

  /** A listener that throws is left out from then on: the task is not its business. */
  #tell(active: ActiveTask, progress: Progress): void {
    active.progress = progress;
    for (const listener of active.listeners) {
      try {
        listener(progress);
      } catch (error) {
        active.listeners.delete(listener);
        const { logger } = this.options;
        logger.warn({ task: active.record.id, err: error }, 'a progress listener failed');
      }
    }
  }

  #note(active: ActiveTask, line: string): void {
    active.log.push(`${formatInstant(this.options.clock.nowMs())} ${line}`);
    this.options.logger.info({ task: active.record.id }, line);
  }
}

const CLOSING = 'the server is shutting down; submit the task again';

const isClosing = (): UnavailableError => new UnavailableError(CLOSING);

const alreadyExists = (id: string): UserError =>
  new UserError(`Task[${id}] already exists! Leave "id" out to get a fresh one`, 'spec', 'id');

/** Logs of ended tasks kept in memory. */
const MAX_LOGS = 100;

/** What Druid keeps of an error message. */
const MAX_MESSAGE_LENGTH = 2_000;

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE_LENGTH);

function reportFacts(
  active: ActiveTask,
  errorMsg: string | null,
  result: BatchResult | null,
  ingestionState: ReportFacts['ingestionState'],
): ReportFacts {
  const { context } = active.task.json;
  return {
    taskId: active.record.id,
    ingestionState,
    stats: result?.stats ?? active.progress?.stats ?? NO_ROWS,
    parseExceptions: result?.parseExceptions ?? active.progress?.parseExceptions ?? [],
    errorMsg,
    segmentsPublished: errorMsg === null ? (result?.segments.length ?? 0) : 0,
    context: isJsonObject(context) ? context : {},
  };
}
