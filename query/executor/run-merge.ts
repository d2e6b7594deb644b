import { InternalError, invariant } from '../../core/index.js';
import type { Segment } from '../../segments/index.js';
import type { EntryGroups } from '../compiler/entry-groups.js';
import { mergedGroups } from '../compiler/scan-groups.js';
import type { PartialResult, ScanEngine } from '../engines/engine.js';
import { scanEngineOf } from '../engines/registry.js';
import type { ScanTarget, ScratchSlot } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type { MergeBatch } from './executor.js';
import type { NumberedPartial } from './run-job.js';
import { scanGroups } from './scan-groups.js';

export interface MergeFacts {
  readonly query: NativeQuery;
  readonly segment: Segment;
  readonly scratchSlot: ScratchSlot | null;
  readonly checkCancelled: () => void;
}

/** Merges ranges of partitions until `claim` gives no more. */
export function runMerges(
  {
    layout,
    blocks,
    jobs,
    isAll,
    outer,
    limits,
  }: Omit<MergeBatch, 'kind' | 'query' | 'source' | 'priority'>,
  claim: () => number | null,
  { query, segment, scratchSlot, checkCancelled }: MergeFacts,
): NumberedPartial[] {
  const engine = scanEngineOf(query);
  const plan = engine?.groups(query) ?? null;
  if (engine === undefined || plan === null) throw new InternalError('blocks are of group plans');
  invariant('virtualColumns' in query, 'a query of groups has virtual columns');
  const extent = { from: 0, to: 0 };
  const shared = { limits, scratchSlot, givesBlocks: 'never', checkCancelled } as const;
  const target: ScanTarget = { segment, ranges: () => [], extent, spans: [], ...shared };
  const outerQuery = outer === null ? null : parseNativeQuery(outer);
  const partials: NumberedPartial[] = [];
  for (let job = claim(); job !== null; job = claim()) {
    checkCancelled();
    const merge = { query, plan, target, layout, blocks };
    const partial = mergedGroups(merge, jobs[job]!, (groups, partialOf) =>
      outerQuery === null
        ? partialOf(isAll ? engine.candidates(query, groups) : null)
        : scanOuter(outerQuery, engine, query, groups, target),
    );
    partials.push({ job, partial });
  }
  return partials;
}

/** The outer query over the groups of the inner one. */
function scanOuter(
  outer: NativeQuery,
  innerEngine: ScanEngine,
  inner: NativeQuery,
  groups: EntryGroups,
  target: ScanTarget,
): PartialResult {
  const rows = innerEngine.asRows(inner, groups);
  const engine = scanEngineOf(outer);
  invariant(rows !== null && engine !== undefined, 'groups are rows for an outer query');
  // The rest of this thread's part.
  const shared = { ...target, scratchSlot: { index: 0, count: 1 } };
  const range = { from: 0, to: rows.rowCount };
  const partial = scanGroups(engine, outer, rows.segment, range, shared);
  return { ...partial, rowsScanned: rows.rowCount };
}
