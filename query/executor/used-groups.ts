import { InternalError, invariant } from '../../core/index.js';
import type { PartialResult, ScanEngine } from '../engines/engine.js';
import { scanEngineOf } from '../engines/registry.js';
import type { GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import { tooManyGroups } from '../interpreter/group-table.js';
import type { Groups } from '../interpreter/groups.js';
import type { ScanTarget } from '../interpreter/target.js';
import type { NativeQuery } from '../native/query.js';
import { parseNativeQuery } from '../native/registry.js';
import type { GroupUse } from './executor.js';
import { scanGroups } from './scan-groups.js';

/** How a query that is known to make groups makes them. */
export function groupsOf(query: NativeQuery): { engine: ScanEngine; plan: GroupPlan } {
  const engine = scanEngineOf(query);
  const plan = engine?.groups(query) ?? null;
  if (engine === undefined || plan === null) throw new InternalError('merges are of group plans');
  return { engine, plan };
}

/** What an answer, or an outer query, takes of some of the groups, each of which is there once. */
export function usedGroups(
  use: GroupUse,
  query: NativeQuery,
  engine: ScanEngine,
  shared: Omit<ScanTarget, 'segment' | 'ranges' | 'extent' | 'spans'>,
): (groups: Groups, partial: (chosen: readonly number[] | null) => GroupPartial) => PartialResult {
  const outer = use.kind === 'outer' ? parseNativeQuery(use.query) : null;
  return (groups, partial) => {
    if (outer !== null) return scanOuter(outer, engine, query, groups, shared);
    const isAll = use.kind === 'answer' && use.isAll;
    return partial(isAll ? engine.candidates(query, groups) : null);
  };
}

/** The outer query over the groups of the inner one. */
function scanOuter(
  outer: NativeQuery,
  innerEngine: ScanEngine,
  inner: NativeQuery,
  groups: Groups,
  shared: Omit<ScanTarget, 'segment' | 'ranges' | 'extent' | 'spans'>,
): PartialResult {
  const rows = innerEngine.asRows(inner, groups);
  const engine = scanEngineOf(outer);
  invariant(rows !== null && engine !== undefined, 'groups are rows for an outer query');
  // The rest of this thread's part.
  const target = { ...shared, scratchSlot: shared.scratchSlot && { index: 0, count: 1 } };
  const range = { from: 0, to: rows.rowCount };
  const partial = scanGroups(engine, outer, rows.segment, range, target);
  return { ...partial, rowsScanned: rows.rowCount };
}

/** Counts the groups that a thread gathers before it sends them. */
export class GatheredGroups {
  #count = 0;

  constructor(private readonly maxGroups: number) {}

  /** Throws ResourceLimitError. */
  add(partial: PartialResult): void {
    if (partial.kind === 'groups') this.#count += partial.groupCount;
    if (this.#count > this.maxGroups) throw tooManyGroups(this.maxGroups);
  }
}
