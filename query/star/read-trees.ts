import type { JsonObject, Long } from '../../core/index.js';
import type { Aggregator, Interval, WireState } from '../../model/index.js';
import { segmentDecoder, withValues } from '../compiler/decoder.js';
import type { ScanJob } from '../executor/executor.js';
import type { Casts } from '../interpreter/cast-segment.js';
import { type GroupPartial, noGroups } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { type StateColumn, stateReader } from '../interpreter/state-column.js';
import { mergeVisibleTimes, type VisibleTimes } from '../interpreter/visible-times.js';
import type { NativeQuery } from '../native/query.js';
import { countJob } from '../plan/count-job.js';
import { bundlesOf } from '../plan/job-bundles.js';
import type { PlannedPart } from '../plan/prune.js';
import type { ScanOptions } from '../plan/scan-parts.js';
import type { QueryStats } from '../result.js';
import { TESTED_PER_FOLDED } from './expected-records.js';
import { foldRecords, passingBatches } from './fold-records.js';
import type { TreeFold, TreePlan } from './plan-tree.js';
import { countOf } from './record-batch.js';
import { takesNumbers } from './record-numbers.js';
import { FIRST, LAST } from './time-cut.js';
import { type FoundTree, foundRecords, type PinnedTree } from './tree-records.js';

/** A part of which a tree is read, in memory. */
export interface TreeRead {
  readonly plan: PlannedPart;
  readonly tree: TreePlan;
  readonly pinned: PinnedTree;
}

interface ReadContext {
  readonly query: NativeQuery;
  readonly groups: GroupPlan;
  /** The query as executors know it. */
  readonly spec: () => JsonObject;
  readonly options: ScanOptions;
}

/** By part: what its rows would have given; that of several parts together is with the first of them. */
export type TreeAnswers = ReadonlyMap<PlannedPart, readonly GroupPartial[]>;

/**
 * As many records are folded in this thread, in one or two milliseconds where numbers are folded: two workers hardly take less, and send
 * groups besides.
 */
export const FEW_RECORDS = 50_000;

/** Records of sketches, and of what else only an aggregator knows, count as so many. */
const OTHER_STATES = 5;

/** Trees of which the same is folded. */
interface Folding {
  readonly fold: TreeFold;
  readonly trees: FoundTree[];
  readonly first: PlannedPart;
  /** Of all parts together. */
  readonly visible: VisibleTimes;
  recordCount: number;
}

/** Reads trees: few records in this thread and at once, else in workers. */
export function readTrees(
  reads: readonly TreeRead[],
  context: ReadContext,
  signal: AbortSignal,
): TreeAnswers | Promise<TreeAnswers> {
  const foldings = foldingsOf(reads, context);
  const answers = new Map<PlannedPart, readonly GroupPartial[]>();
  const many: Folding[] = [];
  for (const folding of foldings) {
    const partial = foldedHere(folding, context, signal);
    if (partial === null) many.push(folding);
    else answers.set(folding.first, [answerOf(folding, partial, context)]);
  }
  return many.length === 0 ? answers : withMany(answers, many, context, signal);
}

/** Null where too many records pass. */
function foldedHere(
  folding: Folding,
  { groups, options: { limits, fewRecords } }: ReadContext,
  signal: AbortSignal,
): GroupPartial | null {
  const { fold, trees } = folding;
  const weight = fold.aggregators.every(takesNumbers) ? 1 : OTHER_STATES;
  const most = Math.floor(fewRecords / weight);
  if (!areSoonTested(folding, most)) return null;
  const batches = passingBatches(trees, limits, signal);
  return countOf(batches) > most ? null : foldRecords(groups, fold, batches, limits, signal);
}

function foldingsOf(reads: readonly TreeRead[], { options }: ReadContext): Folding[] {
  const foldings: Folding[] = [];
  for (const { plan, tree, pinned } of reads) {
    const found = foundRecords(tree, plan, pinned);
    countRecords(options.stats, plan, found);
    const { fold } = tree.shape;
    const known = foldings.find((each) => each.fold === fold);
    if (known === undefined) {
      const { visible, recordCount } = found;
      foldings.push({ fold, trees: [found], first: plan, visible, recordCount });
    } else {
      known.trees.push(found);
      known.recordCount += found.recordCount;
      mergeVisibleTimes(known.visible, found.visible);
    }
  }
  return foldings;
}

async function withMany(
  answers: Map<PlannedPart, readonly GroupPartial[]>,
  foldings: readonly Folding[],
  context: ReadContext,
  signal: AbortSignal,
): Promise<TreeAnswers> {
  const { dimensions, aggregations } = context.groups;
  for (const folding of foldings) {
    const partials = await scanRecords(folding, context, signal);
    answers.set(folding.first, [
      noGroups(dimensions.length, aggregations.length, folding.visible),
      ...partials.map((partial) => answerOf(folding, partial, context)),
    ]);
  }
  return answers;
}

