import type { GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { OpenScan } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import { KernelCache } from './kernel-cache.js';
import type { Strategy } from './layout.js';
import { type Lowered, lowerPlan } from './lowered.js';
import { PerSegment } from './per-segment.js';
import { prepare } from './prepare.js';
import { runKernel } from './run.js';
import { Scratch, unlessFull } from './scratch.js';

/** Of this thread: workers share nothing but the bytes of segments. */
const cache = new KernelCache();

/** Plans that were taken apart. */
const plans = new PerSegment<Lowered>();

export interface CompileOptions {
  /** Tests force each strategy on the same data. */
  readonly strategy?: Strategy;
}

/**
 * Groups the rows of a job with a compiled kernel. Null when the plan, the segment or the room there
 * is does not allow it: then the interpreter does.
 */
export function compiledGroups(
  scan: OpenScan,
  query: BaseQuery,
  plan: GroupPlan,
  options: CompileOptions = {},
): GroupPartial | null {
  const { target } = scan;
  const { scanMemory } = target.segment;
  if (scanMemory === null || target.scratchSlot === null) return null;
  const lowered = plans.get(query, target.segment, () => lowerPlan(scan, query, plan));
  const scratch = lowered === null ? null : Scratch.of(scanMemory, target.scratchSlot);
  if (lowered === null || scratch === null) return null;
  const prepared = prepare(scan, query, plan, lowered, {
    roomBytes: scratch.freeBytes / 2,
    force: options.strategy ?? null,
  });
  if (prepared === null) return null;
  return unlessFull(() => runKernel({ scan, lowered, ...prepared }, cache, scratch));
}
