import type { JobResult, PartialResult, ScanEngine } from '../engines/engine.js';
import type { PieceBatch } from '../executor/executor.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { NativeQuery } from '../native/query.js';
import {
  alikeOf,
  checkGroups,
  isEmpty,
  type MergedResults,
  outerResults,
  withoutBlocks,
} from '../plan/merge-blocks.js';
import type { ScanOptions, ScanResult, ScanResults } from '../plan/scan-parts.js';
import { withoutTable } from '../plan/worker-spec.js';
import { partialBytes } from './partial-bytes.js';
import { pieceRanges } from './spill-partial.js';
import { type SpillContext, spillBlocks, spillGroups } from './spill-results.js';
import type { QuerySpill } from './spill-space.js';
import type { SpilledPieces } from './spilled.js';

/** What groups that are merged at a time take on disk; in memory it is some times as much. */
const BYTES_AT_ONCE = 8 * 2 ** 20;

/** As many times as much, at most. */
const SPREAD = 8;

/** A group takes more than that on disk: of as many as a thread may hold, so many bytes are no more. */
const LEAST_BYTES = 8;

/** Groups in memory that a worker is sent at a time. */
const BYTES_PER_SPILL = 16 * 2 ** 20;

/** Whether some groups of a scan lie on disk. */
export const isOnDisk = ({ results }: ScanResults): boolean =>
  results.some(
    ({ partial }) =>
      partial.kind === 'spilled' ||
      (partial.kind === 'blocks' &&
        partial.blocks.some(({ words }) => !(words instanceof Int32Array))),
  );

/** Whether they do, and not all as blocks that mean the same: then they can only be merged by their values. */
export function needsPieces(scanned: ScanResults): boolean {
  if (!isOnDisk(scanned)) return false;
  const areBlocks = scanned.results.every(
    ({ partial }) => partial.kind === 'blocks' || isEmpty(partial),
  );
  return !areBlocks || alikeOf(scanned).length > 1;
}

/** What merging needs beside the groups. */
export interface PieceContext {
  readonly query: NativeQuery;
  readonly options: ScanOptions;
  readonly spill: QuerySpill;
  readonly signal: AbortSignal;
}

/** As `mergeBlocks`, of groups some of which lie on disk: all that is not yet there goes there, too, and comes back a part of the values at a time. */
export async function mergePieces(
  engine: ScanEngine,
  scanned: ScanResults,
  context: PieceContext,
): Promise<readonly JobResult<PartialResult>[]> {
  const { query } = context;
  const use = { kind: 'answer', isAll: context.options.isShare !== true } as const;
  const partials = await runPieces(scanned, use, query, context);
  const seen = scanned.results.map((result) => withoutGroups(engine, query, result));
  const merged = partials.map((partial) => ({ partial, decoder: null, segmentId: null }));
  return [...seen, ...merged];
}

/** What is left of a result of a scan when its groups are on disk. */
export function withoutGroups(
  engine: ScanEngine,
  query: NativeQuery,
  { partial, ...rest }: ScanResult,
): JobResult<PartialResult> {
  const { visible } = partial as GroupPartial;
  return withoutBlocks(engine, query, { ...rest, partial: { ...NOTHING, visible } });
}

/**
 * The same a few parts of the values at a time, for whoever does not need them all at once, however many there are: what is in memory goes to disk first, and
 * `scanned` may then be released. They take about so much memory at a time.
 */
export async function piecesInTurn(
  scanned: ScanResults,
  memoryBytes: number,
  context: PieceContext,
): Promise<AsyncGenerator<readonly PartialResult[]>> {
  const most = memoryBytes / context.options.executor.parallelism / SPREAD;
  const batch = await pieceBatch(scanned, KEPT, context.query, { ...context, most });
  return runInTurn(batch, context);
}

async function* runInTurn(
  { jobs, ...batch }: PieceBatch,
  { options: { executor }, signal }: PieceContext,
): AsyncGenerator<readonly PartialResult[]> {
  for (let from = 0; from < jobs.length; from += executor.parallelism) {
    const wave = jobs.slice(from, from + executor.parallelism);
    const partials = await executor.run({ ...batch, jobs: wave }, signal);
    yield partials.filter((each) => each !== null);
  }
}

/** Others have groups as well: none can be left out. */
const KEPT = { kind: 'answer', isAll: false } as const;

/** As `scanMerged`. */
export async function scanPieces(
  scanned: ScanResults,
  outer: NativeQuery,
  context: PieceContext,
): Promise<MergedResults> {
  const spec = withoutTable(outer);
  const partials = await runPieces(scanned, { kind: 'outer', query: spec }, outer, context);
  return outerResults(partials, spec, context.options);
}

const NOTHING = { kind: 'spilled', pieces: [], rowsScanned: 0, compiled: null } as const;

async function runPieces(
  scanned: ScanResults,
  use: PieceBatch['use'],
  query: NativeQuery,
  context: PieceContext,
): Promise<PartialResult[]> {
  const { executor, limits } = context.options;
  const batch = await pieceBatch(scanned, use, query, context);
  const partials = await executor.run(batch, context.signal);
  const made = partials.filter((each) => each !== null);
  checkGroups(made, limits.maxGroups);
  return made;
}

async function pieceBatch(
  scanned: ScanResults,
  use: PieceBatch['use'],
  { context: { priority } }: NativeQuery,
  { most = BYTES_AT_ONCE, ...context }: PieceContext & { readonly most?: number },
): Promise<PieceBatch> {
  const { limits } = context.options;
  const pieces = await allPieces(scanned, context);
  const bytes = Math.min(BYTES_AT_ONCE, most, LEAST_BYTES * limits.maxGroups);
  const jobs = pieceRanges(pieces, bytes);
  return { kind: 'pieces', query: scanned.spec, pieces, jobs, use, limits, priority };
}

/** All groups of a scan on disk, in the order in which they are to be merged. */
async function allPieces(scanned: ScanResults, context: PieceContext): Promise<SpilledPieces[]> {
  const { options, ...rest } = context;
  const { executor, limits } = options;
  const spilling: SpillContext = { ...rest, executor, limits, spec: scanned.spec };
  const alike = new Map(alikeOf(scanned).map((blocks) => [blocks.partial, blocks]));
  const writing: Promise<readonly SpilledPieces[]>[] = [];
  let waiting: ScanResult[] = [];
  let bytes = 0;
  const spillWaiting = (): void => {
    const [first] = waiting;
    if (first === undefined) return;
    // Columns of a segment are in memory as long as somebody has to decode what is of it.
    const source = first.decoder === null ? null : first.source;
    const partials = waiting.map(({ partial }) => partial as GroupPartial);
    writing.push(spillGroups(partials, source, spilling));
    waiting = [];
    bytes = 0;
  };
  for (const result of scanned.results) {
    const { partial } = result;
    if (isEmpty(partial)) continue;
    if (partial.kind === 'groups') {
      if (bytes > BYTES_PER_SPILL || waiting.at(-1)?.decoder !== result.decoder) spillWaiting();
      waiting.push(result);
      bytes += partialBytes(partial);
      continue;
    }
    spillWaiting();
    if (partial.kind === 'spilled') writing.push(Promise.resolve(partial.pieces));
    const blocks = partial.kind === 'blocks' ? alike.get(partial) : undefined;
    if (blocks === undefined) continue;
    writing.push(spillBlocks(blocks, spilling));
  }
  spillWaiting();
  // Also after a failure: no job may write when the files are removed.
  const written = await Promise.allSettled(writing);
  return written.flatMap((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}
