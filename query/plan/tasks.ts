import { segmentIdText } from '../../segments/index.js';
import type { JobResult, PartialResult, ScanEngine } from '../engines/engine.js';
import type { Executor, ScanJob } from '../executor/executor.js';
import { encodeBlock, hasTime, type RowBlock, timelessSpans } from '../interpreter/rows-segment.js';
import type { JobLimits } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import type { QueryStats } from '../result.js';
import type { TablePart } from '../tables.js';
import { type PlannedPart, prune } from './prune.js';
import { type RowRange, rowRanges } from './row-ranges.js';

/** One job to be run; tasks are in the order in which their partials are merged. */
export type JobTask = (signal: AbortSignal) => Promise<JobResult<PartialResult>>;

export interface TaskOptions {
  readonly executor: Executor;
  readonly limits: JobLimits;
  readonly stats: QueryStats;
  readonly rowsPerJob: number;
}

/** The jobs of a query over segments: one per (segment, row range), after pruning. */
export function partTasks(
  engine: ScanEngine,
  query: NativeQuery,
  parts: readonly TablePart[],
  options: TaskOptions,
): JobTask[] {
  const planned = prune(query, parts);
  const shared = sharedJobFields(query, options);
  options.stats.segmentsPruned += parts.length - planned.length;
  const columns = ['__time', ...engine.inputs(query)];
  return planned.flatMap((plan) => {
    const known = engine.withoutScan(query, plan.facts);
    const segmentId = segmentIdText(plan.part.id);
    if (known !== null) {
      options.stats.segmentsPruned++;
      return [async () => ({ partial: known, segmentId })];
    }
    options.stats.segments++;
    return rowRanges(plan.part.rowCount, options.rowsPerJob).map(
      (range): JobTask =>
        async (signal) => {
          options.stats.jobs++;
          const partial = await runPart(plan, range, columns, shared, options, signal);
          count(options.stats, partial);
          return { partial, segmentId };
        },
    );
  });
}

function count(stats: QueryStats, partial: PartialResult): void {
  stats.rowsScanned += partial.rowsScanned;
  if (partial.kind !== 'groups' || partial.compiled === null) return;
  if (partial.compiled) stats.compiledJobs++;
  else stats.interpretedJobs++;
}

type SharedJobFields = Pick<ScanJob, 'query' | 'limits' | 'priority'>;

/** What all jobs of a query have; the spec is one object, so that executors send it once. */
const sharedJobFields = (query: NativeQuery, { limits }: TaskOptions): SharedJobFields => ({
  query: { ...query.spec, dataSource: 'rows' },
  limits,
  priority: query.context.priority,
});

/** Holds the columns in memory for as long as the job runs. */
async function runPart(
  { part, spans }: PlannedPart,
  range: RowRange,
  columns: readonly string[],
  shared: SharedJobFields,
  { executor }: TaskOptions,
  signal: AbortSignal,
): Promise<PartialResult> {
  const pinned = await part.pin(columns);
  try {
    const source = { kind: 'segment', handle: pinned.handle } as const;
    return await executor.run({ ...shared, ...range, source, spans }, signal);
  } finally {
    pinned.release();
  }
}

/** The jobs of a query over rows in memory. Rows without a time of their own lie in every interval. */
export function blockTasks(query: NativeQuery, block: RowBlock, options: TaskOptions): JobTask[] {
  const { executor, stats } = options;
  const shared = sharedJobFields(query, options);
  const source = { kind: 'rows', block: encodeBlock(block) } as const;
  const spans = hasTime(block) ? query.intervals : timelessSpans(query.intervals);
  return rowRanges(block.rowCount, options.rowsPerJob).map(
    (range): JobTask =>
      async (signal) => {
        stats.jobs++;
        const partial = await executor.run({ ...shared, ...range, source, spans }, signal);
        count(stats, partial);
        return { partial, segmentId: null };
      },
  );
}