/** What records gave, as the query asked for it. */
function answerOf(
  { fold, visible }: Folding,
  partial: GroupPartial,
  { groups, options }: ReadContext,
): GroupPartial {
  countJob(options.stats, partial);
  const states = statesOf(fold, groups.aggregations, partial.states);
  return { ...partial, states, visible };
}

/** Whether it takes little time to find those that pass, of which there are likely no more than `most`. */
function areSoonTested({ trees, recordCount }: Folding, most: number): boolean {
  // Records are read where they lie.
  if (trees.some(({ segment }) => segment.scanMemory === null)) return false;
  if (recordCount <= most) return true;
  if (recordCount > TESTED_PER_FOLDED * most) return false;
  if (trees.some(({ predicates }) => predicates.length > 0)) return false;
  const passing = trees.reduce(
    (sum, tree) => sum + (tree.whole?.passing?.length ?? tree.recordCount * tree.share),
    0,
  );
  return passing <= most;
}

function countRecords(stats: QueryStats, plan: PlannedPart, { recordCount }: FoundTree): void {
  stats.treeSegments++;
  stats.treeRecords += recordCount;
  stats.treeRows += plan.part.rowCount;
  stats.starTrees?.read(plan, recordCount);
}

const NO_CASTS: Casts = new Map();

/** All times: those of records are the starts of buckets, which may lie before the query's interval. */
const ALWAYS: readonly Interval[] = [{ startMs: FIRST, endMs: LAST }];

/** What workers make of the records, tree by tree. */
async function scanRecords(
  { fold: { specs }, trees }: Folding,
  { query, groups, spec, options }: ReadContext,
  signal: AbortSignal,
): Promise<GroupPartial[]> {
  const { executor, limits, stats, rowsPerJob } = options;
  const jobs: ScanJob[] = [];
  const treeOf: number[] = [];
  for (const [i, tree] of trees.entries()) {
    for (const job of jobsOf(tree, rowsPerJob)) {
      jobs.push(job);
      treeOf.push(i);
    }
  }
  const batch = {
    kind: 'scan',
    query: { ...spec(), aggregations: [...specs] },
    jobs,
    bundles: bundlesOf(jobs.map(({ rowsExpected }) => rowsExpected)),
    mergesJobs: false,
    givesBlocks: 'never',
    limits,
    priority: query.context.priority,
  } as const;
  const found = await executor.run(batch, signal);
  stats.jobs += found.length;
  const decoders = trees.map(({ segment }) => segmentDecoder(query, groups, () => segment));
  // Few rows of several jobs are answered together, by values; nothing but groups is asked of trees.
  return found.flatMap((partial, i) =>
    partial === null ? [] : withValues(partial as GroupPartial, decoders[treeOf[i]!]!),
  );
}

/** Ranges of a tree's records, about so many in each job. */
function jobsOf(tree: FoundTree, most: number): ScanJob[] {
  const { handle, segment, ranges, recordCount, spans } = tree;
  const shared = {
    source: { kind: 'segment', handle, casts: NO_CASTS },
    rows: ranges,
    spans: spans ?? ALWAYS,
  } as const;
  const to = segment.rowCount;
  if (recordCount <= most) return [{ ...shared, from: 0, to, rowsExpected: recordCount }];
  const jobs: ScanJob[] = [];
  let from = 0;
  let count = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    count += ranges[i + 1]! - ranges[i]!;
    const isLast = i + 2 === ranges.length;
    if (count < most && !isLast) continue;
    jobs.push({ ...shared, from, to: isLast ? to : ranges[i + 1]!, rowsExpected: count });
    from = ranges[i + 1]!;
    count = 0;
  }
  return jobs;
}

/** The states of a query's aggregators, made of those that were folded of records. */
function statesOf(
  { gives }: TreeFold,
  aggregations: readonly Aggregator[],
  states: readonly StateColumn[],
): StateColumn[] {
  let next = 0;
  return aggregations.map((_, i): StateColumn => {
    const column = states[next++]!;
    if (gives[i] === 'count') return Array.isArray(column) ? column.map((n) => n ?? 0) : column;
    if (gives[i] === 'mean') return means(column, states[next++]!);
    return column;
  });
}

function means(sums: StateColumn, counts: StateColumn): StateColumn {
  const [sum, count] = [stateReader(sums), stateReader(counts)];
  const size = 'ends' in sums ? sums.ends.length : sums.length;
  return Array.from({ length: size }, (_, i): WireState => {
    const n = Number((count(i) as Long | null) ?? 0);
    return n === 0 ? null : { sum: Number(sum(i) as Long | null), count: n };
  });
}
