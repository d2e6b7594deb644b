import {
  type JsonObject,
  ManualClock,
  SeededRandom,
  silentLogger,
  VirtualDisk,
} from '../../core/index.js';
import type { Interval } from '../../model/index.js';
import type { SealedSegment, SegmentId } from '../../segments/index.js';
import type { BatchJob, BatchResult } from '../batch/batch-job.js';
import type { Publisher, PublishRequest, TableReader, VisibleSegment } from '../publisher.js';
import type { KillOrder, SegmentRemover } from '../remover.js';
import type { TaskRecord, TaskStore } from '../task-store.js';
import { TaskManager } from './task-manager.js';

/** For tests: tasks remembered in maps, which survive a `TaskManager`. */
export class MemoryTaskStore implements TaskStore {
  readonly records = new Map<string, TaskRecord>();
  readonly payloads = new Map<string, JsonObject>();
  readonly reports = new Map<string, JsonObject>();
  /** When set, saving fails with it. */
  failure: Error | null = null;

  async insert(task: TaskRecord, payload: JsonObject): Promise<void> {
    if (this.records.has(task.id)) throw new Error('UNIQUE constraint failed');
    this.records.set(task.id, task);
    this.payloads.set(task.id, payload);
  }

  async update(task: TaskRecord): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.records.set(task.id, task);
  }

  async saveReport(taskId: string, report: JsonObject): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.reports.set(taskId, report);
  }

  async get(taskId: string): Promise<TaskRecord | null> {
    return this.records.get(taskId) ?? null;
  }

  async payload(taskId: string): Promise<JsonObject | null> {
    return this.payloads.get(taskId) ?? null;
  }

  async report(taskId: string): Promise<JsonObject | null> {
    return this.reports.get(taskId) ?? null;
  }

  async list(): Promise<TaskRecord[]> {
    return [...this.records.values()].sort((a, b) => b.createdMs - a.createdMs);
  }
}

/** For tests: remembers what was published. */
class MemoryPublisher implements Publisher {
  readonly requests: PublishRequest[] = [];
  chunks: Interval[] = [];
  visible: VisibleSegment[] = [];
  /** How many hold files. */
  held = 0;
  /** When set, a publish fails with it: before it is committed, or behind that. */
  failure: { readonly error: Error; readonly committed: boolean } | null = null;

  chunkIntervals(): readonly Interval[] {
    return this.chunks;
  }

  declaredStarTrees(): undefined {}

  async read(): Promise<TableReader> {
    this.held++;
    return {
      visibleSegments: () => this.visible,
      release: () => void this.held--,
    };
  }

  async publish(request: PublishRequest): Promise<readonly SegmentId[]> {
    if (this.failure === null || this.failure.committed) this.requests.push(request);
    if (this.failure !== null) throw this.failure.error;
    return [];
  }

  async hasPublished(taskId: string): Promise<boolean> {
    return this.requests.some((request) => request.taskId === taskId);
  }
}

/** For tests: so many segments that do not count, of whatever table. */
class MemoryRemover implements SegmentRemover {
  readonly orders: KillOrder[] = [];
  readonly dropped: Interval[] = [];
  readonly discarded: string[] = [];
  unused = 0;
  /** How many segments a drop finds. */
  used = 0;

  async drop(_dataSource: string, interval: Interval): Promise<number> {
    this.dropped.push(interval);
    this.unused += this.used;
    return this.used;
  }

  async kill(_dataSource: string, order: KillOrder): Promise<number> {
    this.orders.push(order);
    const count = Math.min(order.limit, this.unused);
    this.unused -= count;
    return count;
  }

  discard(paths: readonly string[]): void {
    this.discarded.push(...paths);
  }
}

/** For tests: a job that has started; the test says how it goes on. */
export interface StartedJob extends BatchJob {
  succeed(result?: Partial<BatchResult>): void;
  fail(error: unknown): void;
}

/** For tests: a manager over a runner whose jobs end when the test says so, or when aborted. */
export class TaskWorld {
  readonly clock = new ManualClock(Date.UTC(2024, 0, 1));
  readonly publisher = new MemoryPublisher();
  readonly remover = new MemoryRemover();
  readonly jobs: StartedJob[] = [];
  readonly manager: TaskManager;

  constructor(
    readonly store = new MemoryTaskStore(),
    slots = 2,
    runsLostAgain = false,
  ) {
    const { clock, publisher, remover } = this;
    this.manager = new TaskManager({
      store,
      publisher,
      remover,
      run: (job) => this.#run(job),
      input: {
        disk: new VirtualDisk(),
        localRoots: ['/allowed'],
        httpHosts: [],
        fetch,
        maxEntityBytes: 1,
        clock,
      },
      clock,
      random: new SeededRandom(1),
      logger: silentLogger,
      slots: () => slots,
      runsLostAgain,
    });
  }

  #run(job: BatchJob): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      job.signal.addEventListener('abort', () => reject(job.signal.reason));
      this.jobs.push({
        ...job,
        succeed: (result = {}) =>
          resolve({ segments: [], stats: statsOf(0), parseExceptions: [], ...result }),
        fail: reject,
      });
    });
  }
}

/** For tests: so many rows, all fine. */
export const statsOf = (processed: number) => ({
  processed,
  processedWithError: 0,
  thrownAway: 0,
  unparseable: 0,
  processedBytes: 10 * processed,
});

/** For tests: a segment file of a chunk. */
export const segmentOf = (interval: Interval): { interval: Interval; sealed: SealedSegment } => ({
  interval,
  sealed: {
    path: '/data/segments/t/1.varve',
    rowCount: 1,
    sizeBytes: 1,
    sha256: '',
    minTimeMs: interval.startMs,
    maxTimeMs: interval.startMs,
    columns: [],
  },
});

/** For tests: the JSON of a task into table `t`, with changes to its `ioConfig`. */
export function taskJson(
  task: JsonObject = {},
  ioConfig: JsonObject = {},
  dataSource = 't',
): JsonObject {
  return {
    type: 'index_parallel',
    ...task,
    spec: {
      dataSchema: {
        dataSource,
        timestampSpec: { column: 'ts' },
        dimensionsSpec: { dimensions: ['a'] },
        granularitySpec: { intervals: ['2024-01-01/2024-01-03'] },
      },
      ioConfig: {
        inputSource: { type: 'inline', data: '' },
        inputFormat: { type: 'json' },
        ...ioConfig,
      },
    },
  };
}
