import { invariant, type JsonObject, stringifyJson } from '../../core/index.js';
import { attachSegment } from '../../segments/index.js';
import type { GroupBlock, GroupBlocks } from '../compiler/group-blocks.js';
import { mergeCapacity, type PartitionRange, partitionRanges } from '../compiler/merge-plan.js';
import type { JobResult, PartialResult, ScanEngine } from '../engines/engine.js';
import type { GroupUse, JobSource } from '../executor/executor.js';
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

/** The results of a scan with their blocks merged, by workers, into groups that are there once. */
export async function mergeBlocks(
  engine: ScanEngine,
  query: NativeQuery,
  scanned: ScanResults,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<readonly Result[]> {
  if (scanned.results.every(({ partial }) => partial.kind !== 'blocks' || partial.few !== null)) {
    return scanned.results.map(fewOf);
  }
  const alike = alikeOf(scanned);
  const others = scanned.results.map((result) => withoutBlocks(engine, query, result));
  const isWhole = options.isShare !== true && alike.length === 1;
  const isAll = isWhole && others.every(({ partial }) => isEmpty(partial));
  const merging = await Promise.allSettled(
    alike.map(async (blocks) => {
      const use = { kind: 'answer', isAll } as const;
      const partials = await runMerge(scanned.spec, blocks, use, query, options, signal);
      const { decoder, segmentId } = blocks;
      return partials.map((partial): Result => ({ partial, decoder, segmentId }));
    }),
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

/** `rowsMerged` counts the groups that were read. */
export type MergedResults = ScanResults & { readonly rowsMerged: number };

/** The partials of a query over the groups that some blocks are merged to. */
export async function scanMerged(
  blocks: AlikeBlocks,
  inner: JsonObject,
  outer: NativeQuery,
  options: ScanOptions,
  signal: AbortSignal,
): Promise<MergedResults> {
  const spec = withoutTable(outer);
  const use = { kind: 'outer', query: spec } as const;
  const partials = await runMerge(inner, blocks, use, outer, options, signal);
  return outerResults(partials, spec, options);
}

/** What jobs found that read merged groups. */
export function outerResults(
  partials: readonly PartialResult[],
  spec: JsonObject,
  { stats }: ScanOptions,
): MergedResults {
  const results = partials.map((partial) => ({
    partial,
    decoder: null,
    segmentId: null,
    source: null,
  }));
  const rowsMerged = partials.reduce((sum, { rowsScanned }) => sum + rowsScanned, 0);
  stats.rowsScanned += rowsMerged;
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

export const isEmpty = (partial: PartialResult): boolean =>
  partial.kind === 'groups' && partial.groupCount === 0;

/** What else is known of a job: which times it saw. */
export function withoutBlocks(engine: ScanEngine, query: NativeQuery, result: Result): Result {
  const { partial } = result;
  if (partial.kind !== 'blocks' && partial.kind !== 'spilled') return result;
  const { dimensions, aggregations } = engine.groups(query)!;
  return { ...result, partial: noGroups(dimensions.length, aggregations.length, partial.visible) };
}

/** Equal for blocks whose entries mean the same. */
export function signatureOf({ layout, hasCodes }: GroupBlocks, segment: string | number): string {
  const json = stringifyJson({ ...layout, expectedSlots: 0 });
  return hasCodes ? `${json} ${segment}` : json;
}

export function alikeOf({ results }: Pick<ScanResults, 'results'>): AlikeBlocks[] {
  const bySignature = new Map<string, AlikeBlocks>();
  for (const { partial, source, ...rest } of results) {
    if (partial.kind !== 'blocks' || source === null) continue;
    if (partial.blocks.length === 0) continue;
    const signature = signatureOf(partial, rest.segmentId ?? '');
    const known = bySignature.get(signature);
    if (known !== undefined) known.blocks.push(...partial.blocks);
    else bySignature.set(signature, { ...rest, partial, source, blocks: [...partial.blocks] });
  }
  return [...bySignature.values()];
}

/** Merges blocks that mean the same; gives what `use` makes of the groups, range by range of `rangesOf`. */
export async function runMerge(
  query: JsonObject,
  { partial: { layout }, source, blocks }: Pick<AlikeBlocks, 'partial' | 'source' | 'blocks'>,
  use: GroupUse,
  { context: { priority } }: NativeQuery,
  { executor, limits }: Pick<ScanOptions, 'executor' | 'limits'>,
  signal: AbortSignal,
  rangesOf: typeof partitionRanges = partitionRanges,
): Promise<PartialResult[]> {
  const memory = source.kind === 'segment' ? attachSegment(source.handle).scanMemory : null;
  invariant(memory !== null, 'blocks are of kernels');
  const capacity = mergeCapacity(memory, executor.parallelism, layout);
  const jobs: PartitionRange[] = rangesOf(blocks, capacity, layout);
  const batch = { query, source, layout, blocks, jobs, use, limits, priority };
  const partials = await executor.run({ kind: 'merge', ...batch }, signal);
  const made = partials.filter((each) => each !== null);
  checkGroups(made, limits.maxGroups);
  return made;
}

/** Throws ResourceLimitError where more groups came back than this thread may hold. */
export function checkGroups(partials: readonly PartialResult[], maxGroups: number): void {
  const groups = partials.reduce(
    (sum, each) => sum + (each.kind === 'groups' ? each.groupCount : 0),
    0,
  );
  if (groups > maxGroups) throw tooManyGroups(maxGroups);
}
