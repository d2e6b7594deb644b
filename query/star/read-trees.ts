import { type JsonObject, stringifyJson } from '../../core/index.js';
import type { PinnedSegment } from '../../segments/index.js';
import { segmentDecoder, withValues } from '../compiler/decoder.js';
import type { ScanJob } from '../executor/executor.js';
import { openSource } from '../executor/run-job.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { NativeQuery } from '../native/query.js';
import { countJob } from '../plan/count-job.js';
import { bundlesOf } from '../plan/job-bundles.js';
import type { PlannedPart } from '../plan/prune.js';
import type { ScanOptions } from '../plan/scan-parts.js';
import type { QueryStats } from '../result.js';
import type { TreePlan } from './plan-tree.js';
import { treeJob, withTimesOf } from './tree-job.js';

/** A part of which a tree is read, in memory. */
interface TreeRead {
  readonly plan: PlannedPart;
  readonly tree: TreePlan;
  readonly pinned: PinnedSegment;
}

interface ReadContext {
  readonly query: NativeQuery;
  readonly groups: GroupPlan;
  /** The query as executors know it. */
  readonly spec: JsonObject;
  readonly options: ScanOptions;
}

/** By part: what its rows would have given. */
export type TreeAnswers = ReadonlyMap<PlannedPart, GroupPartial>;

/** Reads trees in workers, those together of which the same is folded. */
export async function readTrees(
  reads: readonly TreeRead[],
  context: ReadContext,
  signal: AbortSignal,
): Promise<TreeAnswers> {
  const { query, groups, options } = context;
  const answers = new Map<PlannedPart, GroupPartial>();
  for (const alike of byAggregations(reads)) {
    const jobs = alike.map(({ tree, plan, pinned }) => treeJob(query, tree, plan, pinned));
    const partials = await scanTrees(jobs, alike[0]!.tree, context, signal);
    for (const [i, { plan }] of alike.entries()) {
      const partial = partials[i]!;
      countJob(options.stats, partial);
      countRecords(options.stats, plan, partial);
      const decoder = segmentDecoder(query, groups, () => openSource(jobs[i]!.source));
      answers.set(plan, withTimesOf(withValues(partial, decoder), plan));
    }
  }
  return answers;
}

function countRecords(stats: QueryStats, plan: PlannedPart, { rowsScanned }: GroupPartial): void {
  stats.treeSegments++;
  stats.treeRecords += rowsScanned;
  stats.starTrees?.read(plan, rowsScanned);
}

function byAggregations(reads: readonly TreeRead[]): TreeRead[][] {
  const found = new Map<string, TreeRead[]>();
  for (const read of reads) {
    const text = stringifyJson(read.tree.aggregations);
    found.set(text, [...(found.get(text) ?? []), read]);
  }
  return [...found.values()];
}

async function scanTrees(
  jobs: readonly ScanJob[],
  { aggregations }: TreePlan,
  { query, spec, options }: ReadContext,
  signal: AbortSignal,
): Promise<GroupPartial[]> {
  const { executor, limits, stats } = options;
  const batch = {
    kind: 'scan',
    query: { ...spec, aggregations: [...aggregations] },
    jobs,
    bundles: bundlesOf(jobs.map(({ rowsExpected }) => rowsExpected)),
    mergesJobs: false,
    givesBlocks: 'never',
    limits,
    priority: query.context.priority,
  } as const;
  const partials = await executor.run(batch, signal);
  stats.jobs += partials.length;
  // One for each job, since none are merged, and of groups, since nothing else has trees.
  return partials as GroupPartial[];
}
