import { invariant, type JsonObject, stringifyJson } from '../../core/index.js';
import { attachSegment } from '../../segments/index.js';
import type { GroupBlock, GroupBlocks } from '../compiler/group-blocks.js';
import { mergeCapacity, partitionRanges } from '../compiler/merge-plan.js';
import type { JobResult, PartialResult, ScanEngine } from '../engines/engine.js';
import type { JobSource, MergeBatch } from '../executor/executor.js';
import { noGroups } from '../interpreter/group-partial.js';
import { tooManyGroups } from '../interpreter/group-table.js';
import type { NativeQuery } from '../native/query.js';
import type { ScanOptions, ScanResults } from './scan-parts.js';
import { withoutTable } from './worker-spec.js';

type Result = JobResult<PartialResult>;

/** Blocks whose entries mean the same, in the order of the rows, and where they come from. */
export interface AlikeBlocks extends Omit<Result, 'partial'> {
  readonly source: JobSource;
  readonly partial: GroupBlocks;
  readonly blocks: GroupBlock[];
}

/**
 * The results of a scan with their blocks merged, by workers, into groups that are there once. Unless `isAll`, more
 * results are to come, so that every group may be in the answer.
 */
export async function mergeBlocks(
  engine: ScanEngine,
  query: NativeQuery,
  scanned: ScanResults,
  options: ScanOptions,
  signal: AbortSignal,
  isAll = true,
): Promise<readonly Result[]> {
  if (scanned.results.every(({ partial }) => partial.kind !== 'blocks' || partial.few !== null)) {
    return scanned.results.map(fewOf);
  }
  const alike = alikeOf(scanned);
  const others = scanned.results.map((result) => withoutBlocks(engine, query, result));
  const areAll = isAll && alike.length === 1 && others.every(({ partial }) => isEmpty(partial));
  const merging = await Promise.allSettled(
    alike.map((blocks) => mergeAlike(scanned.spec, blocks, areAll, query, options, signal)),
  );
  // Also after a failure: nobody may give memory back that is being read.
  const merged = merging.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
  return [...others, ...merged.flat()];
}

/** All groups of a scan as blocks that mean the same; null where some are something else. */
export function onlyBlocks(scanned: ScanResults): AlikeBlocks | null {
  const [only, ...more] = alikeOf(scanned);
  const isAll = scanned.results.every(
    ({ partial }) => partial.kind === 'blocks' || isEmpty(partial),
  );
  return only !== undefined && more.length === 0 && isAll ? only : null;
}

/** The partials of a query over the groups that some blocks are merged to. */
export async function scanMerged(
  blocks: AlikeBlocks,
  inner: JsonObject,
  outer: NativeQuery,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<ScanResults & { readonly rowsMerged: number }> {
  const spec = withoutTable(outer);
  const merge: Merge = { query: inner, blocks, isAll: true, outer: spec };
  const { stats } = options;
  const partials = await runMerge(merge, outer, options, signal);
  const results = partials.map((partial) => {
    stats.rowsScanned += partial.rowsScanned;
    return { partial, decoder: null, segmentId: null, source: null };
  });
  const rowsMerged = partials.reduce((sum, { rowsScanned }) => sum + rowsScanned, 0);
  return { results, spec, rowsMerged, release: () => undefined };
}

/** Whether there is anything to merge before results are those of an engine. */
export const hasBlocks = ({ results }: ScanResults): boolean =>
  results.some(({ partial }) => partial.kind === 'blocks');

/** A result without blocks. */
function fewOf(result: Result): Result {
  const { partial } = result;
  return partial.kind === 'blocks' ? { ...result, partial: partial.few! } : result;
}

const isEmpty = (partial: PartialResult): boolean =>
  partial.kind === 'groups' && partial.groupCount === 0;

/** What else is known of a job: which times it saw. */
function withoutBlocks(engine: ScanEngine, query: NativeQuery, result: Result): Result {
  const { partial } = result;
  if (partial.kind !== 'blocks') return result;
  const { dimensions, aggregations } = engine.groups(query)!;
  return { ...result, partial: noGroups(dimensions.length, aggregations.length, partial.visible) };
}

function alikeOf({ results }: ScanResults): AlikeBlocks[] {
  const bySignature = new Map<string, AlikeBlocks>();
  for (const { partial, source, ...rest } of results) {
    if (partial.kind !== 'blocks' || source === null) continue;
    const layout = stringifyJson({ ...partial.layout, expectedSlots: 0 });
    const signature = partial.hasCodes ? `${layout} ${rest.segmentId}` : layout;
    const known = bySignature.get(signature);
    if (known !== undefined) known.blocks.push(...partial.blocks);
    else bySignature.set(signature, { ...rest, partial, source, blocks: [...partial.blocks] });
  }
  return [...bySignature.values()];
}

interface Merge extends Pick<MergeBatch, 'query' | 'isAll' | 'outer'> {
  readonly blocks: AlikeBlocks;
}

async function mergeAlike(
  query: JsonObject,
  { partial, source, blocks, ...rest }: AlikeBlocks,
  isAll: boolean,
  native: NativeQuery,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<Result[]> {
  const alike = { partial, source, blocks, ...rest };
  const merge: Merge = { query, blocks: alike, isAll, outer: null };
  const partials = await runMerge(merge, native, options, signal);
  return partials.map((each) => ({ ...rest, partial: each }));
}

async function runMerge(
  { query, blocks: { partial, source, blocks }, isAll, outer }: Merge,
  { context: { priority } }: NativeQuery,
  { executor, limits }: ScanOptions,
  signal: AbortSignal,
): Promise<PartialResult[]> {
  const memory = source.kind === 'segment' ? attachSegment(source.handle).scanMemory : null;
  invariant(memory !== null, 'blocks are of kernels');
  const { layout } = partial;
  const jobs = partitionRanges(blocks, mergeCapacity(memory, executor.parallelism, layout));
  const batch = { query, source, layout, blocks, jobs, isAll, outer, limits, priority };
  const partials = await executor.run({ kind: 'merge', ...batch }, signal);
  const made = partials.filter((each) => each !== null);
  const groups = made.reduce((sum, { rowsScanned }) => sum + rowsScanned, 0);
  if (groups > limits.maxGroups) throw tooManyGroups(limits.maxGroups);
  return made;
}
