import { invariant, type JsonObject } from '../../core/index.js';
import type { GroupBlocks } from '../compiler/group-blocks.js';
import type { PartialResult } from '../engines/engine.js';
import type { Executor, JobSource } from '../executor/executor.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { JobLimits } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import { type AlikeBlocks, runMerge } from '../plan/merge-blocks.js';
import type { QuerySpill } from './spill-space.js';
import type { SpilledPieces } from './spilled.js';

/** What writing groups of a query to disk needs, beside them. */
export interface SpillContext {
  readonly executor: Executor;
  readonly limits: JobLimits;
  /** As executors know it. */
  readonly spec: JsonObject;
  readonly query: NativeQuery;
  readonly spill: QuerySpill;
  readonly signal: AbortSignal;
}

/** Writes groups of one source, of which somebody may have to decode codes: null where there are none. */
export async function spillGroups(
  partials: readonly GroupPartial[],
  source: JobSource | null,
  { executor, spec, query, spill, signal }: SpillContext,
): Promise<readonly SpilledPieces[]> {
  const { priority } = query.context;
  const jobs = [{ source, partials }];
  const batch = { kind: 'spill', query: spec, jobs, target: spill.target(0), priority } as const;
  return piecesOf(await executor.run(batch, signal));
}

/** Merges blocks that mean the same and writes their groups by their values. */
export async function spillBlocks(
  blocks: Pick<AlikeBlocks, 'partial' | 'source' | 'blocks'>,
  context: SpillContext,
): Promise<readonly SpilledPieces[]> {
  const use = { kind: 'spill', target: context.spill.target(0) } as const;
  const { spec, query, signal } = context;
  return piecesOf(await runMerge(spec, blocks, use, query, context, signal));
}

const piecesOf = (partials: readonly (PartialResult | null)[]): readonly SpilledPieces[] =>
  partials.flatMap((partial) => (partial?.kind === 'spilled' ? partial.pieces : []));

/** The same groups on disk. */
export async function spilledPartial(
  partial: GroupPartial | GroupBlocks,
  source: JobSource | null,
  context: SpillContext,
): Promise<PartialResult> {
  const { visible, rowsScanned, compiled } = partial;
  if (partial.kind === 'groups') {
    const pieces = await spillGroups([partial], source, context);
    return { kind: 'spilled', pieces, visible, rowsScanned, compiled };
  }
  invariant(source !== null, 'blocks are of kernels');
  const pieces = await spillBlocks({ partial, source, blocks: [...partial.blocks] }, context);
  return { kind: 'spilled', pieces, visible, rowsScanned, compiled };
}
