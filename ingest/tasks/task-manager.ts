import {
  CancelledError,
  type Clock,
  type JsonObject,
  type Logger,
  NotFoundError,
  type Random,
  UnavailableError,
  UserError,
} from '../../core/index.js';
import { formatInstant } from '../../model/index.js';
import type { BatchRunner } from '../batch/batch-job.js';
import type { Progress } from '../batch/progress.js';
import type { InputEnvironment } from '../input/sources/source.js';
import type { Publisher } from '../publisher.js';
import type { SegmentRemover } from '../remover.js';
import type { TaskRecord, TaskStore } from '../task-store.js';
import type { Task, TaskRun } from './task.js';
import { makeTaskId } from './task-id.js';
import { TaskQueue } from './task-queue.js';
import { type RunnerStatus, taskStatusPlus } from './task-status.js';
import { parseTask } from './types/registry.js';

export interface TaskManagerOptions {
  readonly store: TaskStore;
  readonly publisher: Publisher;
  readonly remover: SegmentRemover;
  readonly run: BatchRunner;
  /** What input sources may reach: asked when a task is submitted. */
  readonly input: InputEnvironment;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Tasks that run at the same time. */
  readonly slots: () => number;
  /** Whether tasks that ran when another process ended are run again; else they have failed. */
  readonly runsLostAgain?: boolean;
}

/** A task of this process that has not ended. */
interface ActiveTask {
  readonly record: TaskRecord;
  readonly work: TaskRun;
  readonly cancel: AbortController;
  readonly log: string[];
  started: boolean;
  /** Another process settles it. */
  isAbandoned: boolean;
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

  /** Tasks that may run at the same time, now. */
  get slotCount(): number {
    return this.options.slots();
  }

  /** To be called when there may be more slots. */
  slotsChanged(): void {
    this.#queue.startNext();
  }

  /**
   * Settles the tasks of a process that ended while they ran, or runs them again. To be called before anything else, and again where it
   * fails: those that this process has taken itself, or up again, are left alone.
   */
  async recover(): Promise<void> {
    const { store, publisher, runsLostAgain = false } = this.options;
    const ending = [...this.#active.values()].filter(({ isAbandoned }) => isAbandoned);
    await Promise.all(ending.map(({ done }) => done));
    const lost = (await store.list()).filter(({ status }) => status === 'RUNNING');
    // As they were submitted.
    for (const task of lost.sort((a, b) => a.createdMs - b.createdMs)) {
      const published = await publisher.hasPublished(task.id);
      if (this.#active.has(task.id)) continue;
      if (!published && runsLostAgain && (await this.#runAgain(task))) continue;
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

  /** False when what was stored of the task is none that this version can run. */
  async #runAgain(record: TaskRecord): Promise<boolean> {
    try {
      const task = parseTask(await this.options.store.payload(record.id));
      if (!this.#active.has(record.id)) this.#enqueue(record, task);
      return true;
    } catch (error) {
      if (error instanceof UserError) return false;
      throw error;
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
    // Closed while it was stored: start-up settles the record, or runs it.
    if (this.#closed && this.options.runsLostAgain) return id;
    if (this.#closed) throw isClosing();
    // Not if `recover` has found it meanwhile.
    if (!this.#active.has(id)) this.#enqueue(record, task);
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

  /** The tasks that have not ended. */
  active(): TaskRecord[] {
    return [...this.#active.values()].map(({ record }) => record);
  }

  payload(id: string): Promise<JsonObject | null> {
    return this.options.store.payload(id);
  }

  /** The report: live while the task runs. Null while there is none. */
  async report(id: string): Promise<JsonObject | null> {
    const active = this.#active.get(id);
    if (active === undefined) return this.options.store.report(id);
    return active.work.liveReport(active.started);
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

  /** Stops all tasks and stores nothing of how they end: they are another process's now. None of them publishes any more. */
  abandon(reason: string): void {
    for (const active of this.#active.values()) {
      active.isAbandoned = true;
      this.#cancel(active, reason);
    }
  }

  /** Takes no more tasks, cancels what runs and waits until it has stopped. Where lost tasks run again, these do. */
  async close(): Promise<void> {
    this.#closed = true;
    const active = [...this.#active.values()];
    if (this.options.runsLostAgain) this.abandon(CLOSING);
    else for (const task of active) this.#cancel(task, CLOSING);
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
    const { publisher, remover, run, logger } = this.options;
    let settle: (record: TaskRecord) => void = () => undefined;
    const done = new Promise<TaskRecord>((resolve) => {
      settle = resolve;
    });
    const cancel = new AbortController();
    const work = task.start({
      taskId: record.id,
      publisher,
      remover,
      build: run,
      logger,
      signal: cancel.signal,
      note: (line) => this.#note(active, line),
      tell: (progress) => this.#tell(active, progress),
    });
    const active: ActiveTask = {
      record,
      work,
      cancel,
      log: [],
      started: false,
      isAbandoned: false,
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
    try {
      active.cancel.signal.throwIfAborted();
      await active.work.run();
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
    await this.#remember(active, record);
    active.settle(record);
  }

  /** Stores how a task ended; a store that fails is logged, and start-up settles the task. */
  async #remember(active: ActiveTask, record: TaskRecord): Promise<void> {
    const { store, logger } = this.options;
    try {
      if (!active.isAbandoned) {
        await store.saveReport(record.id, active.work.report(record.errorMsg));
        await store.update(record);
      }
    } catch (error) {
      logger.error({ task: record.id, err: error }, 'the end of a task could not be stored');
    }
    this.#logs.set(record.id, active.log);
    if (this.#logs.size > MAX_LOGS) this.#logs.delete(this.#logs.keys().next().value ?? '');
    this.#active.delete(record.id);
  }

  /** A listener that throws is left out from then on: the task is not its business. */
  #tell(active: ActiveTask, progress: Progress): void {
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
