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

type Result = JobResult<PartialResult>;

/** Blocks whose entries mean the same, in the order of the rows, and where they come from. */
interface AlikeBlocks extends Omit<Result, 'partial'> {
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
  const alike = alikeOf(scanned);
  if (alike.length === 0) return scanned.results;
  const others = scanned.results.map((result) => withoutBlocks(engine, query, result));
  const isAll = alike.length === 1 && others.every(({ partial }) => isEmpty(partial));
  const merged = await Promise.all(
    alike.map((blocks) => mergeAlike(scanned.spec, blocks, isAll, query, options, signal)),
  );
  return [...others, ...merged.flat()];
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

async function mergeAlike(
  spec: JsonObject,
  { partial, source, blocks, ...rest }: AlikeBlocks,
  isAll: boolean,
  query: NativeQuery,
  { executor, limits }: ScanOptions,
  signal: AbortSignal,
): Promise<Result[]> {
  const memory = source.kind === 'segment' ? attachSegment(source.handle).scanMemory : null;
  invariant(memory !== null, 'blocks are of kernels');
  const capacity = mergeCapacity(memory, executor.parallelism, partial.layout);
  const batch: MergeBatch = {
    kind: 'merge',
    query: spec,
    source,
    layout: partial.layout,
    blocks,
    jobs: partitionRanges(blocks, capacity),
    isAll,
    limits,
    priority: query.context.priority,
  };
  const partials = await executor.run(batch, signal);
  const results = partials.flatMap((each) => (each === null ? [] : [{ ...rest, partial: each }]));
  const groups = results.reduce((sum, { partial: { rowsScanned } }) => sum + rowsScanned, 0);
  if (groups > limits.maxGroups) throw tooManyGroups(limits.maxGroups);
  return results;
}
