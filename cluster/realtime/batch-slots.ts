import { pause, type Timers } from '../../core/index.js';
import { placeTasks, type WorkerState } from '../coordinator/task-placement.js';
import type { WorkerConfig } from '../coordinator/worker-config.js';

/** A place for one job at a worker. */
export interface BatchSlot {
  /** Of the worker that has it. */
  readonly host: string;
  release(): void;
}

/** A job that wants a place. */
export interface SlotWish {
  readonly taskId: string;
  readonly dataSource: string;
  /** Workers that were lost with this job: others come first. */
  readonly lost: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

export interface BatchSlotsOptions {
  /** Who runs jobs now, and how many at the same time. */
  workers(): readonly Omit<WorkerState, 'usedSlots'>[];
  /** How nodes are chosen. */
  config(): Promise<WorkerConfig>;
  readonly timers: Timers;
}

/** How soon a job that found no place looks again. */
const LOOK_MS = 100;

/** The places for jobs at all workers, as the leader gives them away. */
export class BatchSlots {
  /** Ids of tasks by worker. */
  readonly #running = new Map<string, Set<string>>();

  constructor(private readonly options: BatchSlotsOptions) {}

  /** How many jobs can run at the same time. */
  get count(): number {
    const enabled = this.options.workers().filter(({ isEnabled }) => isEnabled);
    return enabled.reduce((sum, { slots }) => sum + slots, 0);
  }

  /** What a worker runs. */
  runningAt(host: string): readonly string[] {
    return [...(this.#running.get(host) ?? [])];
  }

  /** Waits for a place. Rejects with the signal's reason. */
  async take(wish: SlotWish): Promise<BatchSlot> {
    for (;;) {
      const config = await this.options.config();
      wish.signal.throwIfAborted();
      const host = this.#choose(wish, config);
      if (host !== undefined) return this.#give(host, wish.taskId);
      await pause(this.options.timers, LOOK_MS, wish.signal);
    }
  }

  #choose({ taskId: id, dataSource, lost }: SlotWish, config: WorkerConfig): string | undefined {
    const workers = this.options
      .workers()
      .map((worker) => ({ ...worker, usedSlots: this.runningAt(worker.host).length }));
    const others = workers.filter(({ host }) => !lost.has(host));
    const choice = others.length > 0 ? others : workers;
    return placeTasks([{ id, dataSource }], choice, config).get(id);
  }

  #give(host: string, taskId: string): BatchSlot {
    const running = this.#running.get(host) ?? new Set();
    this.#running.set(host, running.add(taskId));
    return { host, release: () => void running.delete(taskId) };
  }
}
