import { isJsonObject, type JsonObject } from '../../core/index.js';
import type { BatchJob, BatchResult } from '../batch/batch-job.js';
import { NO_ROWS, type Progress, type RowStats } from '../batch/progress.js';
import type { PublishBasis, Publisher, PublishRequest, TableReader } from '../publisher.js';
import { liveReport, type ReportFacts, taskReport } from './report.js';
import type { TaskContext, TaskRun } from './task.js';

/** What a plan may know of tables beside their segments. */
export type StoredTables = Pick<Publisher, 'chunkIntervals' | 'declaredStarTrees'>;

type Planner = (reader: TableReader, tables: StoredTables) => Promise<BatchPlan>;

/** The part of a job that comes from the task, and what of the table it rests on. */
export interface BatchPlan extends Pick<BatchJob, 'spec' | 'chunkIntervals' | 'slices'> {
  readonly basis: PublishBasis | null;
  /** The rows that are read are all that there are in the intervals of the spec. */
  readonly isRewrite: boolean;
  /** Remembered with the segments; null: nothing. */
  readonly compactionState: JsonObject | null;
}

/**
 * A task that builds segments and publishes them in one step. `planOf` decides what to build from
 * what the tables hold when the task's turn has come. `json` is the task as submitted.
 */
export const batchRun = (json: JsonObject, context: TaskContext, planOf: Planner): TaskRun =>
  new BatchRun(json, context, planOf);

class BatchRun implements TaskRun {
  #progress: Progress | null = null;
  #result: BatchResult | null = null;

  constructor(
    private readonly json: JsonObject,
    private readonly context: TaskContext,
    private readonly planOf: Planner,
  ) {}

  async run(): Promise<void> {
    const reader = await this.context.publisher.read();
    try {
      await this.#run(reader);
    } finally {
      reader.release();
    }
  }

  async #run(reader: TableReader): Promise<void> {
    const { publisher, taskId, signal, build } = this.context;
    const plan = await this.planOf(reader, publisher);
    signal.throwIfAborted();
    const { spec, chunkIntervals, slices } = plan;
    this.context.note(`reading into ${spec.dataSource}`);
    const treeCount = spec.starTrees?.length ?? 0;
    if (treeCount > 0) this.context.note(`each segment gets ${treesOf(treeCount)}, if worth it`);
    const onProgress = (progress: Progress) => this.#tell(progress);
    this.#result = await build({ taskId, spec, chunkIntervals, slices, signal, onProgress });
    await this.#publish(plan, this.#result);
  }

  liveReport(hasStarted: boolean): JsonObject {
    const state = hasStarted ? 'BUILD_SEGMENTS' : 'NOT_STARTED';
    return liveReport(this.#facts(null, state), this.#progress);
  }

  report(errorMsg: string | null): JsonObject {
    return taskReport(this.#facts(errorMsg, 'COMPLETED'));
  }

  async #publish(plan: BatchPlan, result: BatchResult): Promise<void> {
    const { signal, note } = this.context;
    if (this.#progress !== null) this.#tell({ ...this.#progress, phase: 'PUBLISH' });
    const { spec, basis, compactionState } = plan;
    const { segments, stats } = result;
    const dropIntervals = replacesAll(plan, stats) ? (spec.granularity.intervals ?? []) : [];
    if (segments.length === 0 && dropIntervals.length === 0) {
      signal.throwIfAborted();
      note('no row was stored; nothing changes');
      return;
    }
    const { dataSource } = spec;
    const mode = spec.append ? 'append' : 'overwrite';
    await this.#publishOnce({
      dataSource,
      mode,
      segments,
      dropIntervals,
      dropsRows: spec.dropExisting,
      basis,
      compactionState,
    });
    const rows = stats.processed + stats.processedWithError;
    const trees = treeCountOf(result);
    const withTrees = trees === 0 ? '' : `, ${treesOf(trees)}`;
    note(`published ${segments.length} segments, ${rows} rows${withTrees}`);
  }

  /** A publish that fails may have been committed all the same: what the store says decides. If not, no file is left. */
  async #publishOnce(request: Omit<PublishRequest, 'taskId'>): Promise<void> {
    const { publisher, remover, logger, signal, taskId } = this.context;
    try {
      signal.throwIfAborted();
      await publisher.publish({ taskId, ...request });
    } catch (error) {
      if (!(await publisher.hasPublished(taskId))) {
        remover.discard(request.segments.map(({ sealed }) => sealed.path));
        throw error;
      }
      logger.error({ task: taskId, err: error }, 'published, but it may show only after a restart');
    }
  }

  #tell(progress: Progress): void {
    this.#progress = progress;
    this.context.tell(progress);
  }

  #facts(errorMsg: string | null, ingestionState: ReportFacts['ingestionState']): ReportFacts {
    const { context } = this.json;
    const [result, progress] = [this.#result, this.#progress];
    return {
      taskId: this.context.taskId,
      ingestionState,
      stats: result?.stats ?? progress?.stats ?? NO_ROWS,
      parseExceptions: result?.parseExceptions ?? progress?.parseExceptions ?? [],
      errorMsg,
      starTreesBuilt: errorMsg === null && result !== null ? treeCountOf(result) : 0,
      segmentsPublished: errorMsg === null ? (result?.segments.length ?? 0) : 0,
      context: isJsonObject(context) ? context : {},
    };
  }
}

const treesOf = (count: number): string => (count === 1 ? 'a star-tree' : `${count} star-trees`);

const treeCountOf = ({ segments }: BatchResult): number =>
  segments.reduce((sum, { sealed }) => sum + (sealed.treeCount ?? 0), 0);

/** Also where it has no rows. What is rewritten without a loss need not stay: it would be rewritten again. */
const replacesAll = ({ spec, isRewrite }: BatchPlan, { thrownAway, unparseable }: RowStats) =>
  spec.dropExisting || (isRewrite && thrownAway + unparseable === 0);
