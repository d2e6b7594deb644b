import type { GroupPartial } from '../interpreter/group-partial.js';
import type { GroupPlan } from '../interpreter/group-rows.js';
import type { OpenScan } from '../interpreter/walk.js';
import type { BaseQuery } from '../native/query.js';
import { KernelCache } from './kernel-cache.js';
import { layOut } from './lay-out.js';
import type { Strategy } from './layout.js';
import { type Lowered, lowerPlan } from './lowered.js';
import { runKernel } from './run.js';
import { NoRoomError, Scratch } from './scratch.js';

/** Of this thread: workers share nothing but the bytes of segments. */
const cache = new KernelCache();

/** Plans that were taken apart, by query and segment; null: to be interpreted. */
const known = new WeakMap<BaseQuery, WeakMap<object, Lowered | null>>();

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
  const lowered = loweredOf(scan, query, plan);
  const scratch = lowered === null ? null : Scratch.of(scanMemory, target.scratchSlot);
  if (lowered === null || scratch === null) return null;
  const laidOut = layOut(scan, lowered, plan, scratch.freeBytes / 2, options.strategy ?? null);
  if (laidOut === null) return null;
  try {
    return runKernel({ scan, lowered, ...laidOut }, cache, scratch);
  } catch (error) {
    if (error instanceof NoRoomError) return null;
    throw error;
  }
}

function loweredOf(scan: OpenScan, query: BaseQuery, plan: GroupPlan): Lowered | null {
  const { segment } = scan.target;
  let bySegment = known.get(query);
  if (bySegment === undefined) {
    bySegment = new WeakMap();
    known.set(query, bySegment);
  }
  let lowered = bySegment.get(segment);
  if (lowered === undefined) {
    lowered = lowerPlan(scan, query, plan);
    bySegment.set(segment, lowered);
  }
  return lowered;
}
